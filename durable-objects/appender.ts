/**
 * Commits one write: its place in the order, in one commit with its payload and what it means for
 * those behind it; or the answer to a write that gets no place.
 */
import type { Config } from "../worker/config.ts";
import type { ErrorBody } from "../worker/core/errors/api-error.ts";
import { instant, type IndexUid, type Instant, type LogOffset } from "../worker/core/ids.ts";
import { GIVE_UP_SHARE } from "../worker/core/limits.ts";
import { primaryKeyOf, type Operation } from "../worker/core/log/operation.ts";
import { conditionOf } from "../worker/core/log/conditional-failures.ts";
import { failedDetails } from "../worker/core/tasks/finished-details.ts";
import type { TaskLog } from "../worker/tasklog/task-log.ts";
import type { Cluster } from "./cluster.ts";
import { refusalOf } from "./refusal.ts";
import type { Append, AppendReply } from "./rpc.ts";
import type { LogStore } from "./storage/log-store.ts";
import type { Verdicts } from "./storage/verdicts.ts";

export interface AppenderTools {
  readonly storage: DurableObjectStorage;
  readonly store: LogStore;
  readonly verdicts: Verdicts;
  readonly config: Pick<Config, "logBytesMax" | "minInSync">;
  readonly now: () => number;
  /** Whether the index holds documents, once everything in the log has been applied. */
  readonly hasDocuments: () => Promise<boolean>;
  /** Writes will be refused soon, unless a replica is given up. */
  readonly onNearlyFull: () => void;
  /** Called in the turn of the commit. */
  readonly onStored: () => void;
  readonly tasks: TaskLog;
  readonly cluster: DurableObjectStub<Cluster>;
}

export interface Committed {
  readonly offset: LogOffset;
  readonly createdAt: Instant;
}

export class Appender {
  readonly #tools: AppenderTools;

  constructor(tools: AppenderTools) {
    this.#tools = tools;
  }

  /** The write's entry, or the answer to a write that gets none. */
  async commit(append: Append): Promise<Committed | AppendReply> {
    const { store, config, onNearlyFull } = this.#tools;
    for (;;) {
      if (store.fact("closed") !== undefined) return { kind: "closed" };
      if (store.size > config.logBytesMax * GIVE_UP_SHARE) onNearlyFull();
      if (store.size > config.logBytesMax) return { kind: "full", retryAfterSeconds: 5 };
      if (store.head() === 0 && !append.createsIndex) return { kind: "absent" };
      // An upload that was cut off here, or dropped for its age, must not be taken for whole.
      if (store.payloadRows(append.token) !== append.uploadedRows) return { kind: "incomplete" };
      const head = store.head();
      const refusal = await this.#refusal(append.operation, append.task.indexUid);
      // What came in while nodes were asked may change the answer.
      if (store.head() !== head) continue;
      return refusal === undefined ? this.#write(append) : await this.#refuse(append, refusal);
    }
  }

  /**
   * Names the primary key in an entry of its own, without a task; the entry's offset, or why one
   * Meilisearch would refuse it. Repeatable by its token.
   */
  async namePrimaryKey(
    token: string,
    uid: IndexUid,
    primaryKey: string,
  ): Promise<LogOffset | ErrorBody> {
    const { storage, store, now, onStored } = this.#tools;
    const operation: Operation = { kind: "setPrimaryKey", primaryKey };
    for (;;) {
      const known = store.entryOfToken(token)?.offset;
      if (known !== undefined) return known;
      const head = store.head();
      if (store.fact("closed") !== undefined) return head;
      const refusal = await this.#refusal(operation, uid);
      if (refusal !== undefined) return refusal;
      if (store.head() === head) break;
    }
    const offset = storage.transactionSync(() => {
      store.remember(operation);
      return store.append(token, operation, null, now());
    });
    onStored();
    return offset;
  }

  async #refusal(operation: Operation, indexUid: IndexUid): Promise<ErrorBody | undefined> {
    const { store, hasDocuments } = this.#tools;
    const known = { head: store.head(), primaryKey: store.fact("primaryKey"), hasDocuments };
    return await refusalOf(operation, indexUid, known);
  }

  /** Rows, facts, entry and the alarm that comes back to them, all or none. */
  #write({ token, operation, task, rows, failure, conditional }: Append): Committed {
    const { storage, store, verdicts, config, onStored } = this.#tools;
    const now = this.#tools.now();
    try {
      const committed = storage.transactionSync(() => {
        if (store.fact("minInSync") === undefined) {
          store.setFact("minInSync", String(config.minInSync));
        }
        store.addPayload(token, rows, now);
        for (const before of this.#internalBefore(operation)) {
          store.append(`${token}/${before.kind}`, before, null, now);
        }
        store.remember(operation);
        const offset = store.append(token, operation, task, now);
        const mayFailBy = conditional ?? conditionOf(operation);
        if (mayFailBy !== null) verdicts.add(token, mayFailBy);
        if (failure !== null) store.setError(offset, JSON.stringify(failure));
        return { offset, createdAt: instant(now) };
      });
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
    if (operation.kind !== "writeDocuments" || store.fact("primaryKey") !== undefined) {
      return [];
    }
    return [{ kind: "setPrimaryKey", primaryKey: operation.primaryKey }];
  }

  /** A task that is over as it begins. */
  async #refuse(append: Append, error: ErrorBody): Promise<AppendReply> {
    const { store, tasks, cluster, now } = this.#tools;
    store.dropPayload(append.token);
    const enqueuedAt = instant(now());
    const { task, token, releasedLease } = append;
    if (releasedLease !== undefined) await cluster.releaseLease(releasedLease);
    const details = failedDetails(append.operation.kind, task.details);
    const uid = await tasks.registerFailed(
      { ...task, details, token, log: null, enqueuedAt },
      error,
    );
    return { kind: "accepted", uid, enqueuedAt };
  }
}
