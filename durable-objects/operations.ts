/**
 * Carries out cluster-wide tasks, one after the other: cancelation and deletion of tasks, and the
 * second half of a swap, when readers follow. Each is stored before it acts and may be repeated.
 */
import type { ErrorBody } from "../worker/core/errors/api-error.ts";
import { instant, type Epoch, type IndexUid, type PhysicalUid, type TaskUid } from "../worker/core/ids.ts";
import { backoffMs } from "../worker/core/log/backoff.ts";
import type { TaskType } from "../worker/core/tasks/task.ts";
import { taskCondition, withinPatterns, type Condition } from "../worker/tasklog/task-query.ts";
import type { TaskLog } from "../worker/tasklog/task-log.ts";
import type { IndexLog } from "./index-log.ts";
import type {
  ClusterOperation,
  Fences,
  OperationStore,
  PendingOperation,
} from "./storage/operation-store.ts";

export interface OperationTools {
  readonly store: OperationStore;
  readonly tasks: TaskLog;
  readonly logs: DurableObjectNamespace<IndexLog>;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Readers call these indexes by these names from now on; the epoch that says so. */
  readonly readAs: (names: readonly (readonly [PhysicalUid, IndexUid])[]) => Epoch;
  readonly leasesEnded: (epoch: Epoch) => Promise<void>;
}

interface Outcome {
  readonly details: string;
  readonly error: ErrorBody | null;
}

const FENCE_POLL_MS = 20;

export class Operations {
  readonly #tools: OperationTools;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(tools: OperationTools) {
    this.#tools = tools;
  }

  /** The task of a stored operation, registered. */
  async register(token: string): Promise<{ readonly uid: TaskUid; readonly createdAt: number }> {
    const { store, tasks } = this.#tools;
    const pending = store.all().find((stored) => stored.token === token);
    if (pending === undefined) throw new Error("an operation is stored before it is registered");
    const { operation, createdAt } = pending;
    if (pending.uid !== null) return { uid: pending.uid, createdAt };
    const task = { ...taskOf(operation), token, log: null, customMetadata: null };
    const [uid] = await tasks.register([{ ...task, enqueuedAt: createdAt }]);
    if (uid === undefined) throw new Error("a registered task has a uid");
    store.setUid(token, uid);
    return { uid, createdAt };
  }

  /** Carries out everything that is stored; a running pass looks again. */
  async run(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#loop().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  async #loop(): Promise<void> {
    let failures = 0;
    while (this.#again) {
      this.#again = false;
      const [pending] = this.#tools.store.all();
      if (pending === undefined) return;
      try {
        await this.#carryOut(pending);
        failures = 0;
      } catch {
        failures += 1;
        await this.#tools.sleep(backoffMs(failures, this.#tools.random()));
      }
      this.#again = true;
    }
  }

  async #carryOut({ token, operation, fences }: PendingOperation): Promise<void> {
    const { store, tasks, now } = this.#tools;
    const { uid } = await this.register(token);
    const startedAt = instant(now());
    const { details, error } = await this.#outcome(token, operation, fences, uid);
    await tasks.finish([
      {
        uid,
        status: error === null ? "succeeded" : "failed",
        canceledBy: null,
        details,
        error,
        startedAt,
        finishedAt: instant(now()),
      },
    ]);
    store.remove(token);
  }

  async #outcome(
    token: string,
    operation: ClusterOperation,
    fences: Fences | null,
    uid: TaskUid,
  ): Promise<Outcome> {
    const { tasks } = this.#tools;
    switch (operation.kind) {
      case "cancelTasks": {
        const condition = conditionOf(operation);
        const matchedTasks = await tasks.countBefore(condition, uid);
        const canceledTasks = await this.#cancel(condition, uid);
        const { originalFilter } = operation;
        return done({ matchedTasks, canceledTasks, originalFilter });
      }
      case "deleteTasks": {
        const condition = conditionOf(operation);
        const matchedTasks = await tasks.countBefore(condition, uid);
        const deletedTasks = await tasks.delete(condition, uid);
        const { originalFilter } = operation;
        return done({ matchedTasks, deletedTasks, originalFilter });
      }
      case "renameIndexes": {
        const { renaming, details, history } = operation;
        if (!Array.isArray(renaming)) return { details, error: renaming };
        await this.#passFences(token, fences, renaming);
        await this.#tools.leasesEnded(this.#tools.readAs(renaming));
        await tasks.rename(new Map(history), uid);
        return { details, error: null };
      }
    }
  }

  async #cancel(condition: Condition, by: TaskUid): Promise<number> {
    const { tasks, logs } = this.#tools;
    let canceled = 0;
    for (const [log, uids] of await tasks.unfinished(condition, by)) {
      canceled += await logs.getByName(log).cancel(uids, by);
    }
    return canceled;
  }

  /** Waits until everything that was written before the swap has been applied. */
  async #passFences(
    token: string,
    known: Fences | null,
    renaming: readonly (readonly [PhysicalUid, IndexUid])[],
  ): Promise<void> {
    const { logs, store, sleep } = this.#tools;
    let fences = known;
    if (fences === null) {
      fences = [];
      for (const [log] of renaming) fences.push([log, await logs.getByName(log).fence()]);
      store.setFences(token, fences);
    }
    for (const [log, fence] of fences) {
      while (!(await logs.getByName(log).isFinished(fence))) await sleep(FENCE_POLL_MS);
    }
  }
}

function done(details: object): Outcome {
  return { details: JSON.stringify(details), error: null };
}

function conditionOf({
  filter,
  patterns,
}: Extract<ClusterOperation, { kind: "cancelTasks" | "deleteTasks" }>): Condition {
  return withinPatterns(taskCondition(filter), patterns);
}

function taskOf(operation: ClusterOperation): {
  readonly type: TaskType;
  readonly indexUid: string | null;
  readonly details: string;
} {
  switch (operation.kind) {
    case "cancelTasks": {
      const details = { matchedTasks: 0, canceledTasks: null, originalFilter: operation.originalFilter };
      return { type: "taskCancelation", indexUid: null, details: JSON.stringify(details) };
    }
    case "deleteTasks": {
      const details = { matchedTasks: 0, deletedTasks: null, originalFilter: operation.originalFilter };
      return { type: "taskDeletion", indexUid: null, details: JSON.stringify(details) };
    }
    case "renameIndexes":
      return operation;
  }
}
