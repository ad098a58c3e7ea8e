/**
 * Whether an operation can be accepted, and what it changes at once: states and seats of nodes, the
 * replication factor of an index. A refusal says in plain words what stands in the way.
 */
import type { NodeId, PhysicalUid } from "../ids.ts";
import type { Node } from "../topology/topology.ts";
import {
  isFinished,
  nodeOf,
  type OperationIntent,
  type OperationKind,
  type TopologyOperation,
} from "./operation.ts";
import type { PlacedIndex } from "./placement-plan.ts";
import type { NodeChange } from "./reconcile.ts";

export interface AcceptView {
  readonly nodes: readonly Node[];
  readonly indexes: readonly PlacedIndex[];
  readonly operations: readonly TopologyOperation[];
}

export type Acceptance =
  | { readonly kind: "refused"; readonly reason: string }
  | {
      readonly kind: "accepted";
      readonly nodes: readonly NodeChange[];
      /** The node that gets another's seat. */
      readonly seats: ReadonlyMap<NodeId, NodeId>;
      /** Operations that this one takes over from. */
      readonly replaces: readonly TopologyOperation[];
    };

export function acceptOperation(intent: OperationIntent, view: AcceptView): Acceptance {
  switch (intent.kind) {
    case "rebalance":
      return unlessRunning(view, ({ kind }) => kind === "rebalance");
    case "repair":
      return unlessRunning(
        view,
        (other) => isAboutIndex(other, intent.index) && ["repair", "reshard"].includes(other.kind),
      );
    case "reshard":
      if (intent.from === intent.to) return refused(`the index has ${intent.to} shards already`);
      return unlessRunning(view, (other) => isAboutIndex(other, intent.index));
    case "replicas": {
      const tight = tightGroup(view.nodes, intent.to);
      if (tight !== undefined) {
        return refused(`group \`${tight.group}\` has only ${tight.count} nodes that take shards`);
      }
      return unlessRunning(
        view,
        (other) =>
          isAboutIndex(other, intent.index) && ["replicas", "reshard"].includes(other.kind),
      );
    }
    case "fail":
      return accepted([]);
    case "drain":
    case "remove":
    case "replace":
      return leaving(intent, view);
  }
}

function isAboutIndex(intent: OperationIntent, index: PhysicalUid): boolean {
  return "index" in intent && intent.index === index;
}

function leaving(
  intent: Extract<OperationIntent, { kind: "drain" | "remove" | "replace" }>,
  view: AcceptView,
): Acceptance {
  const { node: id, kind } = intent;
  const node = view.nodes.find((one) => one.id === id);
  if (node === undefined) return refused(`there is no node \`${id}\``);
  const running = unfinished(view, (other) => nodeOf(other) === id);
  const other = running.find(
    (one) => one.intent.kind !== "fail" && !isStepUp(one.intent.kind, kind),
  );
  if (other !== undefined) return alreadyRunning(other);
  if (node.state === "failed" && kind === "drain") {
    return refused(`node \`${id}\` has failed: its shards are rebuilt elsewhere already`);
  }
  const after = view.nodes.map((one) => (one.id === id ? { ...one, state: "draining" } : one));
  const room = roomFor(after, node, view.indexes);
  if (room !== undefined) return refused(room);
  const seats = new Map<NodeId, NodeId>();
  if (intent.kind === "replace") {
    const by = view.nodes.find((one) => one.id === intent.by);
    if (by === undefined || by.id === id) return refused(`there is no other node \`${intent.by}\``);
    if (by.state !== "active") return refused(`node \`${by.id}\` is ${by.state}, not active`);
    if (by.group !== node.group) {
      return refused(`node \`${by.id}\` is in group \`${by.group}\`, not \`${node.group}\``);
    }
    seats.set(by.id, node.seat ?? node.id);
  }
  const state = node.state === "failed" ? "failed" : "draining";
  return { kind: "accepted", nodes: [{ node: id, state }], seats, replaces: running };
}

/** A node that is being drained may be removed or replaced instead. */
function isStepUp(from: OperationKind, to: OperationKind): boolean {
  return from === "drain" && to !== "drain";
}

/** Why the other nodes of its group cannot take what a node holds. */
function roomFor(
  after: readonly { readonly id: NodeId; readonly group: string; readonly state: string }[],
  node: Node,
  indexes: readonly PlacedIndex[],
): string | undefined {
  const takers = after.filter(({ state }) => state === "active");
  const inGroup = takers.filter(({ group }) => group === node.group).length;
  // The last of its group: the group is given up, if there is another.
  if (inGroup === 0 && takers.length > 0) return undefined;
  if (takers.length === 0) return "no node would be left that takes shards: add a node first";
  // Others that are leaving need room as well.
  const goers = after.filter(({ id, state }) => id === node.id || state === "draining");
  // So does a shard that lacks a replica: it is being copied anew, and may come to the node.
  const concerned = indexes.filter(({ shardMap, replicationFactor }) =>
    shardMap.some(
      (all) => all.length < replicationFactor || goers.some(({ id }) => all.includes(id)),
    ),
  );
  const wanted = Math.max(0, ...concerned.map(({ replicationFactor }) => replicationFactor));
  if (inGroup >= wanted) return undefined;
  return `an index has ${wanted} replicas, and group \`${node.group}\` would keep ${inGroup} nodes that take shards: add a node first, or lower the replication factor`;
}

function tightGroup(
  nodes: readonly Node[],
  replicas: number,
): { readonly group: string; readonly count: number } | undefined {
  const counts = new Map<string, number>();
  for (const { group, state } of nodes) {
    if (state === "active") counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  for (const [group, count] of counts) if (count < replicas) return { group, count };
  return counts.size === 0 ? { group: "default", count: 0 } : undefined;
}

function unlessRunning(view: AcceptView, isSame: (intent: OperationIntent) => boolean): Acceptance {
  const [same] = unfinished(view, isSame);
  return same === undefined ? accepted([]) : alreadyRunning(same);
}

function unfinished(
  { operations }: AcceptView,
  isMeant: (intent: OperationIntent) => boolean,
): readonly TopologyOperation[] {
  return operations.filter((one) => !isFinished(one) && isMeant(one.intent));
}

function alreadyRunning({ id, intent, state }: TopologyOperation): Acceptance {
  return refused(`operation ${id} (${intent.kind}) is ${state}: wait for it, or cancel it`);
}

function refused(reason: string): Acceptance {
  return { kind: "refused", reason };
}

function accepted(nodes: readonly NodeChange[]): Acceptance {
  return { kind: "accepted", nodes, seats: new Map(), replaces: [] };
}
