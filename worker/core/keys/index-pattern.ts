/** Which indexes a key or a tenant token covers: uids, or the start of uids followed by a star. */
import { unexpected } from "../decode/mistakes.ts";
import type { Json } from "../decode/json.ts";
import { text } from "../decode/decoders.ts";
import type { Place } from "../decode/place.ts";

const UID = /^[A-Za-z0-9_-]{1,400}$/;

/** A pattern of a key's body. */
export function indexPattern(value: Json, at: Place): string {
  const pattern = text(value, at);
  const uid = pattern.endsWith("*") ? pattern.slice(0, -1) : pattern;
  if (pattern === "*" || UID.test(uid)) return pattern;
  throw unexpected(
    at,
    // As Meilisearch does: the last star is left out of what it quotes.
    `\`${uid}\` is not a valid index uid pattern. Index uid patterns can be an integer or a string containing only alphanumeric characters, hyphens (-), underscores (_), and optionally end with a star (*).`,
  );
}

export function isExact(pattern: string): boolean {
  return !pattern.endsWith("*");
}

export function matchesIndex(pattern: string, index: string): boolean {
  return isExact(pattern) ? pattern === index : index.startsWith(pattern.slice(0, -1));
}

export function matchesAny(patterns: Iterable<string>, index: string): boolean {
  for (const pattern of patterns) if (matchesIndex(pattern, index)) return true;
  return false;
}

/** Whether a key with these patterns is limited to no index at all. */
export function coverAll(patterns: Iterable<string>): boolean {
  for (const pattern of patterns) if (pattern === "*") return true;
  return false;
}
