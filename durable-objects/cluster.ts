/**
 * The cluster's authority: nodes, the index registry, epochs and leases. Every decision is written
 * before it is announced, in one commit with its epoch; the object can be killed at any point.
 */
import { DurableObject } from "cloudflare:workers";

import { instant } from "../worker/core/ids.ts";
import type { Epoch, IndexUid, NodeId, PhysicalUid } from "../worker/core/ids.ts";
import { PROBE_INTERVAL_MS } from "../worker/core/limits.ts";
import type { ApiKey, KeyPatch, KeyUid, NewKey } from "../worker/core/keys/key.ts";
import { Leases } from "../worker/core/topology/leases.ts";
import { placed, type PlacementChange } from "../worker/core/topology/place-shards.ts";
import { ended, served, superseded, writable } from "../worker/core/topology/registry.ts";
import type { Node } from "../worker/core/topology/topology.ts";
import { configOf, type Env } from "../worker/env.ts";
import type { FeatureFlags } from "../worker/core/features/feature-flags.ts";
import { compareInTurn } from "./compare-in-turn.ts";
import { CLOCK } from "./clock.ts";
import { ClusterView } from "./cluster-view.ts";
import { clusterNodes, type WhoIs } from "./cluster-nodes.ts";
import { clusterOperations } from "./cluster-operations.ts";
import { CopyBudget } from "./copy-budget.ts";
import type { Operations } from "./operations.ts";
import { OperationStore, type ClusterOperation } from "./storage/operation-store.ts";
import { asRead, targetOf } from "./index-views.ts";
import { newIndex } from "./new-index.ts";
import { Succession } from "./succession.ts";
import type { NodeIdentities } from "./node-identities.ts";
import type { NodeRoster } from "./node-roster.ts";
import { Renames } from "./renames.ts";
import type {
  AcceptedOperation,
  ChangedFeatures,
  CreatedKey,
  IndexChange,
  RenameRequest,
  SnapshotReply,
  StoredIndex,
  VersionedRules,
  WriteTarget,
} from "./rpc.ts";
import { Snapshots } from "./snapshots.ts";
import { AliasStore } from "./storage/alias-store.ts";
import { FeatureStore } from "./storage/feature-store.ts";
import { KeyStore } from "./storage/key-store.ts";
import { RuleStore } from "./storage/rule-store.ts";
import { RegistryStore, type RegisteredIndex } from "./storage/registry-store.ts";
import { clusterControl } from "./topology/cluster-control.ts";
import type { ControlPlane } from "./topology/control-plane.ts";
import type * as Control from "./topology/control-rpc.ts";

