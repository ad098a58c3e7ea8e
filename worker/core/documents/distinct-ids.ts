/**
 * Counts distinct document ids in bounded memory. Meilisearch reports distinct ids as
 * `indexedDocuments`; a set of texts would not fit an isolate. Ids are told apart by 64 bits of
 * hash: among a million ids the chance of a miscount is about 3 in 100 million. Above the limit it
 * gives up and says so.
 */
import { xxh32 } from "../placement/hash.ts";
import { DISTINCT_IDS_MAX } from "../limits.ts";

const SEED = 0x6d69726f;
const SLOTS_MIN = 256;

export class DistinctIds {
  /** Two words per slot: both zero means empty. */
  #slots = new Uint32Array(SLOTS_MIN * 2);
  #count = 0;
  #isFull = false;

  /** An id as the bytes of its canonical text. */
  add(id: Uint8Array): void {
    if (this.#isFull) return;
    // Zero marks an empty slot.
    const low = xxh32(id) || 1;
    if (!this.#insert(low, xxh32(id, SEED))) return;
    this.#count += 1;
    if (this.#count > DISTINCT_IDS_MAX) {
      this.#isFull = true;
      this.#slots = new Uint32Array(0);
    } else if (this.#count * 8 > this.#slots.length * 3) this.#grow();
  }

  /** How many distinct ids were added; undefined when there were too many to tell. */
  get count(): number | undefined {
    return this.#isFull ? undefined : this.#count;
  }

  #insert(low: number, high: number): boolean {
    const slots = this.#slots;
    const mask = slots.length / 2 - 1;
    for (let slot = (low ^ high) & mask; ; slot = (slot + 1) & mask) {
      const there = slots[slot * 2];
      if (there === 0) {
        slots[slot * 2] = low;
        slots[slot * 2 + 1] = high;
        return true;
      }
      if (there === low && slots[slot * 2 + 1] === high) return false;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += 2) {
      const low = old[at] ?? 0;
      if (low !== 0) this.#insert(low, old[at + 1] ?? 0);
    }
  }
}
