/** Rows of the write log's tables, decoded: nothing read from storage is believed unchecked. */
import { z } from "zod";

import { errorBodySchema } from "../../worker/error-body-schema.ts";
import type { ErrorBody } from "../../worker/core/errors/api-error.ts";
import { indexUid, instant, logOffset, nodeId, shardId, taskUid } from "../../worker/core/ids.ts";
import type { Instant, LogOffset, NodeId, ShardId, TaskUid } from "../../worker/core/ids.ts";
import type { Operation } from "../../worker/core/log/operation.ts";
import type { ShardMap } from "../../worker/core/topology/topology.ts";
import type { EntryTask } from "../rpc.ts";

export interface Entry {
  readonly offset: LogOffset;
  readonly token: string;
  readonly operation: Operation;
  /** Null for entries of Miroir's own. */
  readonly task: EntryTask | null;
  readonly uid: TaskUid | null;
  readonly bytes: number;
  readonly createdAt: Instant;
  readonly startedAt: Instant | null;
  /** The settings that a structural entry started from; null until its first delivery. */
  readonly settingsBefore: string | null;
  readonly error: ErrorBody | null;
  /** The task that canceled this one: no replica may apply it. */
  readonly canceledBy: TaskUid | null;
  readonly done: boolean;
}

/** A request to a node whose end is not known yet; written before the request is sent. */
export interface Flight {
  /** Offsets of the group, first and last. */
  readonly from: LogOffset;
  readonly to: LogOffset;
  /** The shards it is for, by name; null for all of the node's. */
  readonly part: string | null;
  readonly step: number;
  /** The node's own task, once the node has said it. */
  readonly nodeTask: number | null;
}

/**
 * Who counts on a replica. `in-sync`: searches may read it, tasks wait for it. `lagging`: neither.
 * `suspended` is between the two, in both directions: tasks wait for it, and the Cluster may or may
 * not have heard, so nobody else may count on it. By position, as stored.
 */
export const STANDINGS = ["in-sync", "lagging", "suspended"] as const;

export type Standing = (typeof STANDINGS)[number];

export interface Replica {
  readonly node: NodeId;
  /** Highest offset that the node is known to have applied. */
  readonly cursor: LogOffset;
  readonly standing: Standing;
  readonly flight: Flight | null;
}

/** What a log must know of its index. */
export interface Placement {
  /** What readers follow. */
  readonly shardMap: ShardMap;
  /** The nodes that get each shard's documents: also those it moves to, or still moves away from. */
  readonly delivered: ShardMap;
}

const shardMap = z.array(z.array(z.string().transform(nodeId)));

const placement: z.ZodType<Placement> = z
  .object({ shardMap, delivered: shardMap.optional() })
  .transform((stored) => ({ ...stored, delivered: stored.delivered ?? stored.shardMap }));

const operation: z.ZodType<Operation> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("createIndex"), primaryKey: z.string().nullable() }),
  z.object({ kind: z.literal("setPrimaryKey"), primaryKey: z.string() }),
  z.object({
    kind: z.literal("writeDocuments"),
    mode: z.enum(["replace", "update"]),
    skipCreation: z.boolean(),
    primaryKey: z.string(),
    vectorless: z.enum(["unasked", "stored"]).optional(),
  }),
  z.object({ kind: z.literal("deleteDocuments") }),
  z.object({ kind: z.literal("deleteByFilter"), filter: z.string() }),
  z.object({ kind: z.literal("deleteAllDocuments") }),
  z.object({
    kind: z.literal("editDocuments"),
    function: z.string(),
    filter: z.string().nullable(),
    context: z.string().nullable(),
    beforeImages: z.enum(["unread", "kept", "too-many"]),
  }),
  z.object({ kind: z.literal("restoreDocuments"), primaryKey: z.string() }),
  z.object({ kind: z.literal("changeSettings"), patch: z.string() }),
  z.object({ kind: z.literal("restoreSettings"), embedders: z.array(z.string()) }),
  z.object({ kind: z.literal("deleteIndex") }),
  z.object({ kind: z.literal("compactIndex") }),
  z.object({ kind: z.literal("reshard"), shardCount: z.number() }),
  z.object({ kind: z.literal("pass") }),
]);

const task: z.ZodType<EntryTask> = z.object({
  indexUid: z.string().transform(indexUid),
  type: z.enum([
    "documentAdditionOrUpdate",
    "documentDeletion",
    "documentEdition",
    "settingsUpdate",
    "indexCreation",
    "indexUpdate",
    "indexDeletion",
    "indexCompaction",
  ]),
  details: z.string().nullable(),
  indexedDocuments: z.number().nullable(),
  customMetadata: z.string().nullable(),
});

const flight = z.object({
  from: z.number().transform(logOffset),
  to: z.number().transform(logOffset),
  part: z
    .string()
    .nullish()
    .transform((part) => part ?? null),
  step: z.number(),
  nodeTask: z.number().nullable(),
});

const json = <T>(schema: z.ZodType<T>) =>
  z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema);

const entryRow = z.object({
  offset: z.number().transform(logOffset),
  token: z.string(),
  operation: json(operation),
  task: json(task).nullable(),
  uid: z.number().transform(taskUid).nullable(),
  bytes: z.number(),
  created_at: z.number().transform(instant),
  started_at: z.number().transform(instant).nullable(),
  settings_before: z.string().nullable(),
  error: json(errorBodySchema).nullable(),
  canceled_by: z.number().transform(taskUid).nullable(),
  done: z.number(),
});

const replicaRow = z.object({
  node: z.string().transform(nodeId),
  cursor: z.number().transform(logOffset),
  lagging: z.number(),
  flight: json(flight).nullable(),
});

const countRow = z.object({ node: z.string().transform(nodeId), deleted: z.number() });

const weightRow = z.object({ shard: z.number().transform(shardId), weight: z.number() });

const payloadRow = z.object({ seq: z.number(), bytes: z.instanceof(ArrayBuffer) });

export interface PayloadPart {
  readonly seq: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export function placementOf(text: string): Placement {
  return placement.parse(JSON.parse(text));
}

export function entryOf(row: unknown): Entry {
  const parsed = entryRow.parse(row);
  const { created_at: createdAt, started_at: startedAt, done, ...others } = parsed;
  const { settings_before: settingsBefore, canceled_by: canceledBy, ...rest } = others;
  return { ...rest, createdAt, startedAt, settingsBefore, canceledBy, done: done === 1 };
}

export function replicaOf(row: unknown): Replica {
  const { lagging, ...rest } = replicaRow.parse(row);
  return { ...rest, standing: STANDINGS[lagging] ?? "suspended" };
}

export function bytesOf(row: unknown): PayloadPart {
  const { seq, bytes } = payloadRow.parse(row);
  return { seq, bytes: new Uint8Array(bytes) };
}

export function countOf(row: unknown): readonly [NodeId, number] {
  const { node, deleted } = countRow.parse(row);
  return [node, deleted];
}

export function weightOf(row: unknown): readonly [ShardId, number] {
  const { shard, weight } = weightRow.parse(row);
  return [shard, weight];
}
