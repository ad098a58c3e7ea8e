/** Seeded randomness: the same seed and name give the same numbers, whatever other streams draw. */
export class Random {
  #state: number;

  private constructor(state: number) {
    this.#state = state;
  }

  static of(seed: number, name: string): Random {
    let state = (seed ^ 0x9e3779b9) >>> 0;
    for (let at = 0; at < name.length; at += 1) {
      state = Math.imul(state ^ name.charCodeAt(at), 0x01000193) >>> 0;
    }
    const random = new Random(state);
    for (let warm = 0; warm < 4; warm += 1) random.next();
    return random;
  }

  /** In [0, 1), by mulberry32. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  /** A whole number from `low` to `high`, both among them. */
  int(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  pick<T>(list: readonly [T, ...T[]]): T;
  pick<T>(list: readonly T[]): T;
  pick<T>(list: readonly T[]): T | undefined {
    return list[Math.floor(this.next() * list.length)];
  }

  /** One of the names, each as likely as its weight says. */
  weighted<Name extends string>(weights: readonly (readonly [Name, number])[]): Name {
    const total = weights.reduce((sum, [, weight]) => sum + weight, 0);
    let left = this.next() * total;
    for (const [name, weight] of weights) {
      left -= weight;
      if (left < 0) return name;
    }
    const [first] = weights;
    if (first === undefined) throw new Error("nothing to choose from");
    return first[0];
  }

  hex(digits: number): string {
    let text = "";
    while (text.length < digits) text += Math.floor(this.next() * 16).toString(16);
    return text;
  }
}
