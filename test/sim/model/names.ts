/**
 * Which index readers may find under a uid, and when: as clients can know it from what was accepted
 * and what they were told is over. A name begins and ends somewhere in an interval.
 */
export interface Name {
  readonly uid: string;
  readonly physical: string;
  /** Readers may find it from here, and surely do from there on. */
  readonly from: number;
  readonly isFromSwap: boolean;
  sureFrom: number;
  /** Readers surely find it until here, and never from there on. */
  sureUntil: number;
  until: number;
}

export class Names {
  readonly #names: Name[] = [];

  /** The names that an index has or had. */
  of(physical: string): readonly Name[] {
    return this.#names.filter((name) => name.physical === physical);
  }

  begin(uid: string, physical: string, from: number, isFromSwap = false): Name {
    const name: Name = {
      uid,
      physical,
      from,
      isFromSwap,
      sureFrom: Infinity,
      sureUntil: Infinity,
      until: Infinity,
    };
    this.#names.push(name);
    return name;
  }

  /** What a read from `start` to `end` may have found; empty when it must have found nothing. */
  possible(uid: string, start: number, end: number): readonly Name[] {
    const own = this.#names.filter((name) => name.uid === uid);
    return own.filter(
      (name) =>
        name.from <= end &&
        name.until >= start &&
        // An index that is being deleted is found until a newer one of its name is.
        !own.some((other) => other.from > name.from && other.sureFrom < start),
    );
  }

  /** Whether a read in that time must have found an index. */
  isSure(uid: string, start: number, end: number): boolean {
    return this.#names.some(
      (name) => name.uid === uid && name.sureFrom < start && name.sureUntil > end,
    );
  }
}
