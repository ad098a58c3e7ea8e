/**
 * The verdict on an entry that may fail as a whole, taken once: with the settings of its turn, before
 * any node gets it. An entry that fails becomes one that changes nothing, with its error, so that no
 * replica can apply it, however late. What the verdict is taken on has a table of its own, and most
 * entries have nothing in it.
 */
import { z } from "zod";

import {
  conditionalFailures,
  failureUnder,
  unprovided,
  type ConditionalFailures,
} from "../../worker/core/log/conditional-failures.ts";
import type { ErrorBody } from "../../worker/core/errors/api-error.ts";
import type { Operation } from "../../worker/core/log/operation.ts";
import type { IndexSettings } from "../../worker/core/settings/settings.ts";
import type { Entry } from "./log-rows.ts";
import type { LogStore } from "./log-store.ts";

const SCHEMA =
  "CREATE TABLE IF NOT EXISTS conditions (token TEXT PRIMARY KEY, failures TEXT NOT NULL)";

const NOTHING: Operation = { kind: "pass" };

type Write = Entry & { readonly operation: { readonly kind: "writeDocuments" } };

const tokenRow = z.object({ token: z.string() });
const failuresRow = z.object({ failures: z.string() });

export class Verdicts {
  readonly #sql: SqlStorage;
  readonly #store: LogStore;
  /** The entries that have conditions: looked at for every entry, with every delivery. */
  readonly #pending: Set<string>;

  constructor(sql: SqlStorage, store: LogStore) {
    this.#sql = sql;
    this.#store = store;
    sql.exec(SCHEMA);
    // Of entries that were canceled before their turn.
    sql.exec("DELETE FROM conditions WHERE token NOT IN (SELECT token FROM entries)");
    const rows = sql.exec("SELECT token FROM conditions").toArray();
    this.#pending = new Set(rows.map((row) => tokenRow.parse(row).token));
  }

  /** With the commit of the entry, in its transaction. */
  add(token: string, failures: ConditionalFailures): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO conditions VALUES (?, ?)",
      token,
      JSON.stringify(failures),
    );
    this.#pending.add(token);
  }

  /** What an entry still has to be judged by. */
  of(token: string): ConditionalFailures | null {
    if (!this.#pending.has(token)) return null;
    const row = this.#sql.exec("SELECT failures FROM conditions WHERE token = ?", token).one();
    return conditionalFailures.parse(JSON.parse(failuresRow.parse(row).failures));
  }

  /** The entry as it is delivered. `settings`: as of this entry. */
  decided(entry: Entry, settings: () => IndexSettings): Entry {
    const { token, task, offset, done } = entry;
    if (task === null || done || entry.error !== null) return entry;
    const failures = this.of(token);
    const error = failures === null ? undefined : failureUnder(failures, settings(), task.indexUid);
    if (error !== undefined) this.fail(entry, error);
    else if (mayLackVectors(entry, failures?.provided ?? [], settings)) {
      this.#store.setOperation(offset, { ...entry.operation, vectorless: "unasked" });
    } else if (failures === null) return entry;
    this.#sql.exec("DELETE FROM conditions WHERE token = ?", token);
    this.#pending.delete(token);
    return this.#store.entryAt(offset) ?? entry;
  }

  /** The entry changes nothing, on no node. */
  fail({ offset, token }: Entry, error: ErrorBody): void {
    this.#sql.exec(
      "UPDATE entries SET operation = ?, error = ? WHERE offset = ?",
      JSON.stringify(NOTHING),
      JSON.stringify(error),
      offset,
    );
    this.#store.dropPayload(token);
    this.#store.measure();
  }
}

/** Those that are not stored yet, and are not to be, bring no vectors to miss. */
function mayLackVectors(
  entry: Entry,
  provided: readonly string[],
  settings: () => IndexSettings,
): entry is Write {
  const { operation } = entry;
  if (operation.kind !== "writeDocuments" || operation.skipCreation) return false;
  return operation.vectorless === undefined && unprovided(settings(), provided).length > 0;
}
