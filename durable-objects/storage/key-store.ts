/**
 * API keys, durable in the Cluster. Their secrets are not here: they follow from the master key. The
 * default keys come with the table, once, so that keys which were deleted stay deleted.
 */
import { z } from "zod";

import { instant } from "../../worker/core/ids.ts";
import { KEY_ACTIONS, MIROIR_ACTIONS } from "../../worker/core/keys/actions.ts";
import { defaultKeys } from "../../worker/core/keys/default-keys.ts";
import type { ApiKey, KeyPatch, KeyUid, NewKey } from "../../worker/core/keys/key.ts";

const storedKey = z.object({
  uid: z.string(),
  name: z.string().nullable(),
  description: z.string().nullable(),
  actions: z.array(z.enum([...KEY_ACTIONS, ...MIROIR_ACTIONS])),
  indexes: z.array(z.string()),
  expiresAt: z.number().nullable(),
  expiresAtText: z.string().nullable(),
  createdAt: z.number().transform(instant),
  updatedAt: z.number().transform(instant),
});

const valueRow = z.object({ value: z.string() });

export class KeyStore {
  readonly #sql: SqlStorage;
  /** Read once per change: every snapshot carries what the keys allow. */
  #all: readonly ApiKey[] | undefined;

  constructor(sql: SqlStorage, now: number) {
    this.#sql = sql;
    const tables = sql.exec("SELECT name FROM sqlite_master WHERE name = 'keys'").toArray();
    if (tables.length > 0) return;
    sql.exec(
      "CREATE TABLE keys (position INTEGER PRIMARY KEY, uid TEXT NOT NULL UNIQUE, value TEXT NOT NULL)",
    );
    for (const key of defaultKeys(() => crypto.randomUUID())) this.add(key, now);
  }

  /** Newest first. */
  all(): readonly ApiKey[] {
    this.#all ??= this.#sql
      .exec("SELECT value FROM keys ORDER BY position DESC")
      .toArray()
      .map(keyOf);
    return this.#all;
  }

  get(uid: KeyUid): ApiKey | undefined {
    return this.#sql.exec("SELECT value FROM keys WHERE uid = ?", uid).toArray().map(keyOf)[0];
  }

  add(key: NewKey, now: number): ApiKey {
    this.#all = undefined;
    const added = { ...key, createdAt: instant(now), updatedAt: instant(now) };
    this.#sql.exec("INSERT INTO keys (uid, value) VALUES (?, ?)", key.uid, JSON.stringify(added));
    return added;
  }

  /** Undefined when there is no such key. */
  update(uid: KeyUid, patch: KeyPatch, now: number): ApiKey | undefined {
    const key = this.get(uid);
    if (key === undefined) return undefined;
    const updated = { ...key, ...patch, updatedAt: instant(now) };
    this.#all = undefined;
    this.#sql.exec("UPDATE keys SET value = ? WHERE uid = ?", JSON.stringify(updated), uid);
    return updated;
  }

  remove(uid: KeyUid): void {
    this.#all = undefined;
    this.#sql.exec("DELETE FROM keys WHERE uid = ?", uid);
  }
}

function keyOf(row: unknown): ApiKey {
  return storedKey.parse(JSON.parse(valueRow.parse(row).value));
}
