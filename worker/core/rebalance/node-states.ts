/**
 * What health makes of nodes: a node that joins becomes active when it answers, one that has been
 * away for the grace period has failed, one that comes back goes on where it was.
 */
import type { Instant, NodeId } from "../ids.ts";
import type { Node } from "../topology/topology.ts";
import { nodeOf, type TopologyOperation } from "./operation.ts";
import type { NodeChange } from "./reconcile.ts";

export interface HealthView {
  readonly now: Instant;
  readonly nodes: readonly Node[];
  /** Since when nodes do not answer; those that do are not in it. */
  readonly downSince: ReadonlyMap<NodeId, Instant>;
  /** Those that are not over. */
  readonly operations: readonly TopologyOperation[];
  /** How long a node may be away before its shards are rebuilt elsewhere, in milliseconds. */
  readonly failAfterMs: number;
}

export function nodeStates(view: HealthView): readonly NodeChange[] {
  const { nodes, downSince, now, failAfterMs } = view;
  // With most of the fleet away it is rather Miroir that is cut off: rebuilding would make it worse.
  const isCutOff = downSince.size * 2 > nodes.length;
  return nodes.flatMap((node): readonly NodeChange[] => {
    const { id, state, health } = node;
    const since = downSince.get(id);
    if (health === "healthy" && state === "joining") return [{ node: id, state: "active" }];
    if (health === "healthy" && state === "failed")
      return [{ node: id, state: returned(id, view) }];
    const isAway = since !== undefined && now - since >= failAfterMs;
    const mayFail = state === "active" || state === "draining" || state === "joining";
    return isAway && mayFail && !isCutOff ? [{ node: id, state: "failed" }] : [];
  });
}

function returned(node: NodeId, { operations }: HealthView): "active" | "draining" {
  const leaves = operations.some(({ intent }) => intent.kind !== "fail" && nodeOf(intent) === node);
  return leaves ? "draining" : "active";
}
