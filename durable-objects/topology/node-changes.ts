/** Nodes as operators add and change them. */
import type { NodeId } from "../../worker/core/ids.ts";
import type { Node } from "../../worker/core/topology/topology.ts";
import type { NewNode, NodePatch } from "./control-rpc.ts";

/** It takes shards once a probe has found that it answers. */
export function joiningNode(node: NewNode): Node {
  return { ...node, state: "joining", health: "unknown" };
}

/** Somewhere else it may be another process: what was seen of it before says nothing. */
export function changedNode(node: Node, { url, key, zone, weight }: NodePatch): Node {
  const isElsewhere = url !== undefined && url !== node.url;
  return {
    ...node,
    url: url ?? node.url,
    key: key ?? node.key,
    zone: zone === undefined ? node.zone : (zone ?? undefined),
    weight: weight ?? node.weight,
    health: isElsewhere || key !== undefined ? "unknown" : node.health,
  };
}

/** Another node at the same place: two replicas would be one process. */
export function urlHolder(nodes: readonly Node[], url: string, except: NodeId): NodeId | undefined {
  return nodes.find((node) => node.url === url && node.id !== except)?.id;
}
