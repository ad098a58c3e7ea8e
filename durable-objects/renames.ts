/**
 * Swaps and renames in the registry. Writers follow at once, before the answer is out: whatever is
 * accepted after it goes by the new names. Readers follow, all in one epoch, when what was written
 * before is applied; the logs hold back what comes behind.
 */
import { instant, type Epoch, type IndexUid, type PhysicalUid } from "../worker/core/ids.ts";
import type { Aliases } from "../worker/core/topology/aliases.ts";
import { exchanged } from "../worker/core/topology/swap.ts";
import type { ClusterView } from "./cluster-view.ts";
import { Holds } from "./holds.ts";
import { nameKey } from "./name-key.ts";
import type { IndexLog } from "./index-log.ts";
import type { Operations } from "./operations.ts";
import type { AcceptedOperation, RenameRequest } from "./rpc.ts";
import type { ClusterOperation, OperationStore } from "./storage/operation-store.ts";
import type { RegisteredIndex } from "./storage/registry-store.ts";

export interface RenameTools {
  readonly indexes: ReadonlyMap<PhysicalUid, RegisteredIndex>;
  readonly aliases: () => Aliases;
  readonly operations: OperationStore;
  readonly executor: Operations;
  readonly logs: DurableObjectNamespace<IndexLog>;
  readonly view: ClusterView;
  /** Indexes for which no lease is granted. */
  readonly changing: Set<PhysicalUid>;
  readonly put: (index: RegisteredIndex) => Epoch;
  readonly now: () => number;
  readonly inBackground: (work: Promise<void>) => void;
}

export class Renames {
  readonly #tools: RenameTools;
  /** Those that are about to be stored. */
  readonly #near = new Set<string>();

  constructor(tools: RenameTools) {
    this.#tools = tools;
  }

  /** Whether any name is changing, for writers or for readers. */
  get isUnderWay(): boolean {
    const stored = this.#tools.operations.all();
    return (
      this.#near.size > 0 || stored.some(({ operation }) => operation.kind === "renameIndexes")
    );
  }

  /** Whether this one is about to be stored, or stored and not over. */
  isRenaming(token: string): boolean {
    const stored = this.#tools.operations.all();
    return this.#near.has(token) || stored.some((one) => one.token === token);
  }

  async rename(request: RenameRequest): Promise<AcceptedOperation> {
    const { indexes, aliases, logs, view, changing, put } = this.#tools;
    const { type, indexUid, details, exchanges, primaryKey } = request;
    const token = crypto.randomUUID();
    const holds = new Holds(logs, token);
    this.#near.add(token);
    const renaming = await holds
      .around(() => exchanged(indexes.values(), exchanges, type, aliases()))
      // In the same turn as what follows: until then the logs must not take it for given up.
      .finally(() => this.#near.delete(token));
    const history: [IndexUid, IndexUid][] = [];
    if ("code" in renaming) {
      const refused = { type, indexUid, details, primaryKey, renaming, history };
      return await this.submit(crypto.randomUUID(), { kind: "renameIndexes", ...refused });
    }
    let epoch: Epoch | undefined;
    for (const [physical, uid] of renaming) {
      const index = indexes.get(physical);
      if (index === undefined) continue;
      history.push([index.uid, uid]);
      changing.add(physical);
      epoch = put({ ...index, uid });
    }
    // In one commit with the names: a restart must find what it has to finish.
    const names = [...renaming];
    const operation = { type, indexUid, details, primaryKey, renaming: names, history };
    return await this.submit(token, { kind: "renameIndexes", ...operation }, async () => {
      // Before the answer is out: what is written after it stands behind the key.
      if (primaryKey !== null) await nameKey(logs, { token, renaming: names, primaryKey });
      if (epoch !== undefined) await view.leasesEnded(epoch);
    });
  }

  /** Stores an operation, in the turn of the call; it is carried out after those before it. */
  async submit(
    token: string,
    operation: ClusterOperation,
    beforeStart?: () => Promise<void>,
  ): Promise<AcceptedOperation> {
    const { operations, executor, now, inBackground } = this.#tools;
    const createdAt = instant(now());
    operations.add(token, operation, createdAt);
    await beforeStart?.();
    const uid = await executor.register({ token, operation, createdAt, uid: null });
    inBackground(executor.run());
    return { uid, createdAt };
  }

  /** Readers go by these names from the epoch on. */
  readAs(names: readonly (readonly [PhysicalUid, IndexUid])[]): Epoch | undefined {
    const { indexes, changing, put } = this.#tools;
    let epoch: Epoch | undefined;
    for (const [physical, readUid] of names) {
      const index = indexes.get(physical);
      if (index === undefined) continue;
      epoch = put({ ...index, readUid });
      changing.delete(physical);
    }
    return epoch;
  }
}
