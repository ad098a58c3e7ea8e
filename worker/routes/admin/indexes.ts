/** What an operator changes about one index: its shards, its replicas, and whether they are the same. */
import {
  changeView,
  emptySchema,
  replicasSchema,
  reshardSchema,
  shardReportView,
  verifySchema,
  writesPatchSchema,
  writesView,
} from "../../admin/schemas.ts";
import { viewShardReport, viewWrites } from "../../admin/views.ts";
import { indexNotFound } from "../../cluster/index-writer.ts";
import { ApiError } from "../../core/errors/api-error.ts";
import { indexUid, shardId, type IndexUid } from "../../core/ids.ts";
import { shardCount } from "../../core/topology/topology.ts";
import { visibleIndex, type Call } from "../../http/call.ts";
import { adminRoute, type AdminRoute } from "./admin-route.ts";
import { asked } from "./changes.ts";

export const adminIndexRoutes: readonly AdminRoute[] = [
  adminRoute({
    method: "GET",
    path: "indexes/:uid/writes",
    summary: "The write log of an index: where its replicas are, and why tasks wait",
    reply: writesView,
    serve: async (call) => {
      const { uid, log } = await logOf(call);
      return { value: viewWrites(uid, await log.status()) };
    },
  }),
  adminRoute({
    method: "PATCH",
    path: "indexes/:uid/writes",
    summary: "Changes how many in-sync replicas of every shard no task of an index ends without",
    body: writesPatchSchema,
    reply: writesView,
    serve: async (call, { minInSync }) => {
      const { uid, replicationFactor, log } = await logOf(call);
      if (minInSync > replicationFactor) {
        const message = `Index \`${uid}\` has ${replicationFactor} replicas of each shard: ${minInSync} of them can never be in sync.`;
        throw new ApiError("bad_request", message);
      }
      await log.setMinInSync(minInSync);
      return { value: viewWrites(uid, await log.status()) };
    },
  }),
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

async function logOf(call: Call) {
  const uid = uidOf(call);
  const { indexes } = await call.cluster.overview();
  const index = indexes.find((one) => one.uid === uid);
  if (index === undefined) {
    throw new ApiError("index_not_found", indexNotFound(uid).message);
  }
  const { physical, replicationFactor } = index;
  return { uid, replicationFactor, log: call.env.INDEX_LOG.getByName(physical) };
}

/** The index need not be the business of the key: the admin API is about the whole cluster. */
function uidOf(call: Call): IndexUid {
  return indexUid(call.param("uid"));
}
