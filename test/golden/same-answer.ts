/** Whether two JSON answers say the same, by the rules of this folder's README. */

/** Differs from run to run, or from instance to instance. */
const VOLATILE = new Set([
  "processingTimeMs",
  "requestUid",
  "createdAt",
  "updatedAt",
  "enqueuedAt",
  "startedAt",
  "finishedAt",
  "duration",
  "taskUid",
  "isIndexing",
  "batchUid",
  "metadata",
  // Bytes of databases: several small ones are not as large as one.
  "rawDocumentDbSize",
  "avgDocumentSize",
]);
/** Half of the fifth digit, and what a double may be off by. */
const FLOAT_TOLERANCE = 0.5e-5 + 1e-9;

/** JSON with every digit: integers that a double cannot hold are bigints. */
export function parseExactly(text: string): unknown {
  return JSON.parse(text, (_key: string, value: unknown, ...[context]: readonly unknown[]) => {
    if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
    const source = isObject(context) ? context["source"] : undefined;
    return typeof source === "string" && /^-?\d+$/.test(source) ? BigInt(source) : value;
  });
}

/** The path of the first difference, or undefined when the answers say the same. */
export function firstDifference(want: unknown, got: unknown, path = "$"): string | undefined {
  if (typeof want === "number" && typeof got === "number") {
    return isSameNumber(want, got) ? undefined : path;
  }
  if (Array.isArray(want) && Array.isArray(got)) {
    if (want.length !== got.length) return `${path}.length`;
    return firstOf(want.keys(), (at) => firstDifference(want[at], got[at], `${path}[${at}]`));
  }
  if (isObject(want) && isObject(got)) {
    const keys = new Set([...Object.keys(want), ...Object.keys(got)]);
    return firstOf(keys, (key) =>
      VOLATILE.has(key) ? undefined : differenceAt(want, got, key, `${path}.${key}`),
    );
  }
  return want === got ? undefined : path;
}

function differenceAt(
  want: Record<string, unknown>,
  got: Record<string, unknown>,
  key: string,
  path: string,
): string | undefined {
  if (!Object.hasOwn(want, key) || !Object.hasOwn(got, key)) return path;
  return firstDifference(want[key], got[key], path);
}

/** Whole numbers are compared as they are: only floats were rounded when recorded. */
function isSameNumber(want: number, got: number): boolean {
  if (want === got) return true;
  if (Number.isInteger(got) && Number.isInteger(want)) return false;
  return Math.abs(want - got) <= FLOAT_TOLERANCE;
}

function firstOf<T>(
  items: Iterable<T>,
  difference: (item: T) => string | undefined,
): string | undefined {
  for (const item of items) {
    const found = difference(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
