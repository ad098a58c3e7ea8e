/**
 * Which Workers may still be reading an old topology. A Worker may use a snapshot until its lease
 * ends; a change that must be seen by all is complete when no lease on an older epoch is left.
 * Leases are kept in memory. What is stored of them is a horizon, a time that no lease outlives,
 * moved seldom: after a restart every Worker is presumed to hold a lease until then.
 */
import type { Epoch } from "../ids.ts";

export interface Lease {
  readonly epoch: Epoch;
  /** Milliseconds since the Unix epoch. */
  readonly until: number;
}

export class Leases {
  readonly #byName = new Map<string, readonly Lease[]>();
  readonly #unknownUntil: number;
  #horizon: number;

  /** `horizon`: as it was stored last; leases granted before the restart are unknown until then. */
  constructor(horizon: number) {
    this.#unknownUntil = horizon;
    this.#horizon = horizon;
  }

  /**
   * Grants a lease; a number is the new horizon, to be stored before the lease is given out.
   *
   * `known` is the epoch that the holder says it uses. Until it says a newer one, an older lease of
   * its own counts beside the new: of two answers on their way to it, either may arrive first.
   */
  grant(
    name: string,
    known: Epoch | undefined,
    { epoch, until }: Lease,
    now: number,
  ): number | undefined {
    const older = (this.#byName.get(name) ?? []).filter(
      (lease) => lease.until > now && lease.epoch !== epoch && lease.epoch >= (known ?? 0),
    );
    this.#byName.set(name, [...older, { epoch, until }]);
    if (until <= this.#horizon) return undefined;
    // Twice as far as needed, so that it moves once per lease time and not with every lease.
    this.#horizon = until + (until - now);
    return this.#horizon;
  }

  /** The Worker has dropped the snapshot. */
  release(name: string): void {
    this.#byName.delete(name);
  }

  /** Milliseconds until no lease on an epoch before `epoch` can be alive. */
  waitMs(epoch: Epoch, now: number): number {
    let end = this.#unknownUntil;
    for (const [name, leases] of this.#byName) {
      const alive = leases.filter((lease) => lease.until > now);
      if (alive.length === 0) this.#byName.delete(name);
      for (const lease of alive) if (lease.epoch < epoch) end = Math.max(end, lease.until);
    }
    return Math.max(0, end - now);
  }
}
