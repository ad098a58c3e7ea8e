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
  /** The name of the index whose place this one takes, and the moment that names are ordered by. */
  readonly replaces: Name | undefined;
  readonly since: number;
  sureFrom: number;
  /** From here on they surely find it or, before it, the one whose place it takes. */
  leadsFrom: number;
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

  begin(
    uid: string,
    physical: string,
    from: number,
    { isFromSwap = false, replaces }: { isFromSwap?: boolean; replaces?: Name } = {},
  ): Name {
    const name: Name = {
      uid,
      physical,
      from,
      isFromSwap,
      replaces,
      since: replaces?.since ?? from,
      sureFrom: Infinity,
      leadsFrom: Infinity,
      sureUntil: Infinity,
      until: Infinity,
    };
    this.#names.push(name);
    return name;
  }

  /** Readers surely find it from now on. */
  ensure(name: Name, now: number): void {
    name.sureFrom = Math.min(name.sureFrom, now);
    name.leadsFrom = Math.min(name.leadsFrom, now);
  }

  /** Another index takes the place of this one, at some moment from now on. */
  handOver(
    old: string,
    next: string,
    now: number,
  ): readonly { readonly from: Name; readonly to: Name }[] {
    const open = this.of(old).filter(({ until }) => until === Infinity);
    return open.map((from) => {
      const { uid, sureFrom, leadsFrom, sureUntil } = from;
      const isFromSwap = from.isFromSwap && sureFrom === Infinity;
      const to = this.begin(uid, next, now, { isFromSwap, replaces: from });
      to.leadsFrom = leadsFrom;
      to.sureUntil = sureUntil;
      from.sureUntil = Math.min(sureUntil, now);
      return { from, to };
    });
  }

  /** Nobody finds the old one any more. */
  handedOver(old: string, next: string, now: number): void {
    for (const name of this.of(old)) name.until = Math.min(name.until, now);
    for (const name of this.of(next)) if (!name.isFromSwap) this.ensure(name, now);
  }

  /** What a read from `start` to `end` may have found; empty when it must have found nothing. */
  possible(uid: string, start: number, end: number): readonly Name[] {
    const own = this.#names.filter((name) => name.uid === uid);
    return own.filter(
      (name) =>
        name.from <= end &&
        name.until >= start &&
        // An index that is being deleted is found until a newer one of its name is.
        !own.some(
          ({ since, replaces, sureFrom }) =>
            (since > name.since || replaces === name) && sureFrom < start,
        ),
    );
  }

  /** Whether a read in that time must have found an index. */
  isSure(uid: string, start: number, end: number): boolean {
    return this.#names.some(
      (name) => name.uid === uid && name.leadsFrom < start && name.sureUntil > end,
    );
  }
}