export class Cluster extends DurableObject<Env> {
  readonly #store: RegistryStore;
  readonly #keys: KeyStore;
  readonly #features = new FeatureStore(this.ctx.storage.sql);
  readonly #rules = new RuleStore(this.ctx.storage.sql);
  readonly #aliases = new AliasStore(this.ctx.storage.sql);
  readonly #leases: Leases;
  /** Indexes with a structural write under way: no lease is granted, so that it ends at once. */
  readonly #changing = new Set<PhysicalUid>();
  readonly #roster: NodeRoster;
  readonly #identities: NodeIdentities;
  readonly #whoIs: WhoIs;
  readonly #indexes: Map<PhysicalUid, RegisteredIndex>;
  #epoch: Epoch;
  #armed = false;
  readonly #renames: Renames;
  readonly #executor: Operations;
  readonly #control: ControlPlane;
  readonly #succession: Succession;
  readonly #copies: CopyBudget;
  readonly #snapshots: Snapshots;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new RegistryStore(ctx.storage.sql);
    this.#keys = new KeyStore(ctx.storage.sql, Date.now());
    this.#leases = new Leases(this.#store.leaseHorizon());
    this.#indexes = new Map(this.#store.indexes().map((index) => [index.physical, index]));
    this.#succession = new Succession(this.#indexes, (index) => this.#put(index), CLOCK.now);
    this.#copies = new CopyBudget(configOf(env).copyBytesPerSecond, CLOCK.now);
    this.#epoch = this.#store.nextEpoch();
    const indexes = (): readonly RegisteredIndex[] => [...this.#indexes.values()];
    const common = { indexes, epoch: () => this.#epoch, advance: () => this.#advance() };
    const { roster, identities, whoIs } = clusterNodes(ctx, env, {
      ...common,
      store: this.#store,
      outOfReads: (physical, node) => this.setLagging(physical, node, true),
    });
    this.#roster = roster;
    this.#identities = identities;
    this.#whoIs = whoIs;
    const operations = new OperationStore(ctx.storage.sql);
    const view = new ClusterView(env.CLUSTER.getByName("cluster"), CLOCK.sleep);
    this.#executor = clusterOperations(ctx, env, {
      ...common,
      store: operations,
      rules: this.#rules,
      readAs: (names) => this.#renames.readAs(names) ?? this.#epoch,
      leasesEnded: (changed) => view.leasesEnded(changed),
    });
    this.#renames = new Renames({
      indexes: this.#indexes,
      aliases: () => this.#aliases.all,
      operations,
      executor: this.#executor,
      logs: env.INDEX_LOG,
      view,
      changing: this.#changing,
      put: (index) => this.#put(index),
      now: () => Date.now(),
      inBackground: (work) => ctx.waitUntil(work),
    });
    this.#control = clusterControl(ctx, env, {
      ...common,
      roster,
      aliases: this.#aliases,
      putIndex: (index) => this.#put(index),
    });
    this.#snapshots = new Snapshots({
      ...common,
      store: this.#store,
      keys: this.#keys,
      features: this.#features,
      rules: this.#rules,
      aliases: this.#aliases,
      leases: this.#leases,
      roster,
      now: () => Date.now(),
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
    return this.#snapshots.grant(lease, known, leaseMs);
  }

  /** One physical index, visible or not: what its log delivers to. */
  index(physical: PhysicalUid): StoredIndex | undefined {
    const index = this.#indexes.get(physical);
    return index === undefined ? undefined : asRead(index);
  }

  nodes(): readonly Node[] {
    return this.#roster.all();
  }

  /** What an operator asks for: checked, recorded, and from then on carried out. */
  async control(request: Control.ControlRequest): Promise<Control.ControlReply> {
    await this.#probed();
    return this.#control.change(request);
  }

  async overview(): Promise<Control.Overview> {
    await this.#probed();
    return this.#control.overview();
  }

  operation(id: number): Control.OperationStatus | undefined {
    return this.#control.operation(id);
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
    return this.#keys.update(uid, patch, Date.now());
  }

  /** The epoch from which on the key is gone; undefined when there is no such key. */
  deleteKey(uid: KeyUid, releasedLease: string | undefined): Epoch | undefined {
    if (releasedLease !== undefined) this.#leases.release(releasedLease);
    if (this.#keys.get(uid) === undefined) return undefined;
    this.#keys.remove(uid);
    return this.#advance();
  }

  /** The dynamic search rules of a version, or of one that came after it. */
  searchRules(): VersionedRules {
    return { version: this.#rules.version, rules: JSON.stringify(this.#rules.all()) };
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

  /** A Worker gave up a lease. */
  releaseLease(name: string): void {
    this.#leases.release(name);
  }

  endChange(physical: PhysicalUid): void {
    this.#changing.delete(physical);
  }

  /**
   * Where writes to a name go; no alias brings an index into being. `closed` names a log that said
   * it is over, so that a crash between closing a log and telling the registry cannot leave writers
   * without a target.
   */
  async writeTarget(
    name: IndexUid,
    create: boolean,
    closed: PhysicalUid | undefined,
  ): Promise<WriteTarget | undefined> {
    await this.#probed();
    if (closed !== undefined) this.endIndex(closed);
    const uid = this.#aliases.writtenAs(name);
    const known = uid === undefined ? undefined : writable(this.#indexes.values(), uid);
    if (known !== undefined) return targetOf(known);
    const isFree = create && !this.#aliases.all.has(name);
    return isFree ? targetOf(this.#createIndex(name)) : undefined;
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

  /** Milliseconds that copies have to wait once these bytes are copied. */
  paceCopy(bytes: number): number {
    return this.#copies.pace(bytes);
  }

  /** Changes which nodes hold shards of an index; the epoch from which readers see it. */
  place(physical: PhysicalUid, change: PlacementChange): Epoch {
    const index = this.#indexes.get(physical);
    const changed = index === undefined ? undefined : placed(index, change);
    return changed === undefined || changed === index ? this.#epoch : this.#put(changed);
  }

  /** The index that is built to take this one's place; undefined when this one is gone. */
  buildSuccessor(physical: PhysicalUid, shards: number): WriteTarget | undefined {
    return this.#succession.begin(physical, this.#roster.all(), shards);
  }

  /** What was built to take this one's place is in vain: nothing is built on it any more. */
  abandonSuccessors(physical: PhysicalUid): readonly PhysicalUid[] {
    return this.#succession.abandon(physical);
  }

  /** Whether the exchange may begin: no name is changing, and none will until it is over. */
  prepareSuccession(physical: PhysicalUid): boolean {
    if (this.#renames.isUnderWay) return false;
    this.#succession.announce(physical);
    return true;
  }

  /** The successor takes the index's place, for readers and writers in one epoch. */
  succeed(physical: PhysicalUid, successor: PhysicalUid): Epoch {
    this.#succession.exchange(physical, successor);
    return this.#epoch;
  }

  /** Whether a node has, as of now, what it had of an index; false when nobody can say. */
  async isIntact(node: NodeId, physical: PhysicalUid, lastTask?: number): Promise<boolean> {
    return (await this.#whoIs(node, physical, lastTask)) === "same";
  }

  /** Whether a node that is in doubt may be read all the same. */
  async isReadable(node: NodeId, physical: PhysicalUid): Promise<boolean> {
    const who = await this.#whoIs(node, physical);
    const isInSync = this.#indexes.get(physical)?.lagging.includes(node) === false;
    return isInSync && ["same", "new", "untold"].includes(who);
  }

  /** An operator gives up what only this node had. */
  async acceptLoss(node: NodeId): Promise<void> {
    await this.#identities.acceptLoss(node);
  }

  /** Accepts a cluster-wide task; it is carried out after those before it. */
  async submit(operation: ClusterOperation): Promise<AcceptedOperation> {
    return await this.#renames.submit(crypto.randomUUID(), operation);
  }

  /** Gives indexes new names, for writers at once. */
  async rename(request: RenameRequest): Promise<AcceptedOperation> {
    if (request.releasedLease !== undefined) this.#leases.release(request.releasedLease);
    await this.#succession.isOver(CLOCK.sleep);
    return await this.#renames.rename(request);
  }

  /** Whether logs have to hold what comes behind this swap, or behind this index's succession. */
  isRenaming(token: string): boolean {
    const isMoving = [...this.#indexes.keys()].some((log) => log === token);
    return isMoving || this.#renames.isRenaming(token);
  }

  /** Milliseconds until no Worker can be using a topology older than `epoch`. */
  leaseWaitMs(epoch: Epoch): number {
    return this.#leases.waitMs(epoch, Date.now());
  }

  override async alarm(): Promise<void> {
    this.ctx.waitUntil(this.#executor.run());
    await this.#roster.probe();
    this.ctx.waitUntil(this.#control.run());
    this.ctx.waitUntil(this.#identities.tellLogs());
    await this.ctx.storage.setAlarm(Date.now() + PROBE_INTERVAL_MS);
  }

  /** Cron's visit: probes now, and starts the alarm again should it have been lost. */
  async reconcile(): Promise<void> {
    this.#armed = false;
    await this.#roster.probe();
    await this.#probed();
    this.ctx.waitUntil(this.#control.visit());
    await compareInTurn(this.env.INDEX_LOG, [...this.#indexes.values()], Date.now());
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
    return (this.#epoch = this.#store.nextEpoch());
  }

  /** Waits for the first probes after a start: until then no node is known to be usable. */
  async #probed(): Promise<void> {
    if (!this.#roster.isProbed()) await this.#roster.probe();
    if (this.#armed) return;
    this.#armed = true;
    await this.ctx.storage.setAlarm(Date.now() + PROBE_INTERVAL_MS);
  }
}
