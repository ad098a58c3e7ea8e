/** D1 on `node:sqlite`: statements as calls, a batch as one commit, each of which may fail. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Disk } from "./storage.ts";
import type { Passage, Wire } from "./wire.ts";

type Bound = string | number | null;

interface Result {
  readonly results: readonly Record<string, unknown>[];
  readonly meta: { readonly changes: number };
}

const FOLDER = join(import.meta.dirname, "../../../migrations");
const MIGRATIONS = readdirSync(FOLDER)
  .toSorted()
  .map((name) => readFileSync(join(FOLDER, name), "utf8"));

export interface DatabaseTools {
  readonly wire: Wire;
  /** By the first statement. */
  readonly passage: (query: string) => Passage;
  /** Something was written. */
  readonly onCommit: () => void;
}

export class SimulatedDatabase {
  readonly disk = Disk.of("tasks");
  readonly #tools: DatabaseTools;

  constructor(tools: DatabaseTools) {
    this.#tools = tools;
    const [known] = this.disk.rows("SELECT name FROM sqlite_master WHERE name = 'tasks'");
    if (known !== undefined) return;
    for (const migration of MIGRATIONS) this.disk.database.exec(migration);
  }

  prepare(query: string): Statement {
    return new Statement(this, query, []);
  }

  async batch(statements: readonly Statement[]): Promise<readonly Result[]> {
    return await this.run(statements);
  }

  async run(statements: readonly Statement[]): Promise<readonly Result[]> {
    const { wire, passage } = this.#tools;
    return await wire.call(passage(statements[0]?.query ?? ""), () =>
      Promise.resolve(this.#commit(statements)),
    );
  }

  #commit(statements: readonly Statement[]): readonly Result[] {
    this.disk.prepared("BEGIN").statement.run();
    const results = this.#carriedOut(statements);
    this.disk.prepared("COMMIT").statement.run();
    if (results.some(({ meta }) => meta.changes > 0)) this.#tools.onCommit();
    return results;
  }

  /** All of them or none. */
  #carriedOut(statements: readonly Statement[]): readonly Result[] {
    try {
      return statements.map(({ query, values }): Result => {
        const { statement, returnsRows } = this.disk.prepared(query);
        if (returnsRows) return { results: statement.all(...values), meta: { changes: 0 } };
        return { results: [], meta: { changes: Number(statement.run(...values).changes) } };
      });
    } catch (error) {
      this.disk.rollBack();
      throw error;
    }
  }
}

export class Statement {
  readonly #database: SimulatedDatabase;
  readonly query: string;
  readonly values: readonly Bound[];

  constructor(database: SimulatedDatabase, query: string, values: readonly Bound[]) {
    this.#database = database;
    this.query = query;
    this.values = values;
  }

  bind(...values: readonly Bound[]): Statement {
    return new Statement(this.#database, this.query, values);
  }

  async run(): Promise<Result> {
    const [result] = await this.#database.run([this]);
    if (result === undefined) throw new Error("a statement has a result");
    return result;
  }

  async all(): Promise<Result> {
    return await this.run();
  }

  async first(): Promise<Record<string, unknown> | null> {
    return (await this.run()).results[0] ?? null;
  }
}
