/**
 * Makes the logs that a swap or a rename concerns hold back what comes behind it: a write that goes
 * by the new names must not end before readers go by them too. A hold that nobody releases is
 * dropped by its log once the Cluster knows nothing of the swap.
 */
import type { ErrorBody } from "../worker/core/errors/api-error.ts";
import type { PhysicalUid } from "../worker/core/ids.ts";
import type { Renaming } from "../worker/core/topology/swap.ts";
import type { IndexLog } from "./index-log.ts";

export class Holds {
  readonly #logs: DurableObjectNamespace<IndexLog>;
  readonly #token: string;
  readonly #held = new Set<PhysicalUid>();

  constructor(logs: DurableObjectNamespace<IndexLog>, token: string) {
    this.#logs = logs;
    this.#token = token;
  }

  /**
   * What `decide` says once all logs it speaks of hold. Asked again after each wait, as other swaps
   * go on meanwhile; its last answer is current when this returns.
   */
  async around(decide: () => Renaming | ErrorBody): Promise<Renaming | ErrorBody> {
    for (;;) {
      const renaming = decide();
      const wanted = "code" in renaming ? [] : [...renaming.keys()];
      const open = wanted.filter((log) => !this.#held.has(log));
      const surplus = [...this.#held].filter((log) => !wanted.includes(log));
      if (open.length === 0 && surplus.length === 0) return renaming;
      for (const log of open) await this.#logs.getByName(log).hold(this.#token);
      for (const log of surplus) await this.#logs.getByName(log).release(this.#token);
      for (const log of open) this.#held.add(log);
      for (const log of surplus) this.#held.delete(log);
    }
  }
}
