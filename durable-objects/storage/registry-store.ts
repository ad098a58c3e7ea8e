/**
 * The Cluster's tables. Durable: nodes with their state (an operator's decision), the index
 * registry (the only map from uids to physical indexes), the epoch (must never repeat) and the
 * horizon of leases. Not stored: health and single leases, which are observed again after a restart.
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
} from "../../worker/core/ids.ts";
import type { Registered } from "../../worker/core/topology/registry.ts";
import type { Node } from "../../worker/core/topology/topology.ts";
import type { StoredIndex } from "../rpc.ts";

export type RegisteredIndex = Omit<StoredIndex, "takesWrites"> & Registered;

const storedIndex = z.object({
  uid: z.string().transform(indexUid),
  readUid: z.string().transform(indexUid),
  physical: z.string().transform(physicalUid),
  phase: z.enum(["creating", "serving", "ending", "unserved", "superseded"]),
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
});

const valueRow = z.object({ value: z.string() });
const horizonRow = z.object({ lease_horizon: z.number() });
const epochRow = z.object({ epoch: z.number().transform(epoch) });

export class RegistryStore {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER NOT NULL, lease_horizon INTEGER NOT NULL);
      INSERT OR IGNORE INTO state (id, epoch, lease_horizon) VALUES (1, 1, 0);
      CREATE TABLE IF NOT EXISTS nodes (id TEXT PRIMARY KEY, value TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS indexes (physical TEXT PRIMARY KEY, value TEXT NOT NULL);`);
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

  nodes(): readonly Node[] {
    return this.#values("nodes").map((value) => ({
      ...storedNode.parse(value),
      health: "unknown" as const,
    }));
  }

  putNode(node: Node): void {
    const { id, url, group, weight, state } = node;
    const value = { id, url, key: node.key ?? null, group, zone: node.zone ?? null, weight, state };
    this.#sql.exec("INSERT OR REPLACE INTO nodes VALUES (?, ?)", id, JSON.stringify(value));
  }

  removeNode(node: Node): void {
    this.#sql.exec("DELETE FROM nodes WHERE id = ?", node.id);
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
  }

  #values(table: "nodes" | "indexes"): readonly unknown[] {
    return this.#sql
      .exec(`SELECT value FROM ${table} ORDER BY rowid`)
      .toArray()
      .map((row): unknown => JSON.parse(valueRow.parse(row).value));
  }
}
