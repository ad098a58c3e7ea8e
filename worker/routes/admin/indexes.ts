/** What an operator changes about one index: how many replicas it has. */
import { changeView, replicasSchema } from "../../admin/schemas.ts";
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
];

/** The index need not be the business of the key: the admin API is about the whole cluster. */
function uidOf(call: Call): IndexUid {
  return indexUid(call.param("uid"));
}
