/** What a log knows of its index as a whole: single values beside its entries. */
import { z } from "zod";

import type { NodeId } from "../../worker/core/ids.ts";
import { primaryKeyOf, type Operation } from "../../worker/core/log/operation.ts";
import { placementOf, type Placement } from "./log-rows.ts";

const text = z.object({ value: z.string() });

type Fact =
  | "placement"
  | "primaryKey"
  | "settings"
  | "closed"
  | "told"
  | "minInSync"
  | "reshard"
  | "reshardCanceled"
  | "successor"
  /** The last task of the index that the node is known to have carried out. */
  | `lastTask/${NodeId}`;

export class LogFacts {
  readonly #sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  fact(name: Fact): string | undefined {
    const [row] = this.#sql.exec("SELECT value FROM facts WHERE name = ?", name).toArray();
    return row === undefined ? undefined : text.parse(row).value;
  }

  setFact(name: Fact, value: string): void {
    this.#sql.exec("INSERT OR REPLACE INTO facts VALUES (?, ?)", name, value);
  }

  /** What an accepted operation means for those that come behind it. */
  remember(operation: Operation): void {
    const primaryKey = primaryKeyOf(operation);
    if (primaryKey !== undefined) this.setFact("primaryKey", primaryKey);
    if (operation.kind === "deleteIndex") this.setFact("closed", "yes");
  }

  placement(): Placement | undefined {
    const stored = this.fact("placement");
    return stored === undefined ? undefined : placementOf(stored);
  }
}
