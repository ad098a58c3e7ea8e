/** Operations on the topology in D1: what the Cluster told, for everybody who looks. */
import { z } from "zod";

import type { OperationStep, TopologyOperation } from "../core/rebalance/operation.ts";
import { operationSchema, stepSchema } from "../operation-schema.ts";

const PUT = `INSERT INTO operations (id, kind, state, value, created_at, finished_at)
  VALUES (?1, ?2, ?3, ?4, ?5, ?6)
  ON CONFLICT (id) DO UPDATE SET state = ?3, value = ?4, finished_at = ?6`;
const PUT_STEP = `INSERT INTO operation_steps (id, operation, phase, value) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (id) DO UPDATE SET phase = ?3, value = ?4`;

const valueRow = z.object({ value: z.string() });

export class OperationHistory {
  readonly #database: D1Database;

  constructor(database: D1Database) {
    this.#database = database;
  }

  async put(
    operations: readonly TopologyOperation[],
    steps: readonly OperationStep[],
  ): Promise<void> {
    const statements = [
      ...operations.map((one) =>
        this.#database
          .prepare(PUT)
          .bind(
            one.id,
            one.intent.kind,
            one.state,
            JSON.stringify(one),
            one.createdAt,
            one.finishedAt,
          ),
      ),
      ...steps.map((step) =>
        this.#database
          .prepare(PUT_STEP)
          .bind(step.change.id, step.operation, step.phase, JSON.stringify(step)),
      ),
    ];
    if (statements.length > 0) await this.#database.batch(statements);
  }

  /** Newest first, from `from` downwards. */
  async list(limit: number, from: number | undefined): Promise<readonly TopologyOperation[]> {
    const { results } = await this.#database
      .prepare("SELECT value FROM operations WHERE id <= ? ORDER BY id DESC LIMIT ?")
      .bind(from ?? Number.MAX_SAFE_INTEGER, limit)
      .all();
    return results.map((row) => operationSchema.parse(JSON.parse(valueRow.parse(row).value)));
  }

  async steps(operation: number): Promise<readonly OperationStep[]> {
    const { results } = await this.#database
      .prepare("SELECT value FROM operation_steps WHERE operation = ? ORDER BY rowid")
      .bind(operation)
      .all();
    return results.map((row) => stepSchema.parse(JSON.parse(valueRow.parse(row).value)));
  }
}
