/**
 * Values of the whole instance by name, in D1. A change is made of what is there: when another one
 * came between, it is made again of that.
 */
import { z } from "zod";

const row = z.object({ value: z.string() });
const named = z.object({ name: z.string(), value: z.string() });

/** Changes of one value that may come between before something must be wrong. */
const ATTEMPTS = 20;

export class ValueStore {
  readonly #database: D1Database;

  constructor(database: D1Database) {
    this.#database = database;
  }

  async get(name: string): Promise<string | undefined> {
    const found = await this.#database
      .prepare("SELECT value FROM instance_values WHERE name = ?")
      .bind(name)
      .first();
    return found === null ? undefined : row.parse(found).value;
  }

  /** Names that begin with `prefix`, without it, in order. */
  async namesAfter(prefix: string): Promise<readonly string[]> {
    const { results } = await this.#database
      .prepare(
        "SELECT name, value FROM instance_values WHERE substr(name, 1, length(?1)) = ?1 ORDER BY name",
      )
      .bind(prefix)
      .all();
    return results.map((found) => named.parse(found).name.slice(prefix.length));
  }

  /** The value after `change`, which gets the one before; it may refuse by throwing. */
  async change(name: string, change: (before: string | undefined) => string): Promise<string> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const before = await this.get(name);
      const after = change(before);
      const statement =
        before === undefined
          ? this.#database
              .prepare("INSERT INTO instance_values VALUES (?, ?) ON CONFLICT DO NOTHING")
              .bind(name, after)
          : this.#database
              .prepare("UPDATE instance_values SET value = ?2 WHERE name = ?1 AND value = ?3")
              .bind(name, after, before);
      if ((await statement.run()).meta.changes > 0) return after;
    }
    throw new Error(`the value ${name} changes all the time`);
  }

  /** Whether there was one. */
  async remove(name: string): Promise<boolean> {
    const { meta } = await this.#database
      .prepare("DELETE FROM instance_values WHERE name = ?")
      .bind(name)
      .run();
    return meta.changes > 0;
  }
}
