/**
 * A set of internal document ids as a bitmap. Ids are dense, so a bitmap is both the smallest and
 * the fastest form for what ranking does all the time: intersect, unite, subtract. Sets of
 * different sizes mix freely; bits beyond the end are absent.
 */
export class DocSet {
  private words: Uint32Array;

  constructor(capacity = 0) {
    this.words = new Uint32Array((capacity + 31) >>> 5);
  }

  static of(ids: Iterable<number>, capacity = 0): DocSet {
    const set = new DocSet(capacity);
    for (const id of ids) set.add(id);
    return set;
  }

  /** One more than the largest id that fits without growing. */
  get capacity(): number {
    return this.words.length << 5;
  }

  add(id: number): void {
    const at = id >>> 5;
    if (at >= this.words.length) this.grow(at + 1);
    this.words[at] = (this.words[at] ?? 0) | (1 << (id & 31));
  }

  remove(id: number): void {
    const at = id >>> 5;
    if (at < this.words.length) this.words[at] = (this.words[at] ?? 0) & ~(1 << (id & 31));
  }

  has(id: number): boolean {
    return ((this.words[id >>> 5] ?? 0) & (1 << (id & 31))) !== 0;
  }

  clone(): DocSet {
    const copy = new DocSet();
    copy.words = this.words.slice();
    return copy;
  }

  isEmpty(): boolean {
    for (let at = 0; at < this.words.length; at += 1) if (this.words[at] !== 0) return false;
    return true;
  }

  count(): number {
    let total = 0;
    for (let at = 0; at < this.words.length; at += 1) {
      let bits = this.words[at] ?? 0;
      if (bits === 0) continue;
      bits -= (bits >>> 1) & 0x55555555;
      bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
      total += (((bits + (bits >>> 4)) & 0x0f0f0f0f) * 0x01010101) >>> 24;
    }
    return total;
  }

  /** Adds every id of `other`. */
  unite(other: DocSet): this {
    if (other.words.length > this.words.length) this.grow(other.words.length);
    for (let at = 0; at < other.words.length; at += 1) {
      this.words[at] = (this.words[at] ?? 0) | (other.words[at] ?? 0);
    }
    return this;
  }

  /** Keeps only the ids that are in `other` too. */
  intersect(other: DocSet): this {
    for (let at = 0; at < this.words.length; at += 1) {
      this.words[at] = (this.words[at] ?? 0) & (other.words[at] ?? 0);
    }
    return this;
  }

  /** Removes every id of `other`. */
  subtract(other: DocSet): this {
    const length = Math.min(this.words.length, other.words.length);
    for (let at = 0; at < length; at += 1) {
      this.words[at] = (this.words[at] ?? 0) & ~(other.words[at] ?? 0);
    }
    return this;
  }

  /** The largest id, or -1. */
  last(): number {
    for (let at = this.words.length - 1; at >= 0; at -= 1) {
      const bits = this.words[at] ?? 0;
      if (bits !== 0) return (at << 5) + 31 - Math.clz32(bits);
    }
    return -1;
  }

  /** The smallest id that is not in the set. */
  firstAbsent(): number {
    for (let at = 0; at < this.words.length; at += 1) {
      const absent = ~(this.words[at] ?? 0);
      if (absent !== 0) return (at << 5) + 31 - Math.clz32(absent & -absent);
    }
    return this.capacity;
  }

  /** The ids, ascending. */
  toArray(limit = Infinity): number[] {
    const ids: number[] = [];
    for (let at = 0; at < this.words.length; at += 1) {
      let bits = this.words[at] ?? 0;
      while (bits !== 0) {
        if (ids.length >= limit) return ids;
        const low = bits & -bits;
        ids.push((at << 5) + 31 - Math.clz32(low));
        bits ^= low;
      }
    }
    return ids;
  }

  private grow(length: number): void {
    const larger = new Uint32Array(Math.max(length, this.words.length * 2));
    larger.set(this.words);
    this.words = larger;
  }
}
