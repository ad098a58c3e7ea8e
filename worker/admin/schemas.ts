/** What the admin API takes and answers. The OpenAPI document shows these and nothing else. */
import { z } from "zod";

import { nodeSchema, nodeUrl } from "../config.ts";
import { nodeId } from "../core/ids.ts";
import { ALIAS_INDEXES_MAX, SHARD_COUNT_MAX } from "../core/limits.ts";
import { OPERATION_STATES } from "../core/rebalance/operation.ts";
import { TRANSFER_PHASES } from "../core/transfer/shard-change.ts";

const time = z.string().describe("RFC 3339, UTC");
const count = z.number().int().nonnegative();

export const newNodeSchema = nodeSchema;

export const nodePatchSchema = z.strictObject({
  url: nodeUrl.optional(),
  key: z.string().min(1).optional(),
  zone: z.string().min(1).nullable().optional(),
  weight: z.number().positive().optional(),
});

export const replaceSchema = z.strictObject({ by: z.string().min(1).transform(nodeId) });
export const rebalanceSchema = z.strictObject({ dryRun: z.boolean().default(false) });
export const replicasSchema = z.strictObject({ replicas: z.number().int().min(1).max(16) });
export const reshardSchema = z.strictObject({
  shards: z.number().int().min(1).max(SHARD_COUNT_MAX),
});
const aliasIndexes = z
  .array(z.string().min(1))
  .min(1)
  .max(ALIAS_INDEXES_MAX)
  .refine((uids) => new Set(uids).size === uids.length, "the same index twice");
export const aliasSchema = z.strictObject({ indexes: aliasIndexes });
export const aliasChangesSchema = z.record(z.string(), aliasIndexes.nullable());
export const verifySchema = z.strictObject({ shard: count });
export const writesPatchSchema = z.strictObject({ minInSync: z.number().int().min(1).max(16) });
export const emptySchema = z.strictObject({});

export const nodeView = z.object({
  id: z.string(),
  url: z.string(),
  group: z.string(),
  zone: z.string().nullable(),
  weight: z.number(),
  state: z.enum(["joining", "active", "draining", "failed", "removed"]),
  health: z.enum(["healthy", "unreachable", "incompatible", "unknown"]),
  problem: z.string().nullable(),
  downSince: time.nullable(),
  replicas: count.describe("replicas of shards on the node, over all indexes"),
});

export const indexView = z.object({
  uid: z.string(),
  physical: z.string(),
  replicationFactor: count,
  shards: count,
  lagging: z.array(z.string()),
});

export const writesView = z.object({
  index: z.string(),
  minInSync: count.describe("in-sync replicas of every shard that no task ends without"),
  head: count.describe("the last offset of the write log"),
  finishedTo: count.describe("everything up to this offset is over"),
  bytes: count.describe("that the log keeps for nodes which are behind"),
  bytesMax: count,
  replicas: z.array(
    z.object({
      node: z.string(),
      standing: z.enum(["in-sync", "lagging", "suspended"]),
      cursor: count.describe("the last offset that the node has applied"),
      trouble: z.string().nullable().describe("what the last try to reach it failed of"),
    }),
  ),
  waiting: z
    .object({
      reason: z.enum(["min-in-sync", "replicas"]),
      nodes: z.array(z.string()),
    })
    .nullable()
    .describe("why tasks stay enqueued, and the nodes that they wait for"),
});

export const progressView = z.object({
  steps: z.object({ done: count, underWay: count, planned: count }),
  fraction: z.number(),
  documents: count,
  bytes: count,
  documentsPerSecond: z.number().nullable(),
  etaSeconds: z.number().nullable(),
});

export const operationView = z.object({
  id: count,
  kind: z.enum([
    "rebalance",
    "drain",
    "remove",
    "replace",
    "fail",
    "replicas",
    "repair",
    "reshard",
  ]),
  node: z.string().nullable(),
  index: z.string().nullable(),
  state: z.enum(OPERATION_STATES),
  error: z.string().nullable(),
  waiting: z.array(
    z.object({
      index: z.string(),
      node: z.string(),
      reason: z.enum(["lost", "no-node", "not-in-sync", "resharding"]),
      shards: z.array(count),
    }),
  ),
  progress: progressView,
  createdAt: time,
  finishedAt: time.nullable(),
});

export const stepView = z.object({
  id: z.string(),
  kind: z.enum(["move", "verify", "reshard"]),
  index: z.string(),
  shard: count,
  target: z.string().nullable(),
  drop: z.string().nullable(),
  phase: z.enum(TRANSFER_PHASES),
  documents: z.object({ copied: count, total: count }),
  bytes: count,
  note: z.string().nullable(),
  error: z.string().nullable(),
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
});

export const operationDetail = operationView.extend({ steps: z.array(stepView) });

export const operationList = z.object({
  results: z.array(operationView),
  limit: count,
  next: count.nullable(),
});

export const aliasView = z.object({
  name: z.string(),
  indexes: z.array(z.string()),
  missing: z.array(z.string()).describe("indexes that are gone: requests by the alias fail"),
});

export const aliasesView = z.object({ epoch: count, results: z.array(aliasView) });

export const shardReportView = z.object({
  index: z.string(),
  shard: count,
  state: z.enum(["same", "different", "skipped"]),
  reason: z.string().nullable().describe("why it was not compared"),
  offset: count.nullable().describe("of the index's log, at which all replicas were read"),
  replicas: z.array(z.object({ node: z.string(), documents: count, digest: z.string() })),
  wrong: z.array(z.string()).describe("replicas that the others are believed against"),
  ranges: count.describe("of 16 ranges of document ids, how many differ"),
});

export const topologyView = z.object({
  epoch: count,
  time: time.describe("as the cluster's clock has it"),
  nodes: z.array(nodeView),
  indexes: z.array(indexView),
  aliases: z.array(aliasView),
  operations: z.array(operationView),
  drift: count.describe("changes that a rebalance would make"),
});

export const shardsView = z.object({
  epoch: count,
  results: z.array(
    z.object({
      index: z.string(),
      shard: count,
      replicas: z.array(z.object({ node: z.string(), inSync: z.boolean() })),
    }),
  ),
});

export const groupsView = z.object({
  results: z.array(
    z.object({ group: z.string(), nodes: z.array(z.string()), zones: z.array(z.string()) }),
  ),
});

export const nodesView = z.object({ epoch: count, results: z.array(nodeView) });

export const planView = z.object({
  changes: z.array(
    z.object({
      index: z.string(),
      shard: count,
      target: z.string().nullable(),
      drop: z.string().nullable(),
    }),
  ),
  estimate: z.object({
    moves: count,
    adds: count,
    drops: count,
    documents: count,
    bytes: count,
  }),
});

/** What a change answers: the operation that it began, if any, and the epoch from which it holds. */
export const changeView = z.object({
  epoch: count,
  operation: operationView.nullable(),
  node: nodeView.nullable(),
  plan: planView.nullable(),
});

export const readyView = z.object({
  status: z.enum(["ready", "degraded"]),
  epoch: count,
  unreadableShards: count,
});
