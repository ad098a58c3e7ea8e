/**
 * Branded identifiers: two ids of different kinds never mix by accident. This is the only file
 * that casts into a brand; values come here already checked (config, registry, route parameters).
 */
declare const brand: unique symbol;
type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** Name of a Meilisearch process we route to, e.g. `n0`. */
export type NodeId = Brand<string, "NodeId">;
/** Name of a replica group: nodes that together hold every shard. */
export type GroupId = Brand<string, "GroupId">;
/** One of S slices of an index's id space, from 0. */
export type ShardId = Brand<number, "ShardId">;
/** Version of the topology; grows by one with every change and is never reused. */
export type Epoch = Brand<number, "Epoch">;
/** Position of an entry in one index's write log, from 1. 0 means "before the first". */
export type LogOffset = Brand<number, "LogOffset">;
/** Client-visible task number, from 0, dense and increasing over the whole cluster. */
export type TaskUid = Brand<number, "TaskUid">;
/** The uid by which clients call an index. */
export type IndexUid = Brand<string, "IndexUid">;
/** The uid of an index on the nodes; also the name of its IndexLog. */
export type PhysicalUid = Brand<string, "PhysicalUid">;
/** A primary-key value in its canonical text form: what is hashed to a shard. */
export type DocumentId = Brand<string, "DocumentId">;
/** Milliseconds since the Unix epoch. */
export type Instant = Brand<number, "Instant">;

export const nodeId = (text: string): NodeId => text as NodeId;
export const groupId = (text: string): GroupId => text as GroupId;
export const shardId = (index: number): ShardId => index as ShardId;
export const epoch = (count: number): Epoch => count as Epoch;
export const logOffset = (position: number): LogOffset => position as LogOffset;
export const taskUid = (count: number): TaskUid => count as TaskUid;
export const indexUid = (text: string): IndexUid => text as IndexUid;
export const physicalUid = (text: string): PhysicalUid => text as PhysicalUid;
export const documentId = (text: string): DocumentId => text as DocumentId;
export const instant = (ms: number): Instant => ms as Instant;
