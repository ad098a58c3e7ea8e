/** The nodes of the Cluster object, and who they are, with everything they stand on. */
import { configOf, type Env } from "../worker/env.ts";
import { FetchNodeClient } from "../worker/nodes/fetch-node-client.ts";
import { CLOCK } from "./clock.ts";
import { holdersOf } from "./index-views.ts";
import { NodeIdentities, type IdentityTools } from "./node-identities.ts";
import { NodeRoster } from "./node-roster.ts";
import { IdentityStore } from "./storage/identity-store.ts";
import type { RegisteredIndex, RegistryStore } from "./storage/registry-store.ts";

export interface ClusterNodes {
  readonly roster: NodeRoster;
  readonly identities: NodeIdentities;
}

export function clusterNodes(
  ctx: DurableObjectState,
  env: Env,
  tools: {
    readonly store: RegistryStore;
    readonly indexes: () => readonly RegisteredIndex[];
    readonly outOfReads: IdentityTools["outOfReads"];
    /** Tells readers that nodes have changed. */
    readonly advance: () => void;
  },
): ClusterNodes {
  const { nodes: configured, nodeKey } = configOf(env);
  const client = new FetchNodeClient(env.EMBEDDED_NODE);
  const identities = new NodeIdentities({
    store: new IdentityStore(ctx.storage.sql, () => crypto.randomUUID()),
    client,
    logs: env.INDEX_LOG,
    sleep: CLOCK.sleep,
    indexes: () => tools.indexes().map(holdersOf),
    wasDropped: (physical) => tools.store.wasDropped(physical),
    outOfReads: tools.outOfReads,
  });
  const holders = new Set(tools.indexes().flatMap(({ shardMap }) => shardMap.flat()));
  const roster = { configured, nodeKey, holders };
  const { store, advance } = tools;
  return { identities, roster: new NodeRoster(store, client, roster, identities, advance) };
}
