/**
 * One look at all operations: which steps begin now, which are to be canceled, and which operations
 * have ended. While an index is built anew nothing of it moves: its log stands at a fence, and the
 * operations that would move its shards wait for the end of the reshard. It decides from the registry and the records alone, so it is the same after a restart
 * as before, and looking twice decides once.
 */
import { shardId, type Instant, type NodeId, type PhysicalUid, type ShardId } from "../ids.ts";
import type { Node, NodeState } from "../topology/topology.ts";
import { nextChanges, placeKey } from "./next-changes.ts";
import {
  isFinished,
  nodeOf,
  type OperationState,
  type OperationStep,
  type TopologyOperation,
} from "./operation.ts";
import {
  placementPlan,
  type PlacedIndex,
  type PlacementPlan,
  type PlannedChange,
  type PlanScope,
  type WaitingReplica,
  type WaitReason,
} from "./placement-plan.ts";

/** Steps that may fail in a row before the operation has failed. */
export const FAILURES_MAX = 8;

export interface ControlView {
  readonly now: Instant;
  readonly nodes: readonly Node[];
  readonly indexes: readonly PlacedIndex[];
  /** Those that are not over. */
  readonly operations: readonly TopologyOperation[];
  /** Those that are under way. */
  readonly steps: readonly OperationStep[];
  /** Steps that may be under way at a time, over all indexes. */
  readonly movesMax: number;
}

export interface NodeChange {
  readonly node: NodeId;
  readonly state: NodeState;
}

export interface Decisions {
  /** Operations as they are now: those that changed. */
  readonly operations: readonly TopologyOperation[];
  readonly steps: readonly OperationStep[];
  readonly nodes: readonly NodeChange[];
  readonly cancel: readonly OperationStep[];
}

/** Rebuilding what was lost comes before everything that can wait. */
const urgency = ({ intent }: TopologyOperation): number => (intent.kind === "fail" ? 0 : 1);

export function reconcile(view: ControlView): Decisions {
  const operations: TopologyOperation[] = [];
  const steps: OperationStep[] = [];
  const nodes: NodeChange[] = [];
  const cancel: OperationStep[] = [];
  const inOrder = view.operations.toSorted((a, b) => urgency(a) - urgency(b) || a.id - b.id);
  for (const operation of inOrder) {
    const own = view.steps.filter((step) => step.operation === operation.id);
    if (isFinished(operation)) continue;
    if (operation.state === "paused") {
      cancel.push(...own.filter(isUnbegun));
      continue;
    }
    if (operation.state === "canceling") {
      if (own.length > 0) cancel.push(...own);
      else operations.push(ended(operation, endOfCancelation(operation), view.now));
      continue;
    }
    const next = advanced(operation, own, view, [...view.steps, ...steps]);
    if (JSON.stringify(next.operation) !== JSON.stringify(operation)) {
      operations.push(next.operation);
    }
    steps.push(...next.steps);
    if (next.operation.state === "succeeded") nodes.push(...endOf(next.operation));
  }
  return { operations, steps, nodes, cancel };
}

/** Whether nothing of a step has been copied yet: then a pause takes it back. */
function isUnbegun({ kind, phase }: OperationStep): boolean {
  return kind === "move" && ["queued", "announcing", "fencing"].includes(phase);
}

/** A reshard may have come too far to be given up. */
function endOfCancelation({ intent, tally }: TopologyOperation): OperationState {
  return intent.kind === "reshard" && tally.done > 0 ? "succeeded" : "canceled";
}

interface Advanced {
  readonly operation: TopologyOperation;
  readonly steps: readonly OperationStep[];
}

function advanced(
  operation: TopologyOperation,
  own: readonly OperationStep[],
  view: ControlView,
  underWay: readonly OperationStep[],
): Advanced {
  const { changes, waiting } = remaining(operation, view);
  if (operation.failures >= FAILURES_MAX && own.length === 0) {
    return { operation: ended(operation, "failed", view.now), steps: [] };
  }
  if (changes.length === 0 && waiting.length === 0 && own.length === 0) {
    // Steps that are not planned anew: what could not be done is not made up for by those behind it.
    const isPlanned = !["repair", "reshard"].includes(operation.intent.kind);
    const isWhole = isPlanned || operation.tally.failed === 0;
    const over = { ...operation, waiting, error: isWhole ? null : operation.error };
    return { operation: ended(over, isWhole ? "succeeded" : "failed", view.now), steps: [] };
  }
  const begun = mayBegin(operation, view.now) ? begin(operation, changes, view, underWay) : [];
  const places = new Set([...own, ...begun].map(placeOf));
  const planned = changes.filter((change) => !places.has(placeKey(change))).length;
  return {
    operation: { ...operation, waiting, planned, begun: operation.begun + begun.length },
    steps: begun,
  };
}

function mayBegin({ failures, retryAt }: TopologyOperation, now: Instant): boolean {
  return failures < FAILURES_MAX && (retryAt === null || now >= retryAt);
}

const placeOf = ({ index, change }: OperationStep): string =>
  placeKey({ index, shard: change.shard });

