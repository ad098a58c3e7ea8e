/** Operations and steps as they are stored and shown: decoded wherever they are read. */
import { z } from "zod";

import { indexUid, instant, nodeId, physicalUid, shardId } from "./core/ids.ts";
import {
  OPERATION_STATES,
  type OperationStep,
  type TopologyOperation,
} from "./core/rebalance/operation.ts";
import { TRANSFER_PHASES } from "./core/transfer/shard-change.ts";

const node = z.string().transform(nodeId);
const index = z.string().transform(physicalUid);
const uid = z.string().transform(indexUid);
const at = z.number().transform(instant);
const shard = z.number().transform(shardId);

const intent = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("rebalance") }),
  z.object({ kind: z.literal("drain"), node }),
  z.object({ kind: z.literal("remove"), node }),
  z.object({ kind: z.literal("replace"), node, by: node }),
  z.object({ kind: z.literal("fail"), node }),
  z.object({ kind: z.literal("replicas"), index, uid, from: z.number(), to: z.number() }),
  z.object({ kind: z.literal("repair"), index, uid, shards: z.number() }),
  z.object({ kind: z.literal("reshard"), index, uid, from: z.number(), to: z.number() }),
]);

const waiting = z.object({
  index,
  shard,
  node,
  reason: z.enum(["lost", "no-node", "not-in-sync", "resharding"]),
});

export const operationSchema = z.object({
  id: z.number(),
  intent,
  state: z.enum(OPERATION_STATES),
  error: z.string().nullable(),
  waiting: z.array(waiting),
  tally: z.object({
    done: z.number(),
    failed: z.number(),
    documents: z.number(),
    bytes: z.number(),
  }),
  planned: z.number(),
  begun: z.number(),
  failures: z.number(),
  retryAt: at.nullable(),
  createdAt: at,
  finishedAt: at.nullable(),
}) satisfies z.ZodType<TopologyOperation>;

export const stepSchema = z.object({
  kind: z.enum(["move", "verify", "reshard"]),
  operation: z.number(),
  index,
  change: z.object({ id: z.string(), shard, target: node.nullable(), drop: node.nullable() }),
  phase: z.enum(TRANSFER_PHASES),
  documents: z.object({ copied: z.number(), total: z.number() }),
  bytes: z.number(),
  note: z.string().nullable(),
  error: z.string().nullable(),
  startedAt: at.nullable(),
  finishedAt: at.nullable(),
}) satisfies z.ZodType<OperationStep>;
