/** RFC 3339 dates with their time, as Rust's `time` reads and prints them. */
import { taskDate } from "../query/task-date.ts";

export interface DateTime {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** In normal form, with the offset that was given. */
  readonly text: string;
}

const RFC_3339 =
  /^(\d{4}-\d\d-\d\d)\p{ASCII}(\d\d:\d\d:)(\d\d)(?:\.(\d+))?(?:[Zz]|([+-]\d\d:\d\d))$/u;

/** Undefined when the text is none. */
export function rfc3339(source: string): DateTime | undefined {
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
