/**
 * Which Workers may still be reading an old topology. A Worker may use a snapshot until its lease
 * ends; a change that must be seen by all is complete when no lease on an older epoch is left.
 * Leases are kept in memory: after a restart every Worker is presumed to hold one.
 */
import type { Epoch } from "../ids.ts";

interface Lease {
  readonly epoch: Epoch;
  /** Milliseconds since the Unix epoch. */
  readonly until: number;
}

export class Leases {
  readonly #byName = new Map<string, Lease>();
  readonly #unknownUntil: number;

  /** `startedAt`: leases granted before it are unknown, and last at most `leaseMs` more. */
  constructor(startedAt: number, leaseMs: number) {
    this.#unknownUntil = startedAt + leaseMs;
  }

  grant(name: string, epoch: Epoch, until: number): void {
    this.#byName.set(name, { epoch, until });
  }

  /** The Worker has dropped the snapshot. */
  release(name: string): void {
    this.#byName.delete(name);
  }

  /** Milliseconds until no lease on an epoch before `epoch` can be alive. */
  waitMs(epoch: Epoch, now: number): number {
    let end = this.#unknownUntil;
    for (const [name, lease] of this.#byName) {
      if (lease.until <= now) this.#byName.delete(name);
      else if (lease.epoch < epoch) end = Math.max(end, lease.until);
    }
    return Math.max(0, end - now);
  }
}
