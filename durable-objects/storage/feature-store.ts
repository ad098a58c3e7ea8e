/** The experimental features that clients have switched on: durable, as they decide what is refused. */
import { z } from "zod";

import {
  ALL_OFF,
  FEATURE_FLAGS,
  type FeatureFlags,
} from "../../worker/core/features/feature-flags.ts";

const row = z.object({ value: z.string() });
const stored = z.partialRecord(z.enum(FEATURE_FLAGS), z.boolean());

export class FeatureStore {
  readonly #sql: SqlStorage;
  #flags: FeatureFlags;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(
      "CREATE TABLE IF NOT EXISTS features (id INTEGER PRIMARY KEY CHECK (id = 1), value TEXT NOT NULL)",
    );
    const [found] = sql.exec("SELECT value FROM features").toArray();
    // A flag that was not known when they were stored is off.
    this.#flags =
      found === undefined
        ? ALL_OFF
        : { ...ALL_OFF, ...stored.parse(JSON.parse(row.parse(found).value)) };
  }

  get flags(): FeatureFlags {
    return this.#flags;
  }

  /** The flags after the change. */
  change(patch: Partial<FeatureFlags>): FeatureFlags {
    this.#flags = { ...this.#flags, ...patch };
    this.#sql.exec("INSERT OR REPLACE INTO features VALUES (1, ?)", JSON.stringify(this.#flags));
    return this.#flags;
  }
}
