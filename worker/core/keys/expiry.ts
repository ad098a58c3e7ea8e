/**
 * When a key ends: RFC 3339, or a date with or without a time, which then is UTC. It must lie in
 * the future. Clients get it back with the offset that they gave.
 */
import { taskDate } from "../query/task-date.ts";

export interface Expiry {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly text: string;
}

const RFC_3339 =
  /^(\d{4}-\d\d-\d\d)\p{ASCII}(\d\d:\d\d:)(\d\d)(?:\.(\d+))?(?:[Zz]|([+-]\d\d:\d\d))$/u;
const PLAIN = /^\+?(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:[0-5]\d))?$/;

/** Undefined when the text is no date, or one that has passed. */
export function expiryOf(text: string, now: number): Expiry | undefined {
  const expiry = rfc3339(text) ?? plain(text);
  return expiry !== undefined && expiry.at > now ? expiry : undefined;
}

function rfc3339(source: string): Expiry | undefined {
  const at = taskDate(source, "before");
  const parts = RFC_3339.exec(source);
  if (at === undefined || parts === null) return undefined;
  const [, day, time, second = "", fraction = "", offset = "Z"] = parts;
  // As Meilisearch does: a leap second counts as the end of the one before.
  const seconds = second === "60" ? "59.999999999" : second + fractionText(fraction);
  const zone = /^[+-]00:00$/.test(offset) ? "Z" : offset;
  return { at, text: `${day}T${time}${seconds}${zone}` };
}

/** Nanoseconds, without trailing zeros. */
function fractionText(digits: string): string {
  const nanos = digits.slice(0, 9).replace(/0+$/, "");
  return nanos === "" ? "" : `.${nanos}`;
}

function plain(source: string): Expiry | undefined {
  const [, day, time = "00:00:00"] = PLAIN.exec(source) ?? [];
  const text = `${day}T${time}Z`;
  const at = taskDate(text, "before");
  return at === undefined ? undefined : { at, text };
}
