/** Entries that come from another log, or from Miroir itself: kept, in one commit each, once. */
import type { Operation } from "../../worker/core/log/operation.ts";
import { beginReshard, isOver, reshardStateOf } from "../../worker/core/reshard/reshard-state.ts";
import type { Adopted, Seed } from "../rpc.ts";
import type { LogStore } from "../storage/log-store.ts";
import type { Verdicts } from "../storage/verdicts.ts";

const NOBODYS = { task: null, uid: null, canceledBy: null, failure: null, conditional: null };

export class Adoption {
  readonly #storage: DurableObjectStorage;
  readonly #store: LogStore;
  readonly #verdicts: Verdicts;
  readonly #now: () => number;

  constructor(
    storage: DurableObjectStorage,
    store: LogStore,
    verdicts: Verdicts,
    now: () => number,
  ) {
    this.#storage = storage;
    this.#store = store;
    this.#verdicts = verdicts;
    this.#now = now;
  }

  /** The entry that asks for a reshard; false when one is under way, or the index is ending. */
  beginReshard(id: string, shardCount: number): boolean {
    const store = this.#store;
    const text = store.fact("reshard");
    const known = text === undefined ? undefined : reshardStateOf(text);
    if (known?.id === id) return true;
    if (known !== undefined && !isOver(known)) return false;
    if (store.fact("closed") !== undefined || store.head() === 0) return false;
    this.#storage.transactionSync(() => {
      store.setFact("reshard", JSON.stringify(beginReshard(id, shardCount)));
      store.append(id, { kind: "reshard", shardCount }, null, this.#now());
    });
    return true;
  }

  seed({ primaryKey, settings, minInSync }: Seed): void {
    const store = this.#store;
    if (store.head() > 0) return;
    const creation: Operation = { kind: "createIndex", primaryKey: primaryKey ?? null };
    const restore: Operation = { kind: "restoreSettings", embedders: [] };
    this.#storage.transactionSync(() => {
      store.remember(creation);
      if (settings !== undefined) store.setFact("settings", settings);
      if (minInSync !== undefined) store.setFact("minInSync", minInSync);
      store.append("seed/index", creation, null, this.#now());
      store.append("seed/settings", restore, null, this.#now());
    });
  }

  beginUpload(token: string): boolean {
    if (this.#store.entryOfToken(token) !== undefined) return false;
    this.#store.dropPayload(token);
    return true;
  }

  adopt(adopted: Adopted): void {
    const { token, operation, task, uid, canceledBy, failure, conditional, createdAt } = adopted;
    const store = this.#store;
    if (store.entryOfToken(token) !== undefined) return;
    this.#storage.transactionSync(() => {
      const offset = store.append(token, operation, task, createdAt);
      if (uid !== null) store.setUid(offset, uid);
      if (conditional !== null) this.#verdicts.add(token, conditional);
      if (failure !== null) store.setError(offset, JSON.stringify(failure));
      if (uid !== null && canceledBy !== null) store.cancel([uid], canceledBy);
      store.remember(operation);
    });
  }

  discard(): void {
    const operation: Operation = { kind: "deleteIndex" };
    this.adopt({ token: "discard", operation, ...NOBODYS, createdAt: this.#now() });
  }
}
