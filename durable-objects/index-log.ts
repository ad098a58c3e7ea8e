/**
 * One physical index's ordered write log and its delivery to nodes. An append is durable and has
 * its place in the order before the Worker hears of it; from then on feeds and settlement carry it
 * to every replica, across any restart of this object.
 */
import { DurableObject } from "cloudflare:workers";

import { errorBody, type ErrorBody } from "../worker/core/errors/api-error.ts";
import { primaryKeyConflict } from "../worker/core/documents/primary-key.ts";
import {
  instant,
  physicalUid,
  taskUid,
  type Instant,
  type LogOffset,
  type PhysicalUid,
  type TaskUid,
} from "../worker/core/ids.ts";
import type { Operation } from "../worker/core/log/operation.ts";
import { failedDetails } from "../worker/core/tasks/finished-details.ts";
import { configOf, type Env } from "../worker/env.ts";
import { FetchNodeClient } from "../worker/nodes/fetch-node-client.ts";
import { TaskLog } from "../worker/tasklog/task-log.ts";
import { wakeCourier } from "../worker/webhooks/wake-courier.ts";
import type { Cluster } from "./cluster.ts";
import { ClusterView } from "./cluster-view.ts";
import { Refusals } from "./delivery/refusals.ts";
import { InSyncWatch } from "./in-sync-watch.ts";
import { Replication } from "./replication.ts";
import { Registration } from "./registration.ts";
import type { Append, AppendReply, EntryTask, LogHead, LogStatus, PayloadRow } from "./rpc.ts";
import { LogStore } from "./storage/log-store.ts";
import { Verdicts } from "./storage/verdicts.ts";
import { sleep } from "./sleep.ts";

/**
 * The alarm is only the backstop for work that an eviction or a crash interrupted: soon where clients
 * wait for a task, seldom where only a replica that is away has something to catch up with.
 */
const UNFINISHED_ALARM_MS = 2_000;
const BEHIND_ALARM_MS = 10_000;
/** An upload that no append has named for so long was cut off. */
const ABANDONED_MS = 3_600_000;

/** Before a client's entry stand at most the log's own: the index itself, its primary key. */
const FIRST_ENTRIES = 8;

interface Running {
  readonly uid: TaskUid;
  readonly offset: LogOffset;
}

interface Committed {
  readonly offset: LogOffset;
  readonly createdAt: Instant;
}

