/**
 * Swaps and renames of indexes, in the registry. Writers follow at once, before the answer is out:
 * whatever is accepted after it goes by the new names. Readers follow, all in one epoch, when what
 * was written before is applied.
 */
import type { Epoch, IndexUid, PhysicalUid } from "../worker/core/ids.ts";
import { exchanged } from "../worker/core/topology/swap.ts";
import { Holds } from "./holds.ts";
import type { IndexLog } from "./index-log.ts";
import type { RenameRequest } from "./rpc.ts";
import { sleep } from "./sleep.ts";
import type { ClusterOperation } from "./storage/operation-store.ts";
import type { RegisteredIndex } from "./storage/registry-store.ts";
import type { Succession } from "./succession.ts";

export interface RenameTools {
  readonly logs: DurableObjectNamespace<IndexLog>;
  readonly indexes: ReadonlyMap<PhysicalUid, RegisteredIndex>;
  /** Indexes with a structural write under way. */
  readonly changing: Set<PhysicalUid>;
  readonly succession: Succession;
  readonly put: (index: RegisteredIndex) => void;
  readonly advance: () => Epoch;
  readonly leasesEnded: () => Promise<void>;
}

/** How often a change of names looks whether the exchange it waits for is over. */
const SUCCESSION_POLL_MS = 50;

export class Renames {
  readonly #tools: RenameTools;
  /** Swaps that are about to be stored. */
  readonly #beginning = new Set<string>();

  constructor(tools: RenameTools) {
    this.#tools = tools;
  }

  get isAnyBeginning(): boolean {
    return this.#beginning.size > 0;
  }

  isBeginning(token: string): boolean {
    return this.#beginning.has(token);
  }

  /** Gives writers the new names, and stores what is left to do; what `store` made of it. */
  async begin<T>(
    token: string,
    { type, indexUid, details, exchanges }: RenameRequest,
    store: (operation: ClusterOperation) => T,
  ): Promise<T> {
    const { logs, indexes, succession, changing, put, leasesEnded } = this.#tools;
    while (succession.isNear) await sleep(SUCCESSION_POLL_MS);
    const holds = new Holds(logs, token);
    this.#beginning.add(token);
    const renaming = await holds
      .around(() => exchanged(indexes.values(), exchanges))
      // In the same turn as what follows: until then the logs must not take it for given up.
      .finally(() => this.#beginning.delete(token));
    const history: [IndexUid, IndexUid][] = [];
    const operation = { kind: "renameIndexes", type, indexUid, details, history } as const;
    if ("code" in renaming) return store({ ...operation, renaming });
    for (const [physical, uid] of renaming) {
      const index = indexes.get(physical);
      if (index === undefined) continue;
      history.push([index.uid, uid]);
      changing.add(physical);
      put({ ...index, uid });
    }
    // In one commit with the names: a restart must find what it has to finish.
    const stored = store({ ...operation, renaming: [...renaming] });
    await leasesEnded();
    return stored;
  }

  /** Readers go by these names from now on, all at once. */
  readAs(names: readonly (readonly [PhysicalUid, IndexUid])[]): Epoch {
    const { indexes, changing, put, advance } = this.#tools;
    for (const [physical, readUid] of names) {
      const index = indexes.get(physical);
      if (index === undefined) continue;
      put({ ...index, readUid });
      changing.delete(physical);
    }
    return advance();
  }
}
