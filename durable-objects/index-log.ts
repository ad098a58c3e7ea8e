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
  type LogOffset,
  type PhysicalUid,
  type TaskUid,
} from "../worker/core/ids.ts";
import { LOG_BYTES_MAX } from "../worker/core/limits.ts";
import { isStructural, type Operation } from "../worker/core/log/operation.ts";
import { failedDetails } from "../worker/core/tasks/finished-details.ts";
import type { Env } from "../worker/env.ts";
import { FetchNodeClient } from "../worker/nodes/fetch-node-client.ts";
import { TaskLog } from "../worker/tasklog/task-log.ts";
import { wakeCourier } from "../worker/webhooks/wake-courier.ts";
import type { Cluster } from "./cluster.ts";
import { ClusterView } from "./cluster-view.ts";
import { Replication } from "./replication.ts";
import { Registration } from "./registration.ts";
import type { Append, AppendReply, LogHead, PayloadRow } from "./rpc.ts";
import { LogStore } from "./storage/log-store.ts";

/** The alarm is only the backstop for work that an eviction interrupted. */
const ALARM_MS = 10_000;
/** An upload that no append has named for so long was cut off. */
const ABANDONED_MS = 3_600_000;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export class IndexLog extends DurableObject<Env> {
  readonly #physical: PhysicalUid;
  readonly #store: LogStore;
  readonly #tasks: TaskLog;
  readonly #registration: Registration;
  readonly #replication: Replication;
  readonly #cluster: DurableObjectStub<Cluster>;
  #armed = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const { name } = ctx.id;
    if (name === undefined) throw new Error("an index log is reached by its physical uid");
    this.#physical = physicalUid(name);
    this.#store = new LogStore(ctx.storage.sql);
    this.#tasks = new TaskLog(env.TASKS, () => ctx.waitUntil(wakeCourier(env)));
    this.#registration = new Registration(this.#store, this.#tasks, this.#physical);
    this.#cluster = env.CLUSTER.getByName("cluster");
    this.#replication = new Replication({
      physical: this.#physical,
      store: this.#store,
      tasks: this.#tasks,
      cluster: this.#cluster,
      view: new ClusterView(this.#cluster, sleep),
      client: new FetchNodeClient(env.EMBEDDED_NODE),
      now: () => Date.now(),
      random: () => Math.random(),
      sleep,
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
    if (this.#store.payloadBytes() > LOG_BYTES_MAX) return false;
    this.#store.addPayload(token, rows, Date.now());
    await this.#arm();
    return true;
  }

  /** Commits one write: its place in the order, its task, and from then on its delivery. */
  async append(append: Append): Promise<AppendReply> {
    const known = this.#store.entryOfToken(append.token);
    if (known === undefined) {
      if (this.#store.fact("closed") !== undefined) return { kind: "closed" };
      if (this.#store.payloadBytes() > LOG_BYTES_MAX) return { kind: "full", retryAfterSeconds: 5 };
      const refusal = await this.#refusal(append.operation);
      if (refusal !== undefined) return await this.#refuse(append, refusal);
      this.#commit(append);
    }
    await this.#arm();
    if (this.#store.unfinished(1000).some(({ operation }) => isStructural(operation.kind))) {
      await this.#cluster.beginChange(this.#physical, append.releasedLease);
    }
    if (append.operation.kind === "deleteIndex") await this.#cluster.endIndex(this.#physical);
    const entry = this.#store.entryOfToken(append.token);
    if (entry === undefined) throw new Error("an appended entry is in the log");
    const uid = await this.#registration.uidOf(entry.offset);
    this.ctx.waitUntil(this.#replication.wake());
    return { kind: "accepted", uid, enqueuedAt: entry.createdAt };
  }

  /** Cancels those of the tasks that no node has got yet; how many. */
  cancel(uids: readonly TaskUid[], by: TaskUid): number {
    const canceled = this.#store.cancel(uids, by);
    if (canceled > 0) this.ctx.waitUntil(this.#replication.wake());
    return canceled;
  }

  /** The offset up to which writes have been accepted. */
  fence(): LogOffset {
    return this.#store.head();
  }

  /** Whether everything up to a fence is over. */
  isFinished(fence: LogOffset): boolean {
    return this.#store.finishedTo() >= fence;
  }

  override async alarm(): Promise<void> {
    this.#armed = false;
    this.#store.dropAbandonedPayload(Date.now() - ABANDONED_MS);
    if (this.#replication.isIdle() && this.#store.payloadBytes() === 0) return;
    await this.#arm();
    await this.#registration.registerAll();
    // Not awaited: a feed to a node that is down goes on for as long as the node is.
    this.ctx.waitUntil(this.#replication.wake());
  }

  /** Rows, facts and entry in one commit: there is no await between them. */
  #commit({ token, operation, task, rows, failure }: Append): void {
    const now = Date.now();
    this.#store.addPayload(token, rows, now);
    for (const before of this.#internalBefore(operation)) {
      this.#store.append(`${token}/${before.kind}`, before, null, now);
    }
    const primaryKey = primaryKeyOf(operation);
    if (primaryKey !== undefined) this.#store.setFact("primaryKey", primaryKey);
    if (operation.kind === "deleteIndex") this.#store.setFact("closed", "yes");
    const offset = this.#store.append(token, operation, task, now);
    if (failure !== null) this.#store.setError(offset, JSON.stringify(failure));
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
  async #refusal(operation: Operation): Promise<ErrorBody | undefined> {
    const known = this.#store.fact("primaryKey");
    switch (operation.kind) {
      case "createIndex": {
        if (this.#store.head() === 0) return undefined;
        const { uid } = await this.#replication.index();
        return errorBody("index_already_exists", `Index \`${uid}\` already exists.`);
      }
      case "writeDocuments":
        if (known === undefined || known === operation.primaryKey) return undefined;
        return primaryKeyConflict(known);
      case "setPrimaryKey": {
        if (known === undefined || known === operation.primaryKey) return undefined;
        if (!(await this.#replication.hasDocuments())) return undefined;
        const { uid } = await this.#replication.index();
        const { code, message } = primaryKeyConflict(known);
        return errorBody(code, `Index \`${uid}\`: ${message}`);
      }
      case "deleteDocuments":
      case "deleteByFilter":
      case "deleteAllDocuments":
      case "changeSettings":
      case "deleteIndex":
      case "compactIndex":
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

  async #arm(): Promise<void> {
    if (this.#armed) return;
    this.#armed = true;
    await this.ctx.storage.setAlarm(Date.now() + ALARM_MS);
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
    case "deleteIndex":
    case "compactIndex":
    case "pass":
      return undefined;
  }
}

