/** What an operator changes about one index: its shards, its replicas, and whether they are the same. */
import { changeView, emptySchema, replicasSchema, reshardSchema } from "../../admin/schemas.ts";
import { indexUid, type IndexUid } from "../../core/ids.ts";
import type { Call } from "../../http/call.ts";
import { adminRoute, type AdminRoute } from "./admin-route.ts";
import { asked } from "./changes.ts";

export const adminIndexRoutes: readonly AdminRoute[] = [
  adminRoute({
    method: "POST",
    path: "indexes/:uid/replicas",
    summary: "Changes how many replicas each shard of an index has, in every group",
    body: replicasSchema,
    reply: changeView,
    status: 202,
    serve: async (call, { replicas }) =>
      await asked(call, { kind: "replicas", uid: uidOf(call), to: replicas }),
  }),
  adminRoute({
    method: "POST",
    path: "indexes/:uid/repair",
    summary: "Compares the replicas of every shard, and copies anew what differs",
    body: emptySchema,
    reply: changeView,
    status: 202,
    serve: async (call) => await asked(call, { kind: "repair", uid: uidOf(call) }),
  }),
  adminRoute({
    method: "POST",
    path: "indexes/:uid/reshard",
    summary: "Builds an index anew with another number of shards, while it is searched and written",
    body: reshardSchema,
    reply: changeView,
    status: 202,
    serve: async (call, { shards }) =>
      await asked(call, { kind: "reshard", uid: uidOf(call), to: shards }),
  }),
];

/** The index need not be the business of the key: the admin API is about the whole cluster. */
function uidOf(call: Call): IndexUid {
  return indexUid(call.param("uid"));
}
