/** What an operator changes about one index: its shards, its replicas, and whether they are the same. */
import {
  changeView,
  emptySchema,
  replicasSchema,
  reshardSchema,
  shardReportView,
  verifySchema,
} from "../../admin/schemas.ts";
import { viewShardReport } from "../../admin/views.ts";
import { ApiError } from "../../core/errors/api-error.ts";
import { indexUid, shardId, type IndexUid } from "../../core/ids.ts";
import { shardCount } from "../../core/topology/topology.ts";
import { visibleIndex, type Call } from "../../http/call.ts";
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
  adminRoute({
    method: "POST",
    path: "indexes/:uid/verify",
    summary: "Compares the replicas of one shard at one offset of the log, and repairs nothing",
    body: verifySchema,
    reply: shardReportView,
    serve: async (call, { shard }) => ({ value: await verified(call, shard) }),
  }),
];

async function verified(call: Call, shard: number) {
  const index = visibleIndex(await call.topology(), uidOf(call));
  const shards = shardCount(index);
  if (shard >= shards) {
    const message = `Index \`${index.uid}\` has ${shards} shards, numbered from 0: there is no shard ${shard}.`;
    throw new ApiError("bad_request", message);
  }
  const log = call.env.INDEX_LOG.getByName(index.physical);
  return viewShardReport(index.uid, await log.verify(shardId(shard), false));
}

/** The index need not be the business of the key: the admin API is about the whole cluster. */
function uidOf(call: Call): IndexUid {
  return indexUid(call.param("uid"));
}
