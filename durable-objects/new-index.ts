/** An index as it begins: placed on the nodes of this moment, invisible until it is served. */
import type { Config } from "../worker/config.ts";
import { physicalUid, type IndexUid, type Instant } from "../worker/core/ids.ts";
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
  const suffix = crypto.randomUUID().slice(0, 8);
  const physical = physicalUid(`${uid.slice(0, 64)}-${suffix}`);
  return {
    uid,
    readUid: uid,
    physical,
    phase: "creating",
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
