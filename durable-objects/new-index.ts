/** Indexes as they begin: placed on the nodes of this moment, invisible until they are served. */
import type { Config } from "../worker/config.ts";
import { physicalUid, type IndexUid, type Instant, type PhysicalUid } from "../worker/core/ids.ts";
import { placeIndex } from "../worker/core/placement/place-index.ts";
import { DEFAULT_SETTINGS } from "../worker/core/settings/settings.ts";
import type { Node } from "../worker/core/topology/topology.ts";
import type { RegisteredIndex } from "./storage/registry-store.ts";

export function newIndex(
  uid: IndexUid,
  nodes: readonly Node[],
  { shardCount, replicationFactor }: Config,
  now: Instant,
): RegisteredIndex {
  const physical = physicalName(uid);
  return {
    uid,
    readUid: uid,
    physical,
    phase: "creating",
    builtFor: undefined,
    primaryKey: undefined,
    replicationFactor,
    shardMap: placeIndex(physical, nodes, shardCount, replicationFactor),
    lagging: [],
    mixed: [],
    settings: JSON.stringify(DEFAULT_SETTINGS),
    createdAt: now,
    updatedAt: now,
  };
}

/** An index like another, but for its shards, that is to take that one's place. */
export function successorTo(
  index: RegisteredIndex,
  nodes: readonly Node[],
  shardCount: number,
  now: Instant,
): RegisteredIndex {
  const physical = physicalName(index.uid);
  return {
    ...index,
    physical,
    phase: "building",
    builtFor: index.physical,
    shardMap: placeIndex(physical, nodes, shardCount, index.replicationFactor),
    lagging: [],
    mixed: [],
    updatedAt: now,
  };
}

function physicalName(uid: IndexUid): PhysicalUid {
  const suffix = crypto.randomUUID().slice(0, 8);
  return physicalUid(`${uid.slice(0, 64)}-${suffix}`);
}
