/**
 * A cluster in memory and in virtual time for the control loop: nodes, a registry, and logs that move
 * shards as slowly and as unreliably as a seed says. It checks at every switch that no shard is left
 * with fewer replicas than it had and should have, and that nothing of an index moves while it is
 * built anew.
 */
import { ControlLoop } from "../../../durable-objects/topology/control-loop.ts";
import type {
  ControlRegistry,
  Records,
  ShardLogs,
} from "../../../durable-objects/topology/ports.ts";
import {
  groupId,
  indexUid,
  instant,
  nodeId,
  physicalUid,
  type Instant,
  type NodeId,
  type PhysicalUid,
} from "../../../worker/core/ids.ts";
import { placeIndex } from "../../../worker/core/placement/place-index.ts";
import { acceptOperation } from "../../../worker/core/rebalance/accept-operation.ts";
import {
  isFinished,
  newOperation,
  type OperationIntent,
  type OperationStep,
  type TopologyOperation,
} from "../../../worker/core/rebalance/operation.ts";
import { placementPlan, type PlacedIndex } from "../../../worker/core/rebalance/placement-plan.ts";
import type { NodeChange } from "../../../worker/core/rebalance/reconcile.ts";
import type { Node } from "../../../worker/core/topology/topology.ts";
import {
  isOver,
  type ShardChange,
  type TransferStatus,
} from "../../../worker/core/transfer/shard-change.ts";
import { FakeReshards } from "./fake-reshards.ts";

export const FAIL_AFTER_MS = 60_000;
const LOOK_MS = 1000;

export function fleetNode(id: string, over: Partial<Node> = {}): Node {
  return {
    id: nodeId(id),
    url: `embedded://${id}`,
    key: undefined,
    group: groupId("default"),
    zone: undefined,
    weight: 1,
    state: "active",
    health: "healthy",
    ...over,
  };
}

/** What happens by chance; always the same for the same seed. */
export interface Chance {
  /** True with this probability. */
  happens(probability: number): boolean;
}

export const CERTAIN: Chance = { happens: () => false };

export class FakeCluster implements ControlRegistry, ShardLogs, Records {
  now = 1_000_000;
  /** How likely the Cluster is killed at a call to a log, before or after it had its effect. */
  crashes = 0;
  /** How likely such a call fails, before or after it had its effect. */
  cutOffs = 0;
  /** How likely a transfer fails. */
  failures = 0;
  readonly operations = new Map<number, TopologyOperation>();
  readonly steps = new Map<string, OperationStep>();
  readonly broken: string[] = [];
  movesUnderWay = 0;
  #nodes: readonly Node[];
  #indexes: readonly PlacedIndex[];
  readonly #down = new Map<NodeId, Instant>();
  /** What the replication factor was when a change was asked for: a cancelation may raise it again. */
  readonly #factorsAsked = new Map<string, number>();
  readonly #transfers = new Map<PhysicalUid, Map<string, TransferStatus>>();
  readonly #reshards = new FakeReshards();
  readonly #chance: Chance;
  readonly #movesMax: number;
  #loop: ControlLoop;
  #crash = Promise.withResolvers<true>();

