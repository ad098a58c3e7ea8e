/** The cluster as it is: topology, shards, groups, and whether every shard can be read. */
import { groupsView, readyView, shardsView, topologyView } from "../../admin/schemas.ts";
import { viewTopology } from "../../admin/views.ts";
import { ApiError } from "../../core/errors/api-error.ts";
import { unreadableShards } from "../../core/topology/unreadable-shards.ts";
import type { Call } from "../../http/call.ts";
import { jsonValue } from "../../http/call.ts";
import { adminRoute, type AdminRoute } from "./admin-route.ts";

export const topologyRoutes: readonly AdminRoute[] = [
  adminRoute({
    method: "GET",
    path: "topology",
    summary: "Nodes, indexes, operations under way; the ETag is the epoch",
    reply: topologyView,
    serve: async (call) => {
      const overview = await call.cluster.overview();
      return { value: viewTopology(overview, Date.now()), epoch: overview.epoch };
    },
  }),
  adminRoute({
    method: "GET",
    path: "shards",
    summary: "Which nodes hold which shards, of all indexes or of `?index=`",
    reply: shardsView,
    serve: async (call) => await shards(call),
  }),
  adminRoute({
    method: "GET",
    path: "groups",
    summary: "Replica groups: nodes that together hold every shard",
    reply: groupsView,
    serve: async (call) => {
      const { nodes } = await call.cluster.overview();
      const byGroup = Map.groupBy(nodes, ({ node }) => node.group);
      const results = [...byGroup].map(([group, members]) => {
        const zones = members.flatMap(({ node: { zone } }) => (zone === undefined ? [] : [zone]));
        return { group, nodes: members.map(({ node }) => node.id), zones: [...new Set(zones)] };
      });
      return { value: { results } };
    },
  }),
  {
    method: "GET",
    path: "/_miroir/ready",
    action: "none",
    summary: "200 when every shard has a replica that can be read, else 503; needs no key",
    body: undefined,
    reply: readyView,
    status: 200,
    serve: ready,
  },
];

async function shards(call: Call) {
  const { epoch, indexes } = await call.cluster.overview();
  const asked = call.query.get("index");
  const meant = indexes.filter(({ uid }) => asked === null || uid === asked);
  if (asked !== null && meant.length === 0) {
    throw new ApiError("index_not_found", `Index \`${asked}\` not found.`);
  }
  const results = meant.flatMap(({ uid, shardMap, lagging }) =>
    shardMap.map((replicas, shard) => ({
      index: uid,
      shard,
      replicas: replicas.map((node) => ({ node, inSync: !lagging.includes(node) })),
    })),
  );
  return { value: { epoch, results }, epoch };
}

/** For whoever sends traffic here: names of indexes are not for everybody, so only how many. */
async function ready(call: Call): Promise<Response> {
  const { epoch, nodes, indexes } = await call.cluster.overview();
  const healthy = new Set(
    nodes.filter(({ node }) => node.health === "healthy").map(({ node }) => node.id),
  );
  const unreadable = indexes.reduce(
    (sum, index) => sum + unreadableShards(index, (node) => healthy.has(node)).length,
    0,
  );
  const status = unreadable === 0 ? "ready" : "degraded";
  return jsonValue({ status, epoch, unreadableShards: unreadable }, unreadable === 0 ? 200 : 503);
}
