/**
 * Operations on the topology and their steps in the Cluster's SQLite: what decides. Every change is
 * marked until the history in D1 has it; what is over and in the history is dropped after a while.
 */
import { z } from "zod";

import { isFinished, type OperationStep } from "../../worker/core/rebalance/operation.ts";
import type { TopologyOperation } from "../../worker/core/rebalance/operation.ts";
import { isOver } from "../../worker/core/transfer/shard-change.ts";
import { operationSchema, stepSchema } from "../../worker/operation-schema.ts";

/** Operations that are over and still kept here. */
const KEPT = 50;

const valueRow = z.object({ value: z.string() });
const changedRow = z.object({ id: z.string(), value: z.string(), version: z.number() });
const idRow = z.object({ id: z.number() });

/** A row that the history has not got yet, in this version. */
export interface Changed<T> {
  readonly id: string;
  readonly version: number;
  readonly value: T;
}

type Table = "topology_operations" | "topology_steps";

export class OperationRecords {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS topology_operations (
        id TEXT PRIMARY KEY, number INTEGER NOT NULL UNIQUE, open INTEGER NOT NULL,
        value TEXT NOT NULL, version INTEGER NOT NULL, told INTEGER NOT NULL DEFAULT 0);
      CREATE TABLE IF NOT EXISTS topology_steps (
        id TEXT PRIMARY KEY, number INTEGER NOT NULL, open INTEGER NOT NULL,
        value TEXT NOT NULL, version INTEGER NOT NULL, told INTEGER NOT NULL DEFAULT 0);
      CREATE INDEX IF NOT EXISTS topology_steps_open ON topology_steps (open) WHERE open = 1;
      CREATE INDEX IF NOT EXISTS topology_steps_untold ON topology_steps (told) WHERE told < version;
      CREATE INDEX IF NOT EXISTS topology_steps_of ON topology_steps (number);
      CREATE TABLE IF NOT EXISTS topology_numbers (id INTEGER PRIMARY KEY AUTOINCREMENT);`);
  }

  /** A number that no operation has had. */
  nextId(): number {
    return idRow.parse(
      this.#sql.exec("INSERT INTO topology_numbers DEFAULT VALUES RETURNING id").one(),
    ).id;
  }

  /** Those that are not over, oldest first. */
  unfinished(): readonly TopologyOperation[] {
    return this.#operations("WHERE open = 1 ORDER BY number");
  }

  /** Newest first. */
  operations(): readonly TopologyOperation[] {
    return this.#operations("ORDER BY number DESC");
  }

  operation(id: number): TopologyOperation | undefined {
    return this.#operations("WHERE number = ?", id)[0];
  }

  underWay(): readonly OperationStep[] {
    return this.#steps("WHERE open = 1 ORDER BY rowid");
  }

  stepsOf(operation: number): readonly OperationStep[] {
    return this.#steps("WHERE number = ? ORDER BY rowid", operation);
  }

  put(operation: TopologyOperation): void {
    const { id } = operation;
    this.#put("topology_operations", `${id}`, id, !isFinished(operation), operation);
  }

  putStep(step: OperationStep): void {
    this.#put("topology_steps", step.change.id, step.operation, !isOver(step.phase), step);
  }

  changedOperations(limit: number): readonly Changed<TopologyOperation>[] {
    return this.#changed("topology_operations", operationSchema, limit);
  }

  changedSteps(limit: number): readonly Changed<OperationStep>[] {
    return this.#changed("topology_steps", stepSchema, limit);
  }

  /** The history has these versions. */
  told(operations: readonly Changed<unknown>[], steps: readonly Changed<unknown>[]): void {
    for (const row of operations) this.#setTold("topology_operations", row);
    for (const row of steps) this.#setTold("topology_steps", row);
  }

  /** Drops what the history has and nobody asks for here. */
  trim(): void {
    const old = `SELECT number FROM topology_operations WHERE open = 0 AND told = version
      ORDER BY number DESC LIMIT -1 OFFSET ${KEPT}`;
    this.#sql.exec(`DELETE FROM topology_steps WHERE told = version AND number IN (${old})`);
    this.#sql.exec(`DELETE FROM topology_operations WHERE number IN (${old})
      AND number NOT IN (SELECT number FROM topology_steps)`);
  }

  #put(table: Table, id: string, number: number, isOpen: boolean, value: object): void {
    this.#sql.exec(
      `INSERT INTO ${table} (id, number, open, value, version) VALUES (?1, ?2, ?3, ?4, 1)
       ON CONFLICT (id) DO UPDATE SET open = ?3, value = ?4, version = version + 1`,
      id,
      number,
      isOpen ? 1 : 0,
      JSON.stringify(value),
    );
  }

  #changed<T>(table: Table, schema: z.ZodType<T>, limit: number): readonly Changed<T>[] {
    return this.#sql
      .exec(`SELECT id, value, version FROM ${table} WHERE told < version LIMIT ?`, limit)
      .toArray()
      .map((row) => {
        const { id, version, value } = changedRow.parse(row);
        return { id, version, value: schema.parse(JSON.parse(value)) };
      });
  }

  #setTold(table: Table, { id, version }: Changed<unknown>): void {
    this.#sql.exec(`UPDATE ${table} SET told = ? WHERE id = ?`, version, id);
  }

  #operations(where: string, ...values: readonly number[]): readonly TopologyOperation[] {
    return this.#values("topology_operations", where, values).map((value) =>
      operationSchema.parse(value),
    );
  }

  #steps(where: string, ...values: readonly number[]): readonly OperationStep[] {
    return this.#values("topology_steps", where, values).map((value) => stepSchema.parse(value));
  }

  #values(table: Table, where: string, values: readonly number[]): readonly unknown[] {
    return this.#sql
      .exec(`SELECT value FROM ${table} ${where}`, ...values)
      .toArray()
      .map((row): unknown => JSON.parse(valueRow.parse(row).value));
  }
}