function begin(
  operation: TopologyOperation,
  changes: readonly PlannedChange[],
  view: ControlView,
  underWay: readonly OperationStep[],
): readonly OperationStep[] {
  const health = new Map(view.nodes.map((node) => [node.id, node.health]));
  const isHealthy = (node: NodeId): boolean => health.get(node) === "healthy";
  // What has begun to move comes to its end before the index is built anew.
  const isMoving = ({ index }: PlannedChange) => underWay.some((step) => step.index === index);
  if (operation.intent.kind === "reshard" && changes.some(isMoving)) return [];
  const free = view.movesMax - underWay.length;
  const kind = stepKind(operation);
  return nextChanges(changes, new Set(underWay.map(placeOf)), isHealthy, free).map(
    ({ index, shard, target, drop }, position) => ({
      kind,
      operation: operation.id,
      index,
      change: { id: `${operation.id}-${operation.begun + position + 1}`, shard, target, drop },
      phase: "queued",
      documents: { copied: 0, total: 0 },
      bytes: 0,
      note: null,
      error: null,
      startedAt: null,
      finishedAt: null,
    }),
  );
}

function stepKind({ intent }: TopologyOperation): OperationStep["kind"] {
  if (intent.kind === "repair") return "verify";
  return intent.kind === "reshard" ? "reshard" : "move";
}

const EVERY_REASON: readonly WaitReason[] = ["lost", "no-node", "not-in-sync"];
/** For the rest of what it is about there may be no better place, now or ever. */
const CATCHING_UP: readonly WaitReason[] = ["not-in-sync"];

/** What is left to do for an operation, and what of it has to wait. */
function remaining(operation: TopologyOperation, view: ControlView): PlacementPlan {
  const { intent } = operation;
  switch (intent.kind) {
    case "rebalance":
      return planOf({ kind: "everything" }, view, CATCHING_UP);
    case "replicas":
      return planOf({ kind: "index", index: intent.index }, view, CATCHING_UP);
    case "drain":
    case "remove":
    case "replace":
      return planOf({ kind: "node", node: intent.node }, view, EVERY_REASON);
    case "fail": {
      // It has come back, or is on its way out by an operation of its own.
      const isFailed = view.nodes.some(({ id, state }) => id === intent.node && state === "failed");
      const scope: PlanScope = { kind: "node", node: intent.node };
      return isFailed ? planOf(scope, view, EVERY_REASON) : NOTHING;
    }
    case "reshard":
      return operation.begun > 0
        ? NOTHING
        : { changes: [{ index: intent.index, ...WHOLE_INDEX }], waiting: [] };
    case "repair": {
      if (!view.indexes.some(({ physical }) => physical === intent.index)) return NOTHING;
      return { changes: unverified(operation, intent), waiting: [] };
    }
  }
}

const NOTHING: PlacementPlan = { changes: [], waiting: [] };
/** A step that is not about one shard. */
const WHOLE_INDEX = { shard: shardId(0), target: null, drop: null } as const;

function planOf(
  scope: PlanScope,
  { indexes, nodes, operations }: ControlView,
  reasons: readonly WaitReason[],
): PlacementPlan {
  const { changes, waiting } = placementPlan(indexes, nodes, scope);
  const resharding = reshardedIndexes(operations, indexes);
  const held = changes.flatMap(({ index, shard, target, drop }): readonly WaitingReplica[] => {
    const node = drop ?? target;
    if (node === null || !resharding.has(index)) return [];
    return [{ index, shard, node, reason: "resharding" }];
  });
  return {
    changes: changes.filter(({ index }) => !resharding.has(index)),
    waiting: [...waiting.filter(({ reason }) => reasons.includes(reason)), ...held],
  };
}

/** Indexes that are to be built anew, and those that are being built. */
function reshardedIndexes(
  operations: readonly TopologyOperation[],
  indexes: readonly PlacedIndex[],
): ReadonlySet<PhysicalUid> {
  const old = operations.flatMap(({ intent }) => (intent.kind === "reshard" ? [intent.index] : []));
  const built = indexes.filter(({ builtFor }) => builtFor !== undefined);
  return new Set([...old, ...built.map(({ physical }) => physical)]);
}

/** Shards are compared in order; those that have begun are not left to do. */
function unverified(
  { begun }: TopologyOperation,
  { index, shards }: Extract<TopologyOperation["intent"], { kind: "repair" }>,
): readonly PlannedChange[] {
  const left: readonly ShardId[] = Array.from({ length: shards - begun }, (_, position) =>
    shardId(begun + position),
  );
  return left.map((shard) => ({ index, shard, target: null, drop: null }));
}

function ended(
  operation: TopologyOperation,
  state: OperationState,
  now: Instant,
): TopologyOperation {
  return { ...operation, state, planned: 0, retryAt: null, finishedAt: now };
}

/** What the end of an operation makes of its node. */
function endOf({ intent }: TopologyOperation): readonly NodeChange[] {
  const node = nodeOf(intent);
  const isGone = intent.kind === "remove" || intent.kind === "replace";
  return isGone && node !== undefined ? [{ node, state: "removed" }] : [];
}
