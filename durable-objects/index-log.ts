/**
 * One physical index's ordered write log and its delivery to nodes. An append is durable and has
 * its place in the order before the Worker hears of it; from then on feeds and settlement carry it
 * to every replica, across any restart of this object.
 */
import { DurableObject } from "cloudflare:workers";

import type { ErrorBody } from "../worker/core/errors/api-error.ts";
import {
  physicalUid,
  type IndexUid,
  type LogOffset,
  type NodeId,
  type PhysicalUid,
  type ShardId,
  type TaskUid,
} from "../worker/core/ids.ts";
import type {
  ReplicaState,
  ShardChange,
  ShardReport,
  TransferStatus,
} from "../worker/core/transfer/shard-change.ts";
import type { ReshardState } from "../worker/core/reshard/reshard-state.ts";
import { configOf, type Env } from "../worker/env.ts";
import { FetchNodeClient } from "../worker/nodes/fetch-node-client.ts";
import { TopologyLease } from "../worker/cluster/topology-lease.ts";
import { TaskLog } from "../worker/tasklog/task-log.ts";
import { wakeCourier } from "../worker/webhooks/wake-courier.ts";
import type { Cluster } from "./cluster.ts";
import { ClusterView } from "./cluster-view.ts";
import { Refusals } from "./delivery/refusals.ts";
import { taskDocuments } from "./delivery/task-documents.ts";
import { InSyncWatch } from "./in-sync-watch.ts";
import { Appender } from "./appender.ts";
import { Adoption } from "./reshard/adoption.ts";
import { Reshard } from "./reshard/reshard.ts";
import { Replication } from "./replication.ts";
import { Registration } from "./registration.ts";
import type { Adopted, Append, AppendReply, LogHead, LogStatus, PayloadRow, Seed } from "./rpc.ts";
import { LogStore } from "./storage/log-store.ts";
import { Verdicts } from "./storage/verdicts.ts";
import { sleep } from "./sleep.ts";
import { Transfers } from "./transfer/transfers.ts";

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

