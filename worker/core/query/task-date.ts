/**
 * Dates in the filters of tasks: RFC 3339 with its time, or a day alone. A day counts as a whole:
 * after it is from the next midnight on.
 */
const DATE_TIME =
  /^(\d{4})-(\d\d)-(\d\d)\p{ASCII}(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/u;
const DAY = /^([+-]?\d{4})-(\d\d)-(\d\d)$/;

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** The last day that Meilisearch's calendar has. */
const LAST_DAY_MS = Date.UTC(9999, 11, 31);

/** Milliseconds since the Unix epoch, with a fraction if the text has one; undefined for no date. */
export function taskDate(text: string, bound: "before" | "after"): number | undefined {
  const time = DATE_TIME.exec(text);
  if (time !== null) return timeOf(time);
  const day = DAY.exec(text);
  if (day === null) return undefined;
  const midnight = midnightOf(day[1], day[2], day[3]);
  if (midnight === undefined || bound === "before") return midnight;
  return midnight >= LAST_DAY_MS ? midnight : midnight + DAY_MS;
}

type Part = string | undefined;

function midnightOf(year: Part, month: Part, day: Part): number | undefined {
  const date = new Date(0);
  // `Date.UTC` would take the years 0 to 99 for those of the 20th century.
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  const exists = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return exists ? date.getTime() : undefined;
}

function timeOf(parts: RegExpExecArray): number | undefined {
  const [, year, month, day, hour, minute, second, fraction = "", sign, hours, minutes] = parts;
  const midnight = midnightOf(year, month, day);
  const isLeapSecond = second === "60";
  if (midnight === undefined || Number(hour) > 23 || Number(minute) > 59) return undefined;
  if (Number(second) > 59 && !isLeapSecond) return undefined;
  if (Number(hours ?? 0) > 23 || Number(minutes ?? 0) > 59) return undefined;
  const offset = Number(hours ?? 0) * HOUR_MS + Number(minutes ?? 0) * MINUTE_MS;
  const wholeMinute =
    midnight +
    Number(hour) * HOUR_MS +
    Number(minute) * MINUTE_MS -
    (sign === "-" ? -offset : offset);
  if (isLeapSecond) return leapSecond(wholeMinute);
  return wholeMinute + Number(second) * SECOND_MS + Number(`0.${fraction}0`) * SECOND_MS;
}

/** As Meilisearch does: leap seconds are the last of a month, and count as the end of the one before. */
function leapSecond(wholeMinute: number): number | undefined {
  const next = new Date(wholeMinute + MINUTE_MS);
  const isFirstMidnight = next.getTime() % DAY_MS === 0 && next.getUTCDate() === 1;
  return isFirstMidnight ? next.getTime() - 1e-6 : undefined;
}
