/**
 * The cluster's authority: nodes, the index registry, epochs and leases. Every decision is written
 * before it is announced, in one commit with its epoch; the object can be killed at any point.
 */
import { DurableObject } from "cloudflare:workers";

import { instant } from "../worker/core/ids.ts";
import type { Epoch, IndexUid, NodeId, PhysicalUid } from "../worker/core/ids.ts";
import { defaultKeys } from "../worker/core/keys/default-keys.ts";
import {
  grantOf,
  type ApiKey,
  type KeyPatch,
  type KeyUid,
  type NewKey,
} from "../worker/core/keys/key.ts";
import { Leases } from "../worker/core/topology/leases.ts";
import { placed, type PlacementChange } from "../worker/core/topology/place-shards.ts";
import { exchanged } from "../worker/core/topology/swap.ts";
import { ended, served, superseded, visible, writable } from "../worker/core/topology/registry.ts";
import type { Node } from "../worker/core/topology/topology.ts";
import { configOf, type Env } from "../worker/env.ts";
import { FetchNodeClient } from "../worker/nodes/fetch-node-client.ts";
import { TaskLog } from "../worker/tasklog/task-log.ts";
import type { FeatureFlags } from "../worker/core/features/feature-flags.ts";
import { ClusterView } from "./cluster-view.ts";
import { Holds } from "./holds.ts";
import { Operations, type PendingTask } from "./operations.ts";
import { OperationStore, type ClusterOperation } from "./storage/operation-store.ts";
import { wakeCourier } from "../worker/webhooks/wake-courier.ts";
import { asRead, targetOf } from "./index-views.ts";
import { newIndex } from "./new-index.ts";
import { NodeRoster } from "./node-roster.ts";
import type {
  AcceptedOperation,
  ChangedFeatures,
  CreatedKey,
  RenameRequest,
  SnapshotReply,
  StoredIndex,
  WriteTarget,
} from "./rpc.ts";
import { FeatureStore } from "./storage/feature-store.ts";
import { KeyStore } from "./storage/key-store.ts";
import { RegistryStore, type RegisteredIndex } from "./storage/registry-store.ts";
import { sleep } from "./sleep.ts";

/** How often nodes are probed. */
const PROBE_INTERVAL_MS = 5000;

/** What an index changes once all its in-sync replicas have applied it. */
export interface IndexChange {
  readonly primaryKey?: string;
  readonly settings?: string;
}

