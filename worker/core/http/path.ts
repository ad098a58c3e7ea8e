/** The path that a request means, written in one way, so that routes are found as Meilisearch finds them. */

const UNRESERVED = /%(?:2d|2e|3[0-9]|4[1-9a-f]|5[0-9af]|6[1-9a-f]|7[0-9ae])/gi;

/**
 * As Meilisearch does: repeated slashes are one, trailing ones are none, and a letter that was
 * needlessly escaped is that letter.
 */
export function normalPath(path: string): string {
  const merged = path.includes("//") ? path.replaceAll(/\/{2,}/g, "/") : path;
  const trimmed = merged.length > 1 && merged.endsWith("/") ? merged.slice(0, -1) : merged;
  if (!trimmed.includes("%")) return trimmed;
  return trimmed.replaceAll(UNRESERVED, (escape) =>
    String.fromCharCode(Number.parseInt(escape.slice(1), 16)),
  );
}