export class IndexLog extends DurableObject<Env> {
  readonly #physical: PhysicalUid;
  readonly #store: LogStore;
  readonly #verdicts: Verdicts;
  readonly #tasks: TaskLog;
  readonly #registration: Registration;
  readonly #replication: Replication;
  readonly #cluster: DurableObjectStub<Cluster>;
  /** When the alarm goes off, as far as this instance has set it. */
  #alarmAt = Infinity;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const { name } = ctx.id;
    if (name === undefined) throw new Error("an index log is reached by its physical uid");
    this.#physical = physicalUid(name);
    this.#store = new LogStore(ctx.storage.sql);
    this.#verdicts = new Verdicts(ctx.storage.sql, this.#store);
    this.#tasks = new TaskLog(env.TASKS, () => ctx.waitUntil(wakeCourier(env)));
    this.#cluster = env.CLUSTER.getByName("cluster");
    const clock = { now: () => Date.now(), random: () => Math.random(), sleep };
    this.#replication = new Replication({
      ...clock,
      physical: this.#physical,
      store: this.#store,
      verdicts: this.#verdicts,
      refusals: new Refusals(ctx.storage.sql, this.#store),
      tasks: this.#tasks,
      cluster: this.#cluster,
      view: new ClusterView(this.#cluster, sleep),
      watch: new InSyncWatch(this.#store),
      client: new FetchNodeClient(env.EMBEDDED_NODE),
    });
    this.#registration = new Registration({
      ...clock,
      store: this.#store,
      tasks: this.#tasks,
      log: this.#physical,
      onRegistered: () => this.#deliver(),
    });
  }

  /** What a Worker must know before it reads a payload. */
  head(): LogHead {
    return {
      primaryKey: this.#store.fact("primaryKey"),
      closed: this.#store.fact("closed") !== undefined,
    };
  }

  /** Keeps payload rows of an upload that will be appended later; false when the log is full. */
  async upload(token: string, rows: readonly PayloadRow[]): Promise<boolean> {
    if (this.#isFull()) return false;
    this.#store.addPayload(token, rows, Date.now());
    await this.#arm();
    return true;
  }

  /** Commits one write: its place in the order, its task, and from then on its delivery. */
  async append(append: Append): Promise<AppendReply> {
    const known = this.#store.entryOfToken(append.token);
    const entry = known ?? (await this.#commit(append));
    if ("kind" in entry) return entry;
    const { offset, createdAt } = entry;
    const uid = this.#registration.uidOf(offset);
    await this.#arm();
    const { releasedLease } = append;
    if (this.#store.hasStructural()) {
      await this.#cluster.beginChange(this.#physical, releasedLease);
    } else if (releasedLease !== undefined) {
      await this.#cluster.releaseLease(releasedLease);
    }
    if (append.operation.kind === "deleteIndex") await this.#cluster.endIndex(this.#physical);
    this.ctx.waitUntil(this.#registration.registerAll());
    this.#deliver();
    return { kind: "accepted", uid: await uid, enqueuedAt: createdAt };
  }

  /** Cancels those of the tasks that no node has got yet; how many. */
  cancel(uids: readonly TaskUid[], by: TaskUid): number {
    const canceled = this.#store.cancel(uids, by);
    if (canceled > 0) this.#deliver();
    return canceled;
  }

  /** What is accepted from now on ends only after `release`: a swap of names comes between. */
  async hold(token: string): Promise<void> {
    this.#store.hold(token);
    await this.#arm();
  }

  release(token: string): void {
    this.#store.release(token);
    this.#deliver();
  }

  /** The offset up to which entries end without waiting for a swap. */
  fence(): LogOffset {
    return this.#store.heldAfter();
  }

  /** What is being carried out, where it is one of these tasks: the first that is not over. */
  running(uids: readonly TaskUid[]): Running | null {
    const entry = this.#store.unfinished(FIRST_ENTRIES).find(({ task }) => task !== null);
    const uid = entry?.uid ?? null;
    if (entry === undefined || uid === null || !uids.includes(uid)) return null;
    return { uid, offset: entry.offset };
  }

  /** Whether everything up to a fence is over. */
  isFinished(fence: LogOffset): boolean {
    return this.#store.finishedTo() >= fence;
  }

  /** Where the log and its replicas are, and why tasks wait. */
  async status(): Promise<LogStatus> {
    return await this.#replication.status(configOf(this.env).logBytesMax);
  }

  /** In-sync replicas of each shard that tasks do not end without, from now on. */
  setMinInSync(count: number): void {
    this.#store.setFact("minInSync", String(count));
    this.#deliver();
  }

  /** Never fails: the platform gives an alarm up after some failures, and then nobody sets it. */
  override async alarm(): Promise<void> {
    this.#alarmAt = Infinity;
    this.#store.dropAbandonedPayload(Date.now() - ABANDONED_MS);
    const isIdle = this.#replication.isIdle();
    const isHeld = this.#store.holds().length > 0;
    if (!isIdle || isHeld || this.#store.hasUploads()) await this.#arm();
    // Not awaited: a feed to a node that is down goes on for as long as the node is.
    if (!isIdle) this.ctx.waitUntil(this.#registration.registerAll());
    if (!isIdle) this.#deliver();
    for (const token of this.#store.holds()) this.ctx.waitUntil(this.#checkHold(token));
    // A restart may have come between the end of a change and its announcement.
    if (!this.#store.hasStructural()) this.ctx.waitUntil(this.#endChange());
  }

  /** Drops the hold of a swap that was never stored. */
  async #checkHold(token: string): Promise<void> {
    if (!(await this.#cluster.isRenaming(token))) this.release(token);
  }

  async #endChange(): Promise<void> {
    try {
      await this.#cluster.endChange(this.#physical);
    } catch {
      await this.#arm();
    }
  }

  #deliver(): void {
    this.ctx.waitUntil(this.#replication.wake());
  }

  /** The write's entry, or the answer to a write that gets none. */
  async #commit(append: Append): Promise<Committed | AppendReply> {
    const store = this.#store;
    for (;;) {
      if (store.fact("closed") !== undefined) return { kind: "closed" };
      if (this.#isFull()) return { kind: "full", retryAfterSeconds: 5 };
      if (store.head() === 0 && !append.createsIndex) return { kind: "absent" };
      // An upload that was cut off here, or dropped for its age, must not be taken for whole.
      if (store.payloadRows(append.token) !== append.uploadedRows) return { kind: "incomplete" };
      const head = store.head();
      const refusal = await this.#refusal(append.operation, append.task);
      // What came in while nodes were asked may change the answer.
      if (store.head() !== head) continue;
      return refusal === undefined ? this.#write(append) : await this.#refuse(append, refusal);
    }
  }

  /** Rows, facts and entry, all or none. */
  #write({ token, operation, task, rows, failure, conditional }: Append): Committed {
    const now = Date.now();
    try {
      return this.ctx.storage.transactionSync(() => {
        if (this.#store.fact("minInSync") === undefined) {
          this.#store.setFact("minInSync", String(configOf(this.env).minInSync));
        }
        this.#store.addPayload(token, rows, now);
        for (const before of this.#internalBefore(operation)) {
          this.#store.append(`${token}/${before.kind}`, before, null, now);
        }
        const primaryKey = primaryKeyOf(operation);
        if (primaryKey !== undefined) this.#store.setFact("primaryKey", primaryKey);
        if (operation.kind === "deleteIndex") this.#store.setFact("closed", "yes");
        const offset = this.#store.append(token, operation, task, now);
        if (conditional !== null) this.#verdicts.add(token, conditional);
        if (failure !== null) this.#store.setError(offset, JSON.stringify(failure));
        return { offset, createdAt: instant(now) };
      });
    } catch (error) {
      this.#store.measure();
      throw error;
    }
  }

  /** What must be in the log before the operation can be: the index itself, its primary key. */
  #internalBefore(operation: Operation): readonly Operation[] {
    const primaryKey = primaryKeyOf(operation);
    if (this.#store.head() === 0) {
      if (operation.kind === "createIndex") return [];
      return [{ kind: "createIndex", primaryKey: primaryKey ?? null }];
    }
    if (operation.kind !== "writeDocuments" || this.#store.fact("primaryKey") !== undefined) {
      return [];
    }
    return [{ kind: "setPrimaryKey", primaryKey: operation.primaryKey }];
  }

  /** Why one Meilisearch would fail the task, when that shows before delivery. */
  async #refusal(operation: Operation, task: EntryTask): Promise<ErrorBody | undefined> {
    const { indexUid } = task;
    const known = this.#store.fact("primaryKey");
    switch (operation.kind) {
      case "createIndex": {
        if (this.#store.head() === 0) return undefined;
        return errorBody("index_already_exists", `Index \`${indexUid}\` already exists.`);
      }
      case "writeDocuments":
        if (known === undefined || known === operation.primaryKey) return undefined;
        return primaryKeyConflict(known);
      case "setPrimaryKey": {
        if (known === undefined || known === operation.primaryKey) return undefined;
        if (!(await this.#replication.hasDocuments())) return undefined;
        const { code, message } = primaryKeyConflict(known);
        return errorBody(code, `Index \`${indexUid}\`: ${message}`);
      }
      case "deleteDocuments":
      case "deleteByFilter":
      case "deleteAllDocuments":
      case "changeSettings":
      case "restoreSettings":
      case "deleteIndex":
      case "compactIndex":
      case "editDocuments":
      case "pass":
        return undefined;
    }
  }

  async #refuse(append: Append, error: ErrorBody): Promise<AppendReply> {
    this.#store.dropPayload(append.token);
    const enqueuedAt = instant(Date.now());
    const { task, token, releasedLease } = append;
    if (releasedLease !== undefined) await this.#cluster.releaseLease(releasedLease);
    const details = failedDetails(append.operation.kind, task.details);
    const uid = await this.#tasks.registerFailed(
      { ...task, details, token, log: null, enqueuedAt },
      error,
    );
    return { kind: "accepted", uid: taskUid(uid), enqueuedAt };
  }

  #isFull(): boolean {
    return this.#store.size > configOf(this.env).logBytesMax;
  }

  async #arm(): Promise<void> {
    const isFinished = this.#store.finishedTo() === this.#store.head();
    const at = Date.now() + (isFinished ? BEHIND_ALARM_MS : UNFINISHED_ALARM_MS);
    if (this.#alarmAt <= at) return;
    this.#alarmAt = at;
    await this.ctx.storage.setAlarm(at);
  }
}

function primaryKeyOf(operation: Operation): string | undefined {
  switch (operation.kind) {
    case "createIndex":
    case "setPrimaryKey":
    case "writeDocuments":
      return operation.primaryKey ?? undefined;
    case "deleteDocuments":
    case "deleteByFilter":
    case "deleteAllDocuments":
    case "changeSettings":
    case "restoreSettings":
    case "deleteIndex":
    case "compactIndex":
    case "editDocuments":
    case "pass":
      return undefined;
  }
}
