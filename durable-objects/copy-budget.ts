/** What the copies of all indexes may take together. Forgotten with a restart: then a page goes free. */
import { charged, NO_DEBT, waitMs } from "../worker/core/transfer/copy-pace.ts";

export class CopyBudget {
  readonly #bytesPerSecond: number | undefined;
  readonly #now: () => number;
  #debt = NO_DEBT;

  constructor(bytesPerSecond: number | undefined, now: () => number) {
    this.#bytesPerSecond = bytesPerSecond;
    this.#now = now;
  }

  /** Charges for what was copied; milliseconds to wait before more is. */
  pace(bytes: number): number {
    const now = this.#now();
    const rate = this.#bytesPerSecond;
    if (rate !== undefined && bytes > 0) this.#debt = charged(this.#debt, bytes, rate, now);
    return waitMs(this.#debt, now);
  }
}
