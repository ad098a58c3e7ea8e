/**
 * A count that a client sent, as JSON says it back. The greatest one that Meilisearch takes is not
 * a double; it is the one beyond 2^53 that clients do send, to say "all".
 */
const U64_MAX = "18446744073709551615";

export function countText(count: number): string {
  if (Number.isSafeInteger(count)) return String(count);
  return count >= 2 ** 64 ? U64_MAX : BigInt(count).toString();
}
