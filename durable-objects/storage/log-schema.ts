/**
 * The tables of one write log, and the partial indexes that keep each look at what is still to be
 * done as cheap as that is short, however much the log keeps for a replica that is away. Queries
 * name their index: the planner would rather walk the whole table in order.
 */
import { STRUCTURAL } from "../../worker/core/log/operation.ts";

export const IS_STRUCTURAL = `json_extract(operation, '$.kind') IN (${STRUCTURAL.map((kind) => `'${kind}'`).join(", ")})`;

export const LOG_SCHEMA = `
  CREATE TABLE IF NOT EXISTS facts (name TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS entries (
    offset INTEGER PRIMARY KEY AUTOINCREMENT, token TEXT NOT NULL UNIQUE, operation TEXT NOT NULL,
    task TEXT, uid INTEGER, bytes INTEGER NOT NULL, created_at INTEGER NOT NULL,
    started_at INTEGER, settings_before TEXT, error TEXT, canceled_by INTEGER, done INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE IF NOT EXISTS payload (
    token TEXT NOT NULL, seq INTEGER NOT NULL, shard INTEGER NOT NULL, bytes BLOB NOT NULL,
    created_at INTEGER NOT NULL, PRIMARY KEY (token, seq));
  CREATE TABLE IF NOT EXISTS replicas (
    node TEXT PRIMARY KEY, cursor INTEGER NOT NULL, lagging INTEGER NOT NULL, flight TEXT);
  CREATE TABLE IF NOT EXISTS counts (
    offset INTEGER NOT NULL, node TEXT NOT NULL, deleted INTEGER NOT NULL, PRIMARY KEY (offset, node));
  CREATE TABLE IF NOT EXISTS sizes (
    offset INTEGER NOT NULL, node TEXT NOT NULL, before_bytes INTEGER NOT NULL, after_bytes INTEGER NOT NULL,
    PRIMARY KEY (offset, node));
  CREATE INDEX IF NOT EXISTS entries_unfinished ON entries (offset) WHERE done = 0;
  CREATE INDEX IF NOT EXISTS entries_unregistered ON entries (offset) WHERE task IS NOT NULL AND uid IS NULL;
  CREATE INDEX IF NOT EXISTS entries_structural ON entries (offset) WHERE done = 0 AND ${IS_STRUCTURAL};
  CREATE TABLE IF NOT EXISTS holds (token TEXT PRIMARY KEY, after INTEGER NOT NULL);`;
