/**
 * Changes of where an index's shards are: values in, values out. The Cluster stores what comes out,
 * in one commit with its epoch.
 */
import type { NodeId, ShardId } from "../ids.ts";
import type { IndexEntry, ShardMap } from "./topology.ts";

export interface PlacementChange {
  /** The nodes that hold each of these shards from now on. */
  readonly shards: readonly (readonly [ShardId, readonly NodeId[]])[];
  /** Nodes that hold documents of shards that are not placed on them; undefined: as it was. */
  readonly mixed?: readonly NodeId[];
}

type Placed = Pick<IndexEntry, "shardMap" | "mixed">;

/** The placement afterwards; the same value when nothing changes. */
export function placed<I extends Placed>(index: I, change: PlacementChange): I {
  const shardMap = withShards(index.shardMap, change.shards);
  const mixed = change.mixed ?? index.mixed;
  const isSame = shardMap === index.shardMap && sameNodes(mixed, index.mixed);
  return isSame ? index : { ...index, shardMap, mixed };
}

/** The map with other nodes for some shards; the same value when they had these already. */
export function withShards(map: ShardMap, shards: PlacementChange["shards"]): ShardMap {
  const changed = new Map(
    shards.filter(([shard, nodes]) => map[shard] !== undefined && !sameNodes(map[shard], nodes)),
  );
  if (changed.size === 0) return map;
  const byPosition = new Map<number, readonly NodeId[]>(changed);
  return map.map((nodes, position) => byPosition.get(position) ?? nodes);
}

/** The map without a node that is gone; its shards may then be on no node at all. */
export function withoutNode(map: ShardMap, gone: NodeId): ShardMap {
  return map.map((nodes) => nodes.filter((node) => node !== gone));
}

/** A shard's nodes after one of them left and another came: in its place, or behind the others. */
export function exchangedNodes(
  nodes: readonly NodeId[],
  { target, drop }: { readonly target: NodeId | null; readonly drop: NodeId | null },
): readonly NodeId[] {
  const isNew = target !== null && !nodes.includes(target);
  const came = isNew ? [target] : [];
  if (drop === null || !nodes.includes(drop)) return [...nodes, ...came];
  return nodes.flatMap((node) => (node === drop ? came : [node]));
}

function sameNodes(one: readonly NodeId[], other: readonly NodeId[]): boolean {
  return one.length === other.length && one.every((node, position) => node === other[position]);
}
