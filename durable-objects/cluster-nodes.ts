/** The nodes of the Cluster object, and who they are, with everything they stand on. */
import type { NodeId, PhysicalUid } from "../worker/core/ids.ts";
import { configOf, type Env } from "../worker/env.ts";
import { FetchNodeClient } from "../worker/nodes/fetch-node-client.ts";
import { CLOCK } from "./clock.ts";
import { holdersOf } from "./index-views.ts";
import { NodeIdentities, type IdentityTools } from "./node-identities.ts";
import { NodeRoster } from "./node-roster.ts";
import { IdentityStore } from "./storage/identity-store.ts";
import type { RegisteredIndex, RegistryStore } from "./storage/registry-store.ts";

/** Who answers for a node as of now, for one index: see `NodeIdentities.whoIs`. */
export type WhoIs = (id: NodeId, physical: PhysicalUid, lastTask?: number) => Promise<string>;

export interface ClusterNodes {
  readonly roster: NodeRoster;
  readonly identities: NodeIdentities;
  readonly whoIs: WhoIs;
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
  const { store, advance } = tools;
  const given = { configured, nodeKey, holders };
  const roster = new NodeRoster(store, client, given, identities, advance);
  const whoIs: WhoIs = async (id, physical, lastTask) => {
    const node = roster.all().find((one) => one.id === id);
    if (node === undefined) return "unknown";
    const who = await identities.whoIs(node, physical, lastTask).catch(() => "silent");
    if (who !== "same") ctx.waitUntil(identities.tellLogs());
    return who;
  };
  return { identities, roster, whoIs };
}