export class IndexLog extends DurableObject<Env> {
  readonly #physical: PhysicalUid;
  readonly #store = new LogStore(this.ctx.storage.sql);
  readonly #tasks: TaskLog;
  readonly #registration: Registration;
  readonly #replication: Replication;
  readonly #transfers: Transfers;
  readonly #cluster: DurableObjectStub<Cluster>;
  readonly #reshard: Reshard;
  readonly #adoption: Adoption;
  readonly #appender: Appender;
  /** When the alarm goes off, as far as this instance has set it. */
  #alarmAt = Infinity;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const { name } = ctx.id;
    if (name === undefined) throw new Error("an index log is reached by its physical uid");
    this.#physical = physicalUid(name);
    const verdicts = new Verdicts(ctx.storage.sql, this.#store);
    this.#tasks = new TaskLog(env.TASKS, () => ctx.waitUntil(wakeCourier(env)));
    this.#cluster = env.CLUSTER.getByName("cluster");
    const clock = { now: () => Date.now(), random: () => Math.random(), sleep };
    const common = {
      ...clock,
      physical: this.#physical,
      store: this.#store,
      verdicts,
      cluster: this.#cluster,
      view: new ClusterView(this.#cluster, sleep),
      watch: new InSyncWatch(this.#store),
      client: new FetchNodeClient(env.EMBEDDED_NODE),
    };
    this.#reshard = new Reshard({
      ...common,
      tasks: this.#tasks,
      logs: env.INDEX_LOG,
      lease: new TopologyLease(),
      nodes: common.client,
    });
    this.#adoption = new Adoption(ctx.storage, this.#store, verdicts, () => Date.now());
    this.#replication = new Replication({
      ...common,
      tasks: this.#tasks,
      refusals: new Refusals(ctx.storage.sql, this.#store),
      limitOf: (node) => this.#transfers.limitOf(node),
      isTrusted: (node) => this.#transfers.isTrusted(node),
      copyAnew: (node) => ctx.waitUntil(this.#transfers.copyAnew(node)),
      onLost: (node) => ctx.waitUntil(this.rebuild(node)),
      mapSoon: () => this.#transfers.mapSoon(),
      reshard: (entry) => this.#reshard.run(entry),
    });
    const isPaced = configOf(env).copyBytesPerSecond !== undefined;
    this.#transfers = new Transfers(ctx.storage.sql, this.#replication, { ...common, isPaced });
    this.#appender = new Appender({
      ...common,
      storage: ctx.storage,
      tasks: this.#tasks,
      config: configOf(env),
      hasDocuments: () => this.#replication.hasDocuments(),
      onNearlyFull: () => {
        this.#transfers.relieve();
        ctx.waitUntil(this.#transfers.wake());
      },
      // Not after an await: an entry that is stored alone would wait for the next write.
      onStored: () => ctx.waitUntil(this.#arm()),
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
    const isClosed = this.#store.fact("closed") !== undefined;
    return {
      primaryKey: this.#store.fact("primaryKey"),
      // With a successor, writes that still come here are sent on.
      closed: isClosed && this.#store.fact("successor") === undefined,
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
    if (!(await this.#reshard.isPassable())) return { kind: "full", retryAfterSeconds: 5 };
    const entry = known ?? (await this.#appender.commit(append));
    if ("kind" in entry) {
      return entry.kind === "closed" ? ((await this.#reshard.forward(append)) ?? entry) : entry;
    }
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

  /** Asks for another number of shards; `id` names the request. False when it cannot be now. */
  async reshard(id: string, shardCount: number): Promise<boolean> {
    const isAccepted = this.#adoption.beginReshard(id, shardCount);
    if (isAccepted) await this.#goOn();
    return isAccepted;
  }

  reshardState(): ReshardState | undefined {
    return this.#reshard.state;
  }

  /** Gives a reshard up where that is still possible. */
  cancelReshard(id: string): void {
    this.#store.setFact("reshardCanceled", id);
  }

  /** What an index begins with that is built to take another's place. */
  async seed(seed: Seed): Promise<void> {
    this.#adoption.seed(seed);
    await this.#goOn();
  }

  /** Makes room for the payload of an entry; false when the log has the entry already. */
  beginUpload(token: string): boolean {
    return this.#adoption.beginUpload(token);
  }

  /** Takes an entry over, with its task, behind all that is here; twice is once. */
  async adopt(adopted: Adopted): Promise<void> {
    this.#adoption.adopt(adopted);
    await this.#goOn();
  }

  /** Ends an index that was built in vain. */
  async discard(): Promise<void> {
    this.#adoption.discard();
    await this.#goOn();
  }

  /** Whether every entry is over. */
  isSettled(): boolean {
    return this.#store.finishedTo() === this.#store.head();
  }

  /** Bytes that the log holds. */
  waitingBytes(): number {
    return this.#store.size;
  }

  /** What a task that waits will write; null when there is nothing (any more). */
  taskDocuments(uid: TaskUid): ReadableStream<Uint8Array> | null {
    const documents = taskDocuments(this.#store, uid);
    if (documents === undefined) return null;
    this.ctx.waitUntil(documents.sent);
    return documents.readable;
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

  /**
   * Names the primary key in an entry of its own, without a task: the second half of a rename that
   * does both. The entry's offset, or why one Meilisearch would refuse it; repeatable by its token.
   */
  async changePrimaryKey(
    token: string,
    uid: IndexUid,
    primaryKey: string,
  ): Promise<LogOffset | ErrorBody> {
    const named = await this.#appender.namePrimaryKey(token, uid, primaryKey);
    await this.#goOn();
    return named;
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

  /** Queues changes of where shards are; one that is known by its id is not queued again. */
  async transfer(changes: readonly ShardChange[]): Promise<void> {
    this.#transfers.request(changes);
    await this.#arm();
    this.ctx.waitUntil(this.#transfers.wake());
  }

  /** All that are not over, and those that ended a while ago, in the order of asking. */
  transfers(): readonly TransferStatus[] {
    return this.#transfers.statuses();
  }

  /** Ends those that have not come to their switch. */
  async cancelTransfers(ids: readonly string[]): Promise<void> {
    await this.#transfers.cancel(ids);
    this.ctx.waitUntil(this.#transfers.wake());
  }

  /** The node has lost what it had of this index: it is copied anew from other replicas. */
  async rebuild(node: NodeId): Promise<void> {
    await this.#transfers.rebuild(node);
    await this.#arm();
    this.ctx.waitUntil(this.#transfers.wake());
  }

  /** What nobody but the node had is gone, and an operator says so: it begins again, empty. */
  async acceptLoss(node: NodeId): Promise<void> {
    await this.#transfers.acceptLoss(node);
    this.ctx.waitUntil(this.#transfers.wake());
  }

  /** Compares the replicas of a shard at one offset; with `repairs`, those that differ are copied anew. */
  async verify(shard: ShardId, repairs: boolean): Promise<ShardReport> {
    const found = await this.#transfers.verify(shard, repairs);
    if (found.kind !== "different") return found;
    await this.#arm();
    this.ctx.waitUntil(this.#transfers.wake());
    return found;
  }

  async replicaStates(): Promise<readonly ReplicaState[]> {
    return await this.#transfers.replicaStates();
  }

  /** Never fails: the platform gives an alarm up after some failures, and then nobody sets it. */
  override async alarm(): Promise<void> {
    this.#alarmAt = Infinity;
    this.#store.dropAbandonedPayload(Date.now() - ABANDONED_MS);
    const isIdle = this.#replication.isIdle() && this.#transfers.isIdle();
    const isHeld = this.#store.holds().length > 0;
    if (!isIdle || isHeld || this.#store.hasUploads()) await this.#arm();
    // Not awaited: a feed to a node that is down goes on for as long as the node is.
    if (!isIdle) this.ctx.waitUntil(this.#registration.registerAll());
    if (!isIdle) this.#deliver();
    if (!isIdle) this.ctx.waitUntil(this.#transfers.wake());
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

  /** After entries that no client waits for. */
  async #goOn(): Promise<void> {
    await this.#arm();
    if (this.#store.hasStructural()) await this.#cluster.beginChange(this.#physical, undefined);
    this.#deliver();
  }

  #deliver(): void {
    this.ctx.waitUntil(this.#replication.wake());
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
