/**
 * The shard mark: the hidden field that says which shard a document belongs to. Its value is made
 * of separator characters only, because a filter finds it by equality while no search query can
 * (Meilisearch never tokenises separators). `«` and `»` are in Meilisearch's default separators
 * and are the ones least likely to be wanted as `nonSeparatorTokens`.
 */
import type { ShardId } from "../ids.ts";
import { SHARD_COUNT_MAX } from "../limits.ts";

/** Reserved field name; a client document that has it is refused. */
export const MARK_FIELD = "_miroir_shard";

/** The characters that must stay separators on nodes. */
export const MARK_CHARACTERS = ["«", "»"] as const;

const WIDTH = Math.log2(SHARD_COUNT_MAX);

/** The mark of a shard: its number in binary, `«` for 0 and `»` for 1, at a fixed width. */
export function shardMark(shard: ShardId): string {
  return shard
    .toString(2)
    .padStart(WIDTH, "0")
    .replace(/[01]/g, (bit) => MARK_CHARACTERS[bit === "0" ? 0 : 1]);
}

/** The shard of a mark, or undefined when the text is not a mark. */
export function shardOfMark(mark: string): number | undefined {
  if (mark.length !== WIDTH || !/^[«»]+$/.test(mark)) return undefined;
  const bits = mark.replace(/[«»]/g, (character) => (character === MARK_CHARACTERS[0] ? "0" : "1"));
  return Number.parseInt(bits, 2);
}

/** A Meilisearch filter that keeps only the documents of these shards. */
export function shardFilter(shards: readonly ShardId[]): string {
  return `${MARK_FIELD} IN [${shards.map((shard) => `"${shardMark(shard)}"`).join(", ")}]`;
}
