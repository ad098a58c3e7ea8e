/** What the admin API shows of nodes, indexes, operations and plans. */
import type { z } from "zod";

import type {
  IndexStatus,
  NodeStatus,
  OperationStatus,
  Overview,
} from "../../durable-objects/topology/control-rpc.ts";
import type { LogStatus, WireAlias } from "../../durable-objects/rpc.ts";
import { instant, type Instant, type PhysicalUid } from "../core/ids.ts";
import { estimate, type ShardSize } from "../core/rebalance/estimate.ts";
import { nodeOf, type OperationStep } from "../core/rebalance/operation.ts";
import type { PlannedChange, WaitingReplica } from "../core/rebalance/placement-plan.ts";
import { progressOf } from "../core/rebalance/progress.ts";
import { isOver, type ShardReport } from "../core/transfer/shard-change.ts";
import type {
  aliasView,
  indexView,
  nodeView,
  operationDetail,
  operationView,
  planView,
  shardReportView,
  stepView,
  topologyView,
  writesView,
} from "./schemas.ts";

const textOf = (at: Instant | null | undefined): string | null =>
  at === null || at === undefined ? null : new Date(at).toISOString();

export function viewNode(
  { node, problem, downSince }: NodeStatus,
  indexes: readonly IndexStatus[],
): z.infer<typeof nodeView> {
  const { id, url, group, zone = null, weight, state, health } = node;
  const replicas = indexes.flatMap(({ shardMap }) => shardMap.flat()).filter((on) => on === id);
  return {
    id,
    url,
    group,
    zone,
    weight,
    state,
    health,
    problem: problem ?? null,
    downSince: textOf(downSince),
    replicas: replicas.length,
  };
}

export function viewIndex(index: IndexStatus): z.infer<typeof indexView> {
  const { uid, physical, replicationFactor, shardMap, lagging } = index;
  return { uid, physical, replicationFactor, shards: shardMap.length, lagging: [...lagging] };
}

export function viewWrites(uid: string, status: LogStatus): z.infer<typeof writesView> {
  const { replicas, waiting, ...log } = status;
  return {
    index: uid,
    ...log,
    replicas: [...replicas],
    waiting: waiting === null ? null : { reason: waiting.kind, nodes: [...waiting.nodes] },
  };
}

export function viewAlias(
  { name, indexes: uids }: WireAlias,
  indexes: readonly Pick<IndexStatus, "uid">[],
): z.infer<typeof aliasView> {
  const known = new Set(indexes.map(({ uid }) => uid));
  return { name, indexes: [...uids], missing: uids.filter((uid) => !known.has(uid)) };
}

export function viewShardReport(uid: string, found: ShardReport): z.infer<typeof shardReportView> {
  const { kind: state, shard } = found;
  const nothing = { reason: null, offset: null, replicas: [], wrong: [], ranges: 0 };
  const about = { ...nothing, index: uid, shard, state };
  if (found.kind === "skipped") return { ...about, reason: found.reason };
  const { offset, replicas } = found;
  const seen = { ...about, offset, replicas: [...replicas] };
  if (found.kind === "same") return seen;
  return { ...seen, wrong: [...found.wrong], ranges: found.ranges };
}

/** Physical indexes by the uid that clients know; those that are gone by their own name. */
export function namesOf(
  indexes: readonly Pick<IndexStatus, "uid" | "physical">[],
): (physical: PhysicalUid) => string {
  const byPhysical = new Map(indexes.map(({ uid, physical }) => [physical, uid]));
  return (physical) => byPhysical.get(physical) ?? physical;
}

type NameOf = ReturnType<typeof namesOf>;

export function viewOperation(
  { operation, steps }: OperationStatus,
  nameOf: NameOf,
  now: number,
): z.infer<typeof operationView> {
  const { id, intent, state, error, waiting, createdAt, finishedAt } = operation;
  const underWay = steps.filter(({ phase }) => !isOver(phase));
  return {
    id,
    kind: intent.kind,
    node: nodeOf(intent) ?? null,
    index: "uid" in intent ? intent.uid : null,
    state,
    error,
    waiting: viewWaiting(waiting, nameOf),
    progress: progressOf(operation, underWay, instant(now)),
    createdAt: new Date(createdAt).toISOString(),
    finishedAt: textOf(finishedAt),
  };
}

export function viewOperationDetail(
  status: OperationStatus,
  nameOf: NameOf,
  now: number,
): z.infer<typeof operationDetail> {
  const steps = status.steps.map((step) => viewStep(step, nameOf));
  return { ...viewOperation(status, nameOf, now), steps };
}

function viewStep(step: OperationStep, nameOf: NameOf): z.infer<typeof stepView> {
  const { kind, index, change, phase, documents, bytes, note, error } = step;
  return {
    ...change,
    kind,
    index: nameOf(index),
    phase,
    documents,
    bytes,
    note,
    error,
    startedAt: textOf(step.startedAt),
    finishedAt: textOf(step.finishedAt),
  };
}

function viewWaiting(
  waiting: readonly WaitingReplica[],
  nameOf: NameOf,
): z.infer<typeof operationView>["waiting"] {
  const grouped = Map.groupBy(waiting, ({ index, node, reason }) => `${index} ${node} ${reason}`);
  return [...grouped.values()].flatMap((all) => {
    const [first] = all;
    if (first === undefined) return [];
    const { index, node, reason } = first;
    return [{ index: nameOf(index), node, reason, shards: all.map(({ shard }) => shard) }];
  });
}

export function viewTopology(overview: Overview, now: number): z.infer<typeof topologyView> {
  const { epoch, nodes, indexes, aliases, operations, drift } = overview;
  const nameOf = namesOf(indexes);
  return {
    epoch,
    time: new Date(now).toISOString(),
    nodes: nodes.map((node) => viewNode(node, indexes)),
    indexes: indexes.map(viewIndex),
    aliases: aliases.map((alias) => viewAlias(alias, indexes)),
    operations: operations.map((status) => viewOperation(status, nameOf, now)),
    drift: drift.length,
  };
}

export function viewPlan(
  changes: readonly PlannedChange[],
  sizes: ReadonlyMap<PhysicalUid, ShardSize>,
  nameOf: NameOf,
): z.infer<typeof planView> {
  return {
    changes: changes.map((change) => ({ ...change, index: nameOf(change.index) })),
    estimate: estimate(changes, sizes),
  };
}
