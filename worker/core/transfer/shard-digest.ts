/**
 * What a replica holds of a shard, as a few numbers that two replicas agree on exactly when they
 * hold the same documents. Independent of the order of documents, which differs between nodes, and
 * of the order of their members: nodes write them in the order in which they first saw each field.
 * Vectors are left out: nodes may keep them rounded.
 */
import { members } from "../json/text-scanner.ts";
import { xxh32 } from "../placement/hash.ts";

/** Ids are split over so many ranges, so that a difference can be told from a wreck. */
export const DIGEST_RANGES = 16;

const VECTORS_FIELD = "_vectors";
const SECOND_SEED = 0x9747b28c;
const encoder = new TextEncoder();

interface Range {
  documents: number;
  first: number;
  second: number;
}

export class ShardDigest {
  readonly #ranges: readonly Range[] = Array.from({ length: DIGEST_RANGES }, () => ({
    documents: 0,
    first: 0,
    second: 0,
  }));

  get documents(): number {
    return this.#ranges.reduce((sum, { documents }) => sum + documents, 0);
  }

  /** One more document, as the object text that a node answers with. */
  add(text: string, primaryKey: string): void {
    const parts = members(text)
      .filter(({ key }) => key !== VECTORS_FIELD)
      .map(({ key, valueStart, valueEnd }) => ({ key, value: text.slice(valueStart, valueEnd) }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const content = encoder.encode(JSON.stringify(parts));
    // A nested key is no member: then the whole document says where it belongs.
    const id = parts.find(({ key }) => key === primaryKey)?.value;
    const place = id === undefined ? content : encoder.encode(id);
    const range = this.#ranges[xxh32(place, SECOND_SEED) % DIGEST_RANGES];
    if (range === undefined) return;
    range.documents += 1;
    range.first = (range.first + xxh32(content)) >>> 0;
    range.second = (range.second + xxh32(content, SECOND_SEED)) >>> 0;
  }

  /** How many ranges of ids differ. */
  differences(other: ShardDigest): number {
    return this.#ranges.filter((range, position) => !same(range, other.#ranges[position])).length;
  }

  /** For people: two digests that differ are as good as certain to differ in it. */
  get short(): string {
    const key = encoder.encode(this.key);
    return [xxh32(key), xxh32(key, SECOND_SEED)]
      .map((half) => half.toString(16).padStart(8, "0"))
      .join("");
  }

  /** The same text exactly when there are no differences. */
  get key(): string {
    return this.#ranges
      .map(({ documents, first, second }) => `${documents}:${first}:${second}`)
      .join(" ");
  }
}

function same(one: Range, other: Range | undefined): boolean {
  return (
    one.documents === other?.documents && one.first === other.first && one.second === other.second
  );
}
