/** Nodes: list, add, change, drain, resume, replace, remove. */
import {
  changeView,
  emptySchema,
  newNodeSchema,
  nodePatchSchema,
  nodesView,
  replaceSchema,
} from "../../admin/schemas.ts";
import { viewNode } from "../../admin/views.ts";
import { adminRoute, type AdminRoute } from "./admin-route.ts";
import { asked, nodeOfPath } from "./changes.ts";

const NODE = "nodes/:nodeId";

export const nodeRoutes: readonly AdminRoute[] = [
  adminRoute({
    method: "GET",
    path: "nodes",
    summary: "Every node, with its state, its health and how many replicas it holds",
    reply: nodesView,
    serve: async (call) => {
      const { epoch, nodes, indexes } = await call.cluster.overview();
      return { value: { epoch, results: nodes.map((node) => viewNode(node, indexes)) }, epoch };
    },
  }),
  adminRoute({
    method: "POST",
    path: "nodes",
    summary: "Adds a node: it joins, and takes shards of new indexes once it answers",
    body: newNodeSchema,
    reply: changeView,
    status: 202,
    serve: async (call, { key, zone, ...node }) =>
      await asked(call, { kind: "addNode", node: { ...node, key, zone } }),
  }),
  adminRoute({
    method: "PATCH",
    path: NODE,
    summary: "Changes a node's url, key, zone or weight; a rebalance brings shards along",
    body: nodePatchSchema,
    reply: changeView,
    serve: async (call, patch) =>
      await asked(call, { kind: "changeNode", node: nodeOfPath(call), patch }),
  }),
  adminRoute({
    method: "DELETE",
    path: NODE,
    summary: "Drains a node and then forgets it",
    reply: changeView,
    status: 202,
    serve: async (call) => await asked(call, { kind: "remove", node: nodeOfPath(call) }),
  }),
  adminRoute({
    method: "POST",
    path: `${NODE}/drain`,
    summary: "Brings all shards off a node; it stays readable until the last one has left",
    body: emptySchema,
    reply: changeView,
    status: 202,
    serve: async (call) => await asked(call, { kind: "drain", node: nodeOfPath(call) }),
  }),
  adminRoute({
    method: "POST",
    path: `${NODE}/resume`,
    summary: "Lets a draining node take shards again",
    body: emptySchema,
    reply: changeView,
    serve: async (call) => await asked(call, { kind: "resumeNode", node: nodeOfPath(call) }),
  }),
  adminRoute({
    method: "POST",
    path: `${NODE}/replace`,
    summary: "Brings all shards of a node to one other, which takes its place",
    body: replaceSchema,
    reply: changeView,
    status: 202,
    serve: async (call, { by }) =>
      await asked(call, { kind: "replace", node: nodeOfPath(call), by }),
  }),
];
