/**
 * Which nodes a cluster has after a start: those of the configuration, those that were added at run
 * time, and those that still hold shards. What was decided at run time wins: a node that was changed
 * stays changed, and one that was removed stays removed, whatever the configuration says.
 */
import type { NodeId } from "../ids.ts";
import type { Node } from "./topology.ts";

/** A node as it is stored: `pinned` when it was added or changed at run time. */
export interface RosterNode extends Node {
  readonly pinned: boolean;
}

export interface Roster {
  readonly nodes: readonly RosterNode[];
  /** Stored nodes that nobody needs to know of any more. */
  readonly forgotten: readonly RosterNode[];
}

export function rosterOf(
  configured: readonly Omit<Node, "state" | "health" | "seat">[],
  stored: readonly RosterNode[],
  holders: ReadonlySet<NodeId>,
): Roster {
  const known = new Map(stored.map((node) => [node.id, node]));
  const names = new Set(configured.map(({ id }) => id));
  const nodes = configured.map((node): RosterNode => {
    const before = known.get(node.id);
    if (before?.pinned === true) return { ...before, key: before.key ?? node.key };
    const seat = before?.seat === undefined ? {} : { seat: before.seat };
    const state = before?.state ?? "active";
    return { ...node, ...seat, state, health: "unknown", pinned: false };
  });
  const forgotten: RosterNode[] = [];
  for (const node of stored) {
    if (names.has(node.id)) continue;
    const isAdded = node.pinned && node.state !== "removed";
    if (isAdded || holders.has(node.id)) nodes.push(node);
    else forgotten.push(node);
  }
  return { nodes, forgotten };
}
