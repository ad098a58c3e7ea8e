/**
 * Who nodes are, as the Cluster knows it. Durable: the cluster's own name, each node's life and the
 * tasks it had, and which logs have yet to hear that a node lost what it had.
 */
import { z } from "zod";

import { nodeId, physicalUid, type NodeId, type PhysicalUid } from "../../worker/core/ids.ts";
import type { KnownNode } from "../../worker/core/topology/node-identity.ts";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS cluster_identity (id INTEGER PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS node_identities (
    node TEXT PRIMARY KEY, incarnation TEXT NOT NULL, last_task INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS node_task_times (node TEXT PRIMARY KEY, uid INTEGER NOT NULL, at TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS lost_replicas (
    node TEXT NOT NULL, physical TEXT NOT NULL, PRIMARY KEY (node, physical));`;

const nameRow = z.object({ name: z.string() });
const nodeRow = z.object({
  incarnation: z.string(),
  last_task: z.number(),
  at: z.string().nullable(),
});
const lostRow = z.object({
  node: z.string().transform(nodeId),
  physical: z.string().transform(physicalUid),
});

export interface LostReplica {
  readonly node: NodeId;
  readonly physical: PhysicalUid;
}

export class IdentityStore {
  readonly #sql: SqlStorage;
  readonly cluster: string;

  constructor(sql: SqlStorage, newName: () => string) {
    this.#sql = sql;
    sql.exec(SCHEMA);
    sql.exec("INSERT OR IGNORE INTO cluster_identity VALUES (1, ?)", newName());
    this.cluster = nameRow.parse(sql.exec("SELECT name FROM cluster_identity").one()).name;
  }

  known(node: NodeId): KnownNode | undefined {
    const [row] = this.#sql
      .exec(
        `SELECT incarnation, last_task, at FROM node_identities
         LEFT JOIN node_task_times ON node_task_times.node = node_identities.node AND uid = last_task
         WHERE node_identities.node = ?`,
        node,
      )
      .toArray();
    if (row === undefined) return undefined;
    const { incarnation, last_task: lastTask, at: lastTaskAt } = nodeRow.parse(row);
    return { incarnation, lastTask, lastTaskAt };
  }

  put(node: NodeId, { incarnation, lastTask, lastTaskAt }: KnownNode): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO node_identities VALUES (?, ?, ?)",
      node,
      incarnation,
      lastTask,
    );
    if (lastTaskAt === null) return;
    const query = "INSERT OR REPLACE INTO node_task_times VALUES (?, ?, ?)";
    this.#sql.exec(query, node, lastTask, lastTaskAt);
  }

  /** The node begins anew: until it has its next life, it is as one that nobody knows. */
  forget(node: NodeId): void {
    this.#sql.exec("DELETE FROM node_identities WHERE node = ?", node);
  }

  addLost({ node, physical }: LostReplica): void {
    this.#sql.exec("INSERT OR IGNORE INTO lost_replicas VALUES (?, ?)", node, physical);
  }

  removeLost({ node, physical }: LostReplica): void {
    this.#sql.exec("DELETE FROM lost_replicas WHERE node = ? AND physical = ?", node, physical);
  }

  lost(): readonly LostReplica[] {
    return this.#sql
      .exec("SELECT * FROM lost_replicas ORDER BY node, physical")
      .toArray()
      .map((row) => lostRow.parse(row));
  }
}
