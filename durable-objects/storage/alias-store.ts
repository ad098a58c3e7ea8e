/** Which indexes aliases stand for: durable, and replaced as a whole, so that several flip at once. */
import { z } from "zod";

import { indexUid, type IndexUid } from "../../worker/core/ids.ts";
import type { Aliases } from "../../worker/core/topology/aliases.ts";
import type { WireAlias } from "../rpc.ts";

const name = z.string().transform(indexUid);
const row = z.object({ name, value: z.string() });
const stored = z.array(name);

export class AliasStore {
  readonly #sql: SqlStorage;
  #aliases: Aliases;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec("CREATE TABLE IF NOT EXISTS aliases (name TEXT PRIMARY KEY, value TEXT NOT NULL)");
    this.#aliases = new Map(
      sql
        .exec("SELECT name, value FROM aliases ORDER BY name")
        .toArray()
        .map((found) => {
          const { name: alias, value } = row.parse(found);
          return [alias, stored.parse(JSON.parse(value))] as const;
        }),
    );
  }

  get all(): Aliases {
    return this.#aliases;
  }

  /** The index that writes to a name go to; undefined for an alias of several. */
  writtenAs(written: IndexUid): IndexUid | undefined {
    const [only, ...others] = this.#aliases.get(written) ?? [written];
    return others.length === 0 ? only : undefined;
  }

  wire(): readonly WireAlias[] {
    return [...this.#aliases].map(([alias, indexes]) => ({ name: alias, indexes }));
  }

  /** In one turn, so in one commit with the epoch that tells of it. */
  replace(aliases: Aliases): void {
    this.#sql.exec("DELETE FROM aliases");
    for (const [alias, uids] of aliases) {
      this.#sql.exec("INSERT INTO aliases VALUES (?, ?)", alias, JSON.stringify(uids));
    }
    this.#aliases = aliases;
  }
}
