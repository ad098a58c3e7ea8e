/**
 * When a key ends: RFC 3339, or a date with or without a time, which then is UTC. It must lie in
 * the future. Clients get it back with the offset that they gave.
 */
import { rfc3339, type DateTime } from "../decode/rfc3339.ts";
import { taskDate } from "../query/task-date.ts";

export type Expiry = DateTime;

const PLAIN = /^\+?(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:[0-5]\d))?$/;

/** Undefined when the text is no date, or one that has passed. */
export function expiryOf(text: string, now: number): Expiry | undefined {
  const expiry = rfc3339(text) ?? plain(text);
  return expiry !== undefined && expiry.at > now ? expiry : undefined;
}

function plain(source: string): Expiry | undefined {
  const [, day, time = "00:00:00"] = PLAIN.exec(source) ?? [];
  const text = `${day}T${time}Z`;
  const at = taskDate(text, "before");
  return at === undefined ? undefined : { at, text };
}