export class Cluster extends DurableObject<Env> {
  readonly #store: RegistryStore;
  readonly #keys: KeyStore;
  readonly #features: FeatureStore;
  readonly #leases: Leases;
  /** Swaps that are about to be stored. */
  readonly #renaming = new Set<string>();
  /** Indexes with a structural write under way: no lease is granted, so that it ends at once. */
  readonly #changing = new Set<PhysicalUid>();
  readonly #roster: NodeRoster;
  readonly #indexes: Map<PhysicalUid, RegisteredIndex>;
  #epoch: Epoch;
  #armed = false;
  readonly #operations: OperationStore;
  readonly #executor: Operations;
  readonly #view: ClusterView;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const config = configOf(env);
    this.#store = new RegistryStore(ctx.storage.sql);
    this.#keys = new KeyStore(
      ctx.storage.sql,
      () => defaultKeys(() => crypto.randomUUID()),
      Date.now(),
    );
    this.#features = new FeatureStore(ctx.storage.sql);
    this.#leases = new Leases(this.#store.leaseHorizon());
    this.#indexes = new Map(this.#store.indexes().map((index) => [index.physical, index]));
    this.#epoch = this.#store.nextEpoch();
    const roster = {
      configured: config.nodes,
      nodeKey: config.nodeKey,
      holders: new Set([...this.#indexes.values()].flatMap(({ shardMap }) => shardMap.flat())),
    };
    const client = new FetchNodeClient(env.EMBEDDED_NODE);
    this.#roster = new NodeRoster(this.#store, client, roster, () => this.#advance());
    this.#operations = new OperationStore(ctx.storage.sql);
    this.#view = new ClusterView(env.CLUSTER.getByName("cluster"), sleep);
    this.#executor = new Operations({
      store: this.#operations,
      tasks: new TaskLog(env.TASKS, () => ctx.waitUntil(wakeCourier(env))),
      logs: env.INDEX_LOG,
      now: () => Date.now(),
      random: () => Math.random(),
      sleep,
      readAs: (names) => this.#readAs(names),
      leasesEnded: (changed) => this.#view.leasesEnded(changed),
    });
    ctx.waitUntil(this.#executor.run());
  }

  /**
   * The topology for one Worker, with a lease on it by the name that the Worker chose. A lease of
   * 0 ms means: use it for this request only.
   */
  async snapshot(lease: string, known: Epoch | undefined): Promise<SnapshotReply> {
    await this.#probed();
    const leaseMs = this.#changing.size > 0 ? 0 : configOf(this.env).leaseMs;
    const now = Date.now();
    const horizon = this.#leases.grant(
      lease,
      known,
      { epoch: this.#epoch, until: now + leaseMs },
      now,
    );
    if (horizon !== undefined) this.#store.setLeaseHorizon(horizon);
    if (known === this.#epoch) return { kind: "unchanged", leaseMs };
    return {
      kind: "changed",
      leaseMs,
      topology: {
        epoch: this.#epoch,
        nodes: this.#roster.all(),
        indexes: visible(this.#indexes.values()).map(asRead),
        keys: this.#keys.all().map(grantOf),
        features: this.#features.flags,
      },
    };
  }

  /** One physical index, visible or not: what its log delivers to. */
  index(physical: PhysicalUid): StoredIndex | undefined {
    const index = this.#indexes.get(physical);
    return index === undefined ? undefined : asRead(index);
  }

  nodes(): readonly Node[] {
    return this.#roster.all();
  }

  /** Newest first. */
  keys(): readonly ApiKey[] {
    return this.#keys.all();
  }

  /** Undefined when the uid is taken. `releasedLease` is what the Worker gave up for it. */
  createKey(key: NewKey, releasedLease: string | undefined): CreatedKey | undefined {
    if (releasedLease !== undefined) this.#leases.release(releasedLease);
    if (this.#keys.get(key.uid) !== undefined) return undefined;
    return { key: this.#keys.add(key, Date.now()), epoch: this.#advance() };
  }

  /** Undefined when there is no such key. What a key allows never changes, so no Worker is told. */
  updateKey(uid: KeyUid, patch: KeyPatch): ApiKey | undefined {
    const key = this.#keys.get(uid);
    if (key === undefined) return undefined;
    const updated = { ...key, ...patch, updatedAt: instant(Date.now()) };
    this.#keys.replace(updated);
    return updated;
  }

  /** The epoch from which on the key is gone; undefined when there is no such key. */
  deleteKey(uid: KeyUid, releasedLease: string | undefined): Epoch | undefined {
    if (releasedLease !== undefined) this.#leases.release(releasedLease);
    if (this.#keys.get(uid) === undefined) return undefined;
    this.#keys.remove(uid);
    return this.#advance();
  }

  features(): FeatureFlags {
    return this.#features.flags;
  }

  /** Switches features for every Worker that asks from now on. */
  changeFeatures(patch: Partial<FeatureFlags>, releasedLease: string | undefined): ChangedFeatures {
    if (releasedLease !== undefined) this.#leases.release(releasedLease);
    return { flags: this.#features.change(patch), epoch: this.#advance() };
  }

  /** A structural write of this index was accepted; its Worker gave up the lease it had. */
  beginChange(physical: PhysicalUid, releasedLease: string | undefined): void {
    this.#changing.add(physical);
    if (releasedLease !== undefined) this.#leases.release(releasedLease);
  }

  /** A Worker gave up a lease and changed nothing after all. */
  releaseLease(name: string): void {
    this.#leases.release(name);
  }

  endChange(physical: PhysicalUid): void {
    this.#changing.delete(physical);
  }

  /**
   * Where writes to `uid` go. `closed` names a log that said it is over, so that a crash between
   * closing a log and telling the registry cannot leave writers without a target.
   */
  async writeTarget(
    uid: IndexUid,
    create: boolean,
    closed: PhysicalUid | undefined,
  ): Promise<WriteTarget | undefined> {
    await this.#probed();
    if (closed !== undefined) this.endIndex(closed);
    const known = writable(this.#indexes.values(), uid);
    if (known !== undefined) return targetOf(known);
    return create ? targetOf(this.#createIndex(uid)) : undefined;
  }

  /** The index takes no more writes; readers see it until `dropIndex`. */
  endIndex(physical: PhysicalUid): void {
    const index = this.#indexes.get(physical);
    if (index === undefined || index.phase === ended(index.phase)) return;
    this.#put({ ...index, phase: ended(index.phase) });
  }

  /** Every in-sync replica has the index: readers may see it. */
  serveIndex(physical: PhysicalUid, primaryKey: string | undefined): Epoch {
    const index = this.#indexes.get(physical);
    if (index === undefined || index.phase === served(index.phase)) return this.#epoch;
    const found = { ...index, phase: served(index.phase), primaryKey };
    for (const older of superseded(this.#indexes.values(), found)) {
      this.#put({ ...older, phase: "superseded" });
    }
    return this.#put(found);
  }

  /** Every in-sync replica has applied the change. */
  changeIndex(physical: PhysicalUid, change: IndexChange): Epoch {
    const index = this.#indexes.get(physical);
    if (index === undefined) return this.#epoch;
    return this.#put({ ...index, ...change, updatedAt: instant(Date.now()) });
  }

  /** No replica has the index any more. */
  dropIndex(physical: PhysicalUid): Epoch {
    const index = this.#indexes.get(physical);
    if (index === undefined) return this.#epoch;
    this.#indexes.delete(physical);
    this.#store.removeIndex(index);
    return this.#advance();
  }

  /** A replica leaves the in-sync set (searches must not use it), or comes back. */
  setLagging(physical: PhysicalUid, node: NodeId, lagging: boolean): Epoch {
    const index = this.#indexes.get(physical);
    if (index === undefined || index.lagging.includes(node) === lagging) return this.#epoch;
    const others = index.lagging.filter((id) => id !== node);
    return this.#put({ ...index, lagging: lagging ? [...others, node] : others });
  }

  /** Changes which nodes hold shards of an index; the epoch from which readers see it. */
  place(physical: PhysicalUid, change: PlacementChange): Epoch {
    const index = this.#indexes.get(physical);
    const changed = index === undefined ? undefined : placed(index, change);
    return changed === undefined || changed === index ? this.#epoch : this.#put(changed);
  }

  /** Accepts a cluster-wide task; it is carried out after those before it. */
  async submit(operation: ClusterOperation): Promise<AcceptedOperation> {
    return await this.#start(this.#add(crypto.randomUUID(), operation));
  }

  #add(token: string, operation: ClusterOperation): PendingTask {
    const createdAt = instant(Date.now());
    this.#operations.add(token, operation, createdAt);
    return { token, operation, createdAt, uid: null };
  }

  async #start(pending: PendingTask): Promise<AcceptedOperation> {
    const uid = await this.#executor.register(pending);
    this.ctx.waitUntil(this.#executor.run());
    return { uid, createdAt: pending.createdAt };
  }

  /**
   * Gives indexes new names. Writers follow at once, before the answer is out: whatever is accepted
   * after it goes by the new names. Readers follow, all in one epoch, when what was written before is
   * applied.
   */
  async rename(request: RenameRequest): Promise<AcceptedOperation> {
    const { type, indexUid, details, exchanges, releasedLease } = request;
    if (releasedLease !== undefined) this.#leases.release(releasedLease);
    const token = crypto.randomUUID();
    const holds = new Holds(this.env.INDEX_LOG, token);
    this.#renaming.add(token);
    const renaming = await holds
      .around(() => exchanged(this.#indexes.values(), exchanges))
      // In the same turn as what follows: until then the logs must not take it for given up.
      .finally(() => this.#renaming.delete(token));
    const history: [IndexUid, IndexUid][] = [];
    if ("code" in renaming) {
      return await this.submit({
        kind: "renameIndexes",
        type,
        indexUid,
        details,
        renaming,
        history,
      });
    }
    for (const [physical, uid] of renaming) {
      const index = this.#indexes.get(physical);
      if (index === undefined) continue;
      history.push([index.uid, uid]);
      this.#changing.add(physical);
      this.#put({ ...index, uid });
    }
    // In one commit with the names: a restart must find what it has to finish.
    const names = [...renaming];
    const operation = { type, indexUid, details, renaming: names, history };
    const pending = this.#add(token, { kind: "renameIndexes", ...operation });
    await this.#view.leasesEnded(this.#epoch);
    return await this.#start(pending);
  }

  /** Whether logs have to hold what comes behind this swap. */
  isRenaming(token: string): boolean {
    return this.#renaming.has(token) || this.#operations.all().some((one) => one.token === token);
  }

  #readAs(names: readonly (readonly [PhysicalUid, IndexUid])[]): Epoch {
    for (const [physical, readUid] of names) {
      const index = this.#indexes.get(physical);
      if (index === undefined) continue;
      const renamed = { ...index, readUid };
      this.#indexes.set(physical, renamed);
      this.#store.putIndex(renamed);
      this.#changing.delete(physical);
    }
    return this.#advance();
  }

  /** Milliseconds until no Worker can be using a topology older than `epoch`. */
  leaseWaitMs(epoch: Epoch): number {
    return this.#leases.waitMs(epoch, Date.now());
  }

  override async alarm(): Promise<void> {
    this.ctx.waitUntil(this.#executor.run());
    await this.#roster.probe();
    await this.ctx.storage.setAlarm(Date.now() + PROBE_INTERVAL_MS);
  }

  /** Cron's visit: probes now, and starts the alarm again should it have been lost. */
  async reconcile(): Promise<void> {
    this.#armed = false;
    await this.#roster.probe();
    await this.#probed();
  }

  #createIndex(uid: IndexUid): RegisteredIndex {
    const index = newIndex(uid, this.#roster.all(), configOf(this.env), instant(Date.now()));
    this.#put(index);
    return index;
  }

  #put(index: RegisteredIndex): Epoch {
    this.#indexes.set(index.physical, index);
    this.#store.putIndex(index);
    return this.#advance();
  }

  #advance(): Epoch {
    this.#epoch = this.#store.nextEpoch();
    return this.#epoch;
  }

  /** Waits for the first probes after a start: until then no node is known to be usable. */
  async #probed(): Promise<void> {
    if (!this.#roster.isProbed()) await this.#roster.probe();
    if (this.#armed) return;
    this.#armed = true;
    await this.ctx.storage.setAlarm(Date.now() + PROBE_INTERVAL_MS);
  }
}
