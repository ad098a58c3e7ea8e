/**
 * Takes writes into a log: each gets its place in the order in one commit, with its payload and with
 * what must come before it, or the answer to a write that gets none.
 */
import type { ErrorBody } from "../worker/core/errors/api-error.ts";
import { instant, taskUid, type Instant, type LogOffset } from "../worker/core/ids.ts";
import { GIVE_UP_SHARE } from "../worker/core/limits.ts";
import { primaryKeyOf, type Operation } from "../worker/core/log/operation.ts";
import { failedDetails } from "../worker/core/tasks/finished-details.ts";
import type { TaskLog } from "../worker/tasklog/task-log.ts";
import type { Cluster } from "./cluster.ts";
import { refusalOf } from "./refusal.ts";
import type { Append, AppendReply } from "./rpc.ts";
import type { LogStore } from "./storage/log-store.ts";

export interface Committed {
  readonly offset: LogOffset;
  readonly createdAt: Instant;
}

export interface CommitTools {
  readonly storage: DurableObjectStorage;
  readonly store: LogStore;
  readonly tasks: TaskLog;
  readonly cluster: DurableObjectStub<Cluster>;
  readonly now: () => number;
  readonly minInSync: number;
  readonly logBytesMax: number;
  readonly hasDocuments: () => Promise<boolean>;
  /** The log is nearly full: replicas that are away too long are given up. */
  readonly onNearlyFull: () => void;
  /** Sets the alarm that comes back to what was stored. */
  readonly onStored: () => void;
}

export class Commits {
  readonly #tools: CommitTools;

  constructor(tools: CommitTools) {
    this.#tools = tools;
  }

  get isFull(): boolean {
    const { store, logBytesMax } = this.#tools;
    return store.size > logBytesMax;
  }

  /** The write's entry, or the answer to a write that gets none. */
  async commit(append: Append): Promise<Committed | AppendReply> {
    const { store, logBytesMax, hasDocuments, onNearlyFull } = this.#tools;
    for (;;) {
      if (store.fact("closed") !== undefined) return { kind: "closed" };
      if (store.size > logBytesMax * GIVE_UP_SHARE) onNearlyFull();
      if (this.isFull) return { kind: "full", retryAfterSeconds: 5 };
      if (store.head() === 0 && !append.createsIndex) return { kind: "absent" };
      // An upload that was cut off here, or dropped for its age, must not be taken for whole.
      if (store.payloadRows(append.token) !== append.uploadedRows) return { kind: "incomplete" };
      const head = store.head();
      const primaryKey = store.fact("primaryKey");
      const refusal = await refusalOf(append, { head, primaryKey, hasDocuments });
      // What came in while nodes were asked may change the answer.
      if (store.head() !== head) continue;
      return refusal === undefined ? this.#write(append) : await this.#refuse(append, refusal);
    }
  }

  /** Rows, facts, entry and the alarm that comes back to them, all or none. */
  #write({ token, operation, task, rows, failure }: Append): Committed {
    const { storage, store, minInSync, onStored } = this.#tools;
    const now = this.#tools.now();
    try {
      const committed = storage.transactionSync(() => {
        if (store.fact("minInSync") === undefined) store.setFact("minInSync", String(minInSync));
        store.addPayload(token, rows, now);
        for (const before of this.#internalBefore(operation)) {
          store.append(`${token}/${before.kind}`, before, null, now);
        }
        store.remember(operation);
        const offset = store.append(token, operation, task, now);
        if (failure !== null) store.setError(offset, JSON.stringify(failure));
        return { offset, createdAt: instant(now) };
      });
      // Not after an await: an entry that is stored alone would wait for the next write.
      onStored();
      return committed;
    } catch (error) {
      store.measure();
      throw error;
    }
  }

  /** What must be in the log before the operation can be: the index itself, its primary key. */
  #internalBefore(operation: Operation): readonly Operation[] {
    const { store } = this.#tools;
    const primaryKey = primaryKeyOf(operation);
    if (store.head() === 0) {
      if (operation.kind === "createIndex") return [];
      return [{ kind: "createIndex", primaryKey: primaryKey ?? null }];
    }
    if (operation.kind !== "writeDocuments" || store.fact("primaryKey") !== undefined) return [];
    return [{ kind: "setPrimaryKey", primaryKey: operation.primaryKey }];
  }

  async #refuse(append: Append, error: ErrorBody): Promise<AppendReply> {
    const { store, cluster, tasks, now } = this.#tools;
    store.dropPayload(append.token);
    const enqueuedAt = instant(now());
    const { task, token, releasedLease } = append;
    if (releasedLease !== undefined) await cluster.releaseLease(releasedLease);
    const details = failedDetails(append.operation.kind, task.details);
    const failed = { ...task, details, token, log: null, enqueuedAt };
    const uid = await tasks.registerFailed(failed, error);
    return { kind: "accepted", uid: taskUid(uid), enqueuedAt };
  }
}