  constructor(nodeCount: number, rf: number, chance: Chance = CERTAIN, movesMax = 4) {
    this.#nodes = Array.from({ length: nodeCount }, (_, i) => fleetNode(`n${i}`));
    this.#indexes = ["movies-1", "books-2"].map((name) => ({
      physical: physicalUid(name),
      replicationFactor: rf,
      shardMap: placeIndex(physicalUid(name), this.#nodes, 12, rf),
      lagging: [],
    }));
    this.#chance = chance;
    this.#movesMax = movesMax;
    this.#loop = this.#started();
  }

  #started(): ControlLoop {
    return new ControlLoop({
      records: this,
      registry: this,
      logs: this,
      now: () => this.now,
      // Deadlines of calls: nothing here takes that long.
      sleep: () => new Promise(() => undefined),
      failAfterMs: FAIL_AFTER_MS,
      movesMax: this.#movesMax,
    });
  }

  nodes = (): readonly Node[] => this.#nodes.filter(({ state }) => state !== "removed");
  indexes = (): readonly PlacedIndex[] => this.#indexes;
  downSince = (): ReadonlyMap<NodeId, Instant> => this.#down;
  nextId = (): number => this.operations.size + 1;
  unfinished = (): readonly TopologyOperation[] =>
    [...this.operations.values()].filter((one) => !isFinished(one));
  underWay = (): readonly OperationStep[] =>
    [...this.steps.values()].filter(({ phase }) => !isOver(phase));

  put(operation: TopologyOperation): void {
    this.operations.set(operation.id, operation);
  }

  putStep(step: OperationStep): void {
    this.steps.set(step.change.id, step);
  }

  changeNodes(changes: readonly NodeChange[]): void {
    for (const { node, state } of changes) this.setNode(node, { state });
  }

  setNode(id: string, over: Partial<Node>): void {
    this.#nodes = this.#nodes.map((node) => (node.id === id ? { ...node, ...over } : node));
  }

  addNode(node: Node): void {
    this.#nodes = [...this.#nodes, node];
  }

  setDown(id: string, isDown: boolean): void {
    this.setNode(id, { health: isDown ? "unreachable" : "healthy" });
    if (isDown) this.#down.set(nodeId(id), instant(this.now));
    else this.#down.delete(nodeId(id));
  }

  setReplicas(physical: PhysicalUid, replicationFactor: number): void {
    this.#indexes = this.#indexes.map((index) =>
      index.physical === physical ? { ...index, replicationFactor } : index,
    );
  }

  removeIndex(physical: PhysicalUid): void {
    this.#indexes = this.#indexes.filter((index) => index.physical !== physical);
  }

  /** Accepts an operation as the Cluster does; the reason when it is refused. */
  submit(intent: OperationIntent): string | number {
    const operations = [...this.operations.values()];
    const view = { nodes: this.nodes(), indexes: this.#indexes, operations };
    const acceptance = acceptOperation(intent, view);
    if (acceptance.kind === "refused") return acceptance.reason;
    this.changeNodes(acceptance.nodes);
    for (const [node, seat] of acceptance.seats) this.setNode(node, { seat });
    for (const one of acceptance.replaces) this.put({ ...one, state: "canceling" });
    if (intent.kind === "replicas") this.setReplicas(intent.index, intent.to);
    const operation = newOperation(this.nextId(), intent, instant(this.now));
    this.put(operation);
    return operation.id;
  }

  setState(id: number, state: TopologyOperation["state"]): void {
    const operation = this.operations.get(id);
    if (operation !== undefined) this.put({ ...operation, state });
  }

  transfer(index: PhysicalUid, changes: readonly ShardChange[]): Promise<void> {
    return this.#call(() => {
      const known = this.#transfers.get(index) ?? new Map<string, TransferStatus>();
      this.#transfers.set(index, known);
      for (const change of changes) {
        if (known.has(change.id)) continue;
        const documents = { copied: 0, total: 10 };
        const progress = { documents, bytes: 0, error: null, startedAt: null, finishedAt: null };
        known.set(change.id, { ...change, phase: "queued", ...progress });
        const asked = this.#indexes.find(({ physical }) => physical === index);
        this.#factorsAsked.set(change.id, asked?.replicationFactor ?? 1);
      }
    });
  }

  transfers(index: PhysicalUid): Promise<readonly TransferStatus[]> {
    return this.#call(() => [...(this.#transfers.get(index)?.values() ?? [])]);
  }

  cancel(index: PhysicalUid, ids: readonly string[]): Promise<void> {
    return this.#call(() => {
      for (const id of ids) this.#setPhase(index, id, "canceled");
    });
  }

  verify(_index: PhysicalUid, shard: ShardChange["shard"]) {
    return this.#call(() => ({ kind: "skipped" as const, shard, reason: "one replica" }));
  }

  reshard(index: PhysicalUid, id: string, shardCount: number): Promise<boolean> {
    return this.#call(() => {
      const isTaken = this.#reshards.begin(index, id, shardCount);
      if (isTaken) this.#build(index, shardCount);
      return isTaken;
    });
  }

  reshardState(index: PhysicalUid) {
    return this.#call(() => this.#reshards.state(index));
  }

  cancelReshard(index: PhysicalUid, id: string): Promise<void> {
    return this.#call(() => {
      this.#reshards.cancel(index, id);
      if (this.#reshards.isUnderWay(index)) return;
      this.#indexes = this.#indexes.filter(({ builtFor }) => builtFor !== index);
    });
  }

  /** The index that is to take the place of one. */
  #build(physical: PhysicalUid, shardCount: number): void {
    const index = this.#indexes.find((one) => one.physical === physical);
    if (index === undefined || this.#indexes.some(({ builtFor }) => builtFor === physical)) return;
    const successor = physicalUid(`${physical}-successor`);
    const shardMap = placeIndex(successor, this.nodes(), shardCount, index.replicationFactor);
    const built = { ...index, physical: successor, shardMap, builtFor: physical };
    this.#indexes = [...this.#indexes, built];
  }

  /** Another index takes the place of one. */
  #succeed(physical: PhysicalUid): void {
    const built = this.#indexes.find(({ builtFor }) => builtFor === physical);
    this.#indexes = this.#indexes.flatMap((index) => {
      if (index === built) return [];
      return index.physical !== physical || built === undefined
        ? [index]
        : [{ ...built, builtFor: undefined }];
    });
  }

  /** Time passes: transfers come on, and the loop looks. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    while (this.now < end) {
      this.now += LOOK_MS;
      for (const [index, known] of this.#transfers) {
        for (const status of known.values()) this.#advance(index, status);
      }
      for (const index of this.#reshards.advance()) this.#succeed(index);
      this.movesUnderWay = Math.max(this.movesUnderWay, this.underWay().length);
      this.#crash = Promise.withResolvers();
      const look = this.#loop.look().then(() => false);
      // A restart knows only what was stored.
      if (await Promise.race([look, this.#crash.promise])) this.#loop = this.#started();
    }
  }

  /** One look; whether the loop wants another soon. */
  async look(): Promise<boolean> {
    return await this.#loop.look();
  }

  /** Passes time until every operation is over. */
  async settle(limitMs = 3_600_000): Promise<void> {
    const end = this.now + limitMs;
    while (this.now < end && this.unfinished().length > 0) await this.pass(LOOK_MS);
  }

  drift(): number {
    return placementPlan(this.#indexes, this.nodes(), { kind: "everything" }).changes.length;
  }

  holding(id: string): number {
    return this.#indexes.flatMap(({ shardMap }) => shardMap.flat()).filter((node) => node === id)
      .length;
  }

  states(): readonly string[] {
    return [...this.operations.values()].map(({ intent, state }) => `${intent.kind} ${state}`);
  }

  async #call<T>(effect: () => T): Promise<T> {
    if (this.#chance.happens(this.cutOffs)) throw new Error("cut off before");
    await this.#maybeCrash();
    const value = effect();
    await this.#maybeCrash();
    if (this.#chance.happens(this.cutOffs)) throw new Error("cut off after");
    return value;
  }

  async #maybeCrash(): Promise<void> {
    if (!this.#chance.happens(this.crashes)) return;
    this.#crash.resolve(true);
    await new Promise(() => undefined);
  }

  #advance(index: PhysicalUid, status: TransferStatus): void {
    if (isOver(status.phase)) return;
    const built = this.#indexes.find(({ physical }) => physical === index)?.builtFor;
    if (this.#reshards.isUnderWay(index) || built !== undefined) {
      this.broken.push(`${index}/${status.shard} moves while it is built anew`);
    }
    if (this.#chance.happens(this.failures)) {
      this.#setPhase(index, status.id, "failed");
      return;
    }
    if (status.phase === "queued") this.#setPhase(index, status.id, "copying");
    else if (this.#mayFinish(index, status)) this.#finish(index, status);
  }

  #mayFinish(index: PhysicalUid, { target, shard }: TransferStatus): boolean {
    const found = this.#indexes.find(({ physical }) => physical === index);
    const isThere = (id: NodeId) =>
      this.#nodes.find((node) => node.id === id)?.health === "healthy";
    if (target === null) return true;
    return isThere(target) && (found?.shardMap[shard] ?? []).some(isThere);
  }

  #finish(index: PhysicalUid, { id, shard, target, drop }: TransferStatus): void {
    this.#indexes = this.#indexes.map((one) => {
      if (one.physical !== index) return one;
      const before = one.shardMap[shard] ?? [];
      const kept = before.filter((node) => node !== drop);
      const after = target === null || kept.includes(target) ? kept : [...kept, target];
      const isLive = (node: NodeId) =>
        this.#nodes.some(
          // One that has just come back counts, whatever the Cluster still takes it for.
          ({ id: known, state, health }) =>
            known === node && (state !== "failed" || health === "healthy"),
        );
      const [live, liveBefore] = [after.filter(isLive).length, before.filter(isLive).length];
      const factor = Math.min(one.replicationFactor, this.#factorsAsked.get(id) ?? 1);
      if (live < Math.min(liveBefore, factor)) {
        this.broken.push(`${index}/${shard}: ${before.join()} to ${after.join()}`);
      }
      return {
        ...one,
        shardMap: one.shardMap.map((replicas, at) => (at === shard ? after : replicas)),
      };
    });
    this.#setPhase(index, id, "done");
  }

  #setPhase(index: PhysicalUid, id: string, phase: TransferStatus["phase"]): void {
    const known = this.#transfers.get(index);
    const status = known?.get(id);
    if (known === undefined || status === undefined || isOver(status.phase)) return;
    const isDone = phase === "done" && status.target !== null;
    known.set(id, {
      ...status,
      phase,
      error: phase === "failed" ? "the copy broke off" : null,
      documents: { copied: isDone ? 10 : 0, total: 10 },
      startedAt: status.startedAt ?? instant(this.now),
      finishedAt: isOver(phase) ? instant(this.now) : null,
    });
  }
}

export const MOVIES = { index: physicalUid("movies-1"), uid: indexUid("movies") } as const;
