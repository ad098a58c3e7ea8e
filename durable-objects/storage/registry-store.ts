/**
 * The Cluster's tables. Durable: nodes with their state (an operator's decision), the index
 * registry (the only map from uids to physical indexes), the epoch (must never repeat) and the
 * horizon of leases, since when nodes are away. Not stored: health and single leases, which are observed again after a restart.
 */
import { z } from "zod";

import {
  epoch,
  groupId,
  indexUid,
  instant,
  nodeId,
  physicalUid,
  type Epoch,
  type Instant,
  type NodeId,
  type PhysicalUid,
} from "../../worker/core/ids.ts";
import type { Registered } from "../../worker/core/topology/registry.ts";
import type { RosterNode } from "../../worker/core/topology/roster.ts";
import type { StoredIndex } from "../rpc.ts";

export interface RegisteredIndex
  extends Omit<StoredIndex, "takesWrites" | "uid" | "physical">, Registered {
  /** The index whose place this one is built to take. */
  readonly builtFor: PhysicalUid | undefined;
}

const storedIndex = z.object({
  uid: z.string().transform(indexUid),
  readUid: z.string().transform(indexUid),
  physical: z.string().transform(physicalUid),
  phase: z.enum(["building", "creating", "serving", "ending", "unserved", "superseded"]),
  builtFor: z
    .string()
    .nullish()
    .transform((name) => (name === null || name === undefined ? undefined : physicalUid(name))),
  primaryKey: z
    .string()
    .nullable()
    .transform((name) => name ?? undefined),
  replicationFactor: z.number(),
  shardMap: z.array(z.array(z.string().transform(nodeId))),
  lagging: z.array(z.string().transform(nodeId)),
  mixed: z.array(z.string().transform(nodeId)).default([]),
  settings: z.string(),
  createdAt: z.number().transform(instant),
  updatedAt: z.number().transform(instant),
});

const storedNode = z.object({
  id: z.string().transform(nodeId),
  url: z.string(),
  key: z
    .string()
    .nullable()
    .transform((key) => key ?? undefined),
  group: z.string().transform(groupId),
  zone: z
    .string()
    .nullable()
    .transform((zone) => zone ?? undefined),
  weight: z.number(),
  state: z.enum(["joining", "active", "draining", "failed", "removed"]),
  seat: z.string().transform(nodeId).nullable().default(null),
  pinned: z.boolean().default(false),
});

const downtimeRow = z.object({
  node: z.string().transform(nodeId),
  since: z.number().transform(instant),
});
const valueRow = z.object({ value: z.string() });
const horizonRow = z.object({ lease_horizon: z.number() });
const epochRow = z.object({ epoch: z.number().transform(epoch) });

/** Names of deleted indexes that are remembered. */
const DROPPED_KEPT = 10_000;

export class RegistryStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER NOT NULL, lease_horizon INTEGER NOT NULL);
      INSERT OR IGNORE INTO state (id, epoch, lease_horizon) VALUES (1, 1, 0);
      CREATE TABLE IF NOT EXISTS nodes (id TEXT PRIMARY KEY, value TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS downtimes (node TEXT PRIMARY KEY, since INTEGER NOT NULL);
      CREATE TABLE IF NOT EXISTS indexes (physical TEXT PRIMARY KEY, value TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS dropped_indexes (id INTEGER PRIMARY KEY, physical TEXT NOT NULL UNIQUE);`);
  }

  /** The next epoch, stored in the same commit as the change that it announces. */
  nextEpoch(): Epoch {
    return epochRow.parse(
      this.#sql.exec("UPDATE state SET epoch = epoch + 1 RETURNING epoch").one(),
    ).epoch;
  }

  /** The time that no lease outlives, in milliseconds since the Unix epoch. */
  leaseHorizon(): number {
    return horizonRow.parse(this.#sql.exec("SELECT lease_horizon FROM state").one()).lease_horizon;
  }

  setLeaseHorizon(horizon: number): void {
    this.#sql.exec("UPDATE state SET lease_horizon = ?", horizon);
  }

  nodes(): readonly RosterNode[] {
    return this.#values("nodes").map((value) => {
      const { seat, ...node } = storedNode.parse(value);
      return { ...node, ...(seat === null ? {} : { seat }), health: "unknown" as const };
    });
  }

  putNode(stored: RosterNode): void {
    const { health: _, ...node } = stored;
    const value = { ...node, key: node.key ?? null, zone: node.zone ?? null };
    this.#sql.exec(
      "INSERT INTO nodes VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET value = excluded.value",
      node.id,
      JSON.stringify(value),
    );
  }

  removeNode(node: NodeId): void {
    this.#sql.exec("DELETE FROM nodes WHERE id = ?", node);
  }

  /** Since when nodes do not answer. Kept, so that a restart does not begin the grace period anew. */
  downSince(): ReadonlyMap<NodeId, Instant> {
    return new Map(
      this.#sql
        .exec("SELECT node, since FROM downtimes")
        .toArray()
        .map((row) => {
          const { node, since } = downtimeRow.parse(row);
          return [node, since] as const;
        }),
    );
  }

  setDown(node: NodeId, since: number): void {
    this.#sql.exec("INSERT OR IGNORE INTO downtimes VALUES (?, ?)", node, since);
  }

  setUp(node: NodeId): void {
    this.#sql.exec("DELETE FROM downtimes WHERE node = ?", node);
  }

  indexes(): readonly RegisteredIndex[] {
    return this.#values("indexes").map((value) => storedIndex.parse(value));
  }

  putIndex(index: RegisteredIndex): void {
    const value = { ...index, primaryKey: index.primaryKey ?? null };
    // Not `INSERT OR REPLACE`: a row keeps its place in the order of creation.
    this.#sql.exec(
      "INSERT INTO indexes VALUES (?, ?) ON CONFLICT (physical) DO UPDATE SET value = excluded.value",
      index.physical,
      JSON.stringify(value),
    );
  }

  removeIndex(index: RegisteredIndex): void {
    this.#sql.exec("DELETE FROM indexes WHERE physical = ?", index.physical);
    this.#sql.exec("INSERT OR IGNORE INTO dropped_indexes (physical) VALUES (?)", index.physical);
    const first = "(SELECT MAX(id) FROM dropped_indexes)";
    this.#sql.exec(`DELETE FROM dropped_indexes WHERE id <= ${first} - ${DROPPED_KEPT}`);
  }

  /** Whether there was such an index: a node that was away for its deletion still holds it. */
  wasDropped(physical: string): boolean {
    const query = "SELECT 1 FROM dropped_indexes WHERE physical = ?";
    return this.#sql.exec(query, physical).toArray().length > 0;
  }

  #values(table: "nodes" | "indexes"): readonly unknown[] {
    return this.#sql
      .exec(`SELECT value FROM ${table} ORDER BY rowid`)
      .toArray()
      .map((row): unknown => JSON.parse(valueRow.parse(row).value));
  }
}
