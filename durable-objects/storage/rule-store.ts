/**
 * The dynamic search rules. Changes can be repeated: one that was cut off after it was stored is
 * carried out again. The version is another after each, so that Workers know what they have.
 */
import { z } from "zod";

import {
  changedRule,
  newRule,
  type RulePatch,
  type SearchRule,
} from "../../worker/core/rules/rule.ts";
import { searchRuleOf } from "../../worker/rule-schema.ts";

const row = z.object({ value: z.string() });
const versionRow = z.object({ version: z.number() });

export class RuleStore {
  readonly #sql: SqlStorage;
  readonly #rules: Map<string, SearchRule>;
  #version: number;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(`CREATE TABLE IF NOT EXISTS search_rules (uid TEXT PRIMARY KEY, value TEXT NOT NULL);
      CREATE TABLE IF NOT EXISTS search_rules_version (id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL);`);
    const stored = sql.exec("SELECT value FROM search_rules").toArray();
    const rules = stored.map((found) => searchRuleOf(row.parse(found).value));
    this.#rules = new Map(rules.map((one) => [one.uid, one]));
    const [version] = sql.exec("SELECT version FROM search_rules_version").toArray();
    this.#version = version === undefined ? 0 : versionRow.parse(version).version;
  }

  /** 0 as long as there has never been a rule. */
  get version(): number {
    return this.#version;
  }

  all(): readonly SearchRule[] {
    return [...this.#rules.values()].toSorted((a, b) => a.number - b.number);
  }

  /** Changes a rule, makes it where there is none. */
  change(uid: string, change: RulePatch, now: string): void {
    const before = this.#rules.get(uid) ?? newRule(uid, this.#freeNumber());
    const after = changedRule(before, change, now);
    this.#rules.set(uid, after);
    this.#sql.exec("INSERT OR REPLACE INTO search_rules VALUES (?, ?)", uid, JSON.stringify(after));
    this.#advance();
  }

  remove(uid: string): void {
    if (!this.#rules.delete(uid)) return;
    this.#sql.exec("DELETE FROM search_rules WHERE uid = ?", uid);
    this.#advance();
  }

  /** How many there were. */
  clear(): number {
    const count = this.#rules.size;
    if (count === 0) return 0;
    this.#rules.clear();
    this.#sql.exec("DELETE FROM search_rules");
    this.#advance();
    return count;
  }

  #freeNumber(): number {
    const taken = new Set([...this.#rules.values()].map(({ number }) => number));
    let number = 0;
    while (taken.has(number)) number += 1;
    return number;
  }

  #advance(): void {
    this.#version += 1;
    this.#sql.exec("INSERT OR REPLACE INTO search_rules_version VALUES (1, ?)", this.#version);
  }
}
