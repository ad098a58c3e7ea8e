/**
 * Carries out cluster-wide tasks, one after the other: cancelation and deletion of tasks, and the
 * second half of a swap, when readers follow. Each is stored before it acts and may be repeated.
 */
import type { ErrorBody } from "../worker/core/errors/api-error.ts";
import {
  instant,
  type Epoch,
  type IndexUid,
  type Instant,
  type PhysicalUid,
  type TaskUid,
} from "../worker/core/ids.ts";
import { backoffMs } from "../worker/core/log/backoff.ts";
import type { TaskType } from "../worker/core/tasks/task.ts";
import {
  taskCondition,
  taskUids,
  withinPatterns,
  type Condition,
} from "../worker/tasklog/task-query.ts";
import type { TaskLog } from "../worker/tasklog/task-log.ts";
import type { IndexLog } from "./index-log.ts";
import { nameKey, type KeyNaming } from "./name-key.ts";
import { ruleOutcome, ruleTask, type RuleOperation } from "./rule-operations.ts";
import type { RuleStore } from "./storage/rule-store.ts";
import { Repeater } from "./repeater.ts";
import { report } from "./report.ts";
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
  readonly rules: RuleStore;
  /** A new epoch, which tells of changed rules. */
  readonly advance: () => Epoch;
}

export type PendingTask = Pick<PendingOperation, "token" | "operation" | "createdAt" | "uid">;

interface Outcome {
  readonly details: string;
  readonly error: ErrorBody | null;
}

const FENCE_POLL_MS = 20;
/** A task that a node keeps waiting does not keep the operations after a deletion waiting as well. */
const RUNNING_WAIT_MS = 10_000;

export class Operations {
  readonly #tools: OperationTools;
  readonly #repeater = new Repeater(() => this.#carryOutAll());

  constructor(tools: OperationTools) {
    this.#tools = tools;
  }

  /**
   * The task of an operation, registered. The operation may be over by now: it is carried out as
   * soon as it is stored, and its token has its task for ever.
   */
  async register({ token, operation, createdAt, uid: known }: PendingTask): Promise<TaskUid> {
    const { store, tasks } = this.#tools;
    if (known !== null) return known;
    const customMetadata = "customMetadata" in operation ? operation.customMetadata : null;
    const task = { ...taskOf(operation), token, log: null, customMetadata };
    const [uid] = await tasks.register([{ ...task, enqueuedAt: createdAt }]);
    if (uid === undefined) throw new Error("a registered task has a uid");
    store.setUid(token, uid);
    return uid;
  }

  /** Carries out everything that is stored; a running pass looks again. */
  async run(): Promise<void> {
    await this.#repeater.run();
  }

  async #carryOutAll(): Promise<void> {
    for (let failures = 0; ;) {
      const [pending] = this.#tools.store.all();
      if (pending === undefined) return;
      try {
        await this.#carryOut(pending);
        failures = 0;
      } catch (error) {
        failures += 1;
        report("operation_failed", { operation: pending.operation.kind, error: String(error) });
        await this.#tools.sleep(backoffMs(failures, this.#tools.random()));
      }
    }
  }

  async #carryOut(pending: PendingOperation): Promise<void> {
    const { token, operation, fences } = pending;
    const { store, tasks, now } = this.#tools;
    const uid = await this.register(pending);
    const startedAt = instant(now());
    const { details, error } = await this.#outcome(pending, fences, uid);
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
    if (operation.kind === "renameIndexes" && Array.isArray(operation.renaming)) {
      for (const [log] of operation.renaming) await this.#tools.logs.getByName(log).release(token);
    }
    store.remove(token);
  }

  async #outcome(
    { token, operation, createdAt }: PendingOperation,
    fences: Fences | null,
    uid: TaskUid,
  ): Promise<Outcome> {
    const { tasks } = this.#tools;
    switch (operation.kind) {
      case "changeRule":
      case "clearRules":
        return await this.#changeRules(operation, createdAt);
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
        const awaited = await this.#awaitRunning(condition, uid);
        const deletedTasks =
          (await tasks.delete(awaited, uid)) + (await tasks.delete(condition, uid));
        const { originalFilter } = operation;
        return done({ matchedTasks, deletedTasks, originalFilter });
      }
      case "renameIndexes": {
        const { renaming, details, history, primaryKey } = operation;
        if (!Array.isArray(renaming)) return { details, error: renaming };
        await this.#passFences(token, fences, renaming);
        await this.#tools.leasesEnded(this.#tools.readAs(renaming));
        await tasks.rename(new Map(history), uid);
        if (primaryKey === null) return { details, error: null };
        return { details, error: await this.#nameKey({ token, renaming, primaryKey }) };
      }
    }
  }

  /** As with settings: a task that has ended is followed by every search that comes after it. */
  async #changeRules(operation: RuleOperation, createdAt: Instant): Promise<Outcome> {
    const { rules, advance, leasesEnded } = this.#tools;
    const { version } = rules;
    const details = ruleOutcome(rules, operation, createdAt);
    if (rules.version !== version) await leasesEnded(advance());
    return { details, error: null };
  }

  /** Names the key and waits until it counts: nothing holds the entry any more. */
  async #nameKey(naming: KeyNaming): Promise<ErrorBody | null> {
    const { logs, sleep } = this.#tools;
    const named = await nameKey(logs, naming);
    if (named === undefined) return null;
    if ("code" in named) return named;
    const [physical, offset] = named;
    await logs.getByName(physical).release(naming.token);
    while (!(await logs.getByName(physical).isFinished(offset))) await sleep(FENCE_POLL_MS);
    return null;
  }

  /**
   * As Meilisearch does: a deletion begins when what is being carried out is over, so that it takes
   * that along. What stands behind it in a log is still enqueued, and stays. The tasks waited for.
   */
  async #awaitRunning(condition: Condition, before: TaskUid): Promise<Condition> {
    const { tasks, logs, now, sleep } = this.#tools;
    const deadline = now() + RUNNING_WAIT_MS;
    const uids: TaskUid[] = [];
    for (const [log, unfinished] of await tasks.unfinished(condition, before)) {
      const running = await logs.getByName(log).running(unfinished);
      if (running === null) continue;
      uids.push(running.uid);
      while (!(await logs.getByName(log).isFinished(running.offset)) && now() < deadline) {
        await sleep(FENCE_POLL_MS);
      }
    }
    return taskUids(uids);
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
    case "changeRule":
    case "clearRules":
      return ruleTask(operation);
    case "cancelTasks": {
      const details = {
        matchedTasks: 0,
        canceledTasks: null,
        originalFilter: operation.originalFilter,
      };
      return { type: "taskCancelation", indexUid: null, details: JSON.stringify(details) };
    }
    case "deleteTasks": {
      const details = {
        matchedTasks: 0,
        deletedTasks: null,
        originalFilter: operation.originalFilter,
      };
      return { type: "taskDeletion", indexUid: null, details: JSON.stringify(details) };
    }
    case "renameIndexes":
      return operation;
  }
}
