/**
 * The tables of one write log. Durable: entries in order, their payload rows, and how far each
 * replica is. An entry's commit is its row in `entries`; payload rows that no entry names are an
 * upload that was never committed.
 */
import { z } from "zod";

import { logOffset } from "../../worker/core/ids.ts";
import type { LogOffset, NodeId, ShardId, TaskUid } from "../../worker/core/ids.ts";
import type { Sizes } from "../../worker/core/tasks/finished-details.ts";
import type { Operation } from "../../worker/core/log/operation.ts";
import type { EntryTask, PayloadRow } from "../rpc.ts";
import { LogFacts } from "./log-facts.ts";
import { IS_STRUCTURAL, LOG_SCHEMA } from "./log-schema.ts";
import {
  bytesOf,
  countOf,
  entryOf,
  replicaOf,
  weightOf,
  STANDINGS,
  type Entry,
  type Flight,
  type PayloadPart,
  type Replica,
} from "./log-rows.ts";

const number = z.object({ value: z.number().nullable() });
const text = z.object({ value: z.string() });

/** What counts against the log's budget: rows of payload, and what entries say themselves. */
const PAYLOAD_SIZE = "SUM(LENGTH(bytes))";
const ENTRY_SIZE = "SUM(LENGTH(operation) + COALESCE(LENGTH(task), 0))";

export class LogStore extends LogFacts {
  readonly #sql: SqlStorage;
  /** Kept beside the tables: a sum over all rows with every append would make a long log slow. */
  #size = 0;

  constructor(sql: SqlStorage) {
    super(sql);
    sql.exec(LOG_SCHEMA);
    this.#sql = sql;
    this.measure();
  }

  /** Bytes that the log takes of its budget. */
  get size(): number {
    return this.#size;
  }

  /** Counts the size anew: after a commit that was undone it is not what it was. */
  measure(): void {
    this.#size =
      (this.#number(`SELECT ${PAYLOAD_SIZE} AS value FROM payload`) ?? 0) +
      (this.#number(`SELECT ${ENTRY_SIZE} AS value FROM entries`) ?? 0);
  }

  /** Adds payload rows behind those that the token has. */
  addPayload(token: string, rows: readonly PayloadRow[], now: number): void {
    const last = this.#number("SELECT MAX(seq) AS value FROM payload WHERE token = ?", token) ?? -1;
    for (const [position, { shard, bytes }] of rows.entries()) {
      this.#sql.exec(
        "INSERT INTO payload VALUES (?, ?, ?, ?, ?)",
        token,
        last + 1 + position,
        shard,
        bytes.slice().buffer,
        now,
      );
      this.#size += bytes.byteLength;
    }
  }

  /** Takes an entry out of the log, with its payload: another log has it now. */
  remove({ offset, token }: Pick<Entry, "offset" | "token">): void {
    this.dropPayload(token);
    const entry = "FROM entries WHERE offset = ?";
    this.#size -= this.#number(`SELECT ${ENTRY_SIZE} AS value ${entry}`, offset) ?? 0;
    this.#sql.exec(`DELETE ${entry}`, offset);
  }

  /** How many payload rows there are under a token. */
  payloadRows(token: string): number {
    return this.#number("SELECT COUNT(*) AS value FROM payload WHERE token = ?", token) ?? 0;
  }

  dropPayload(token: string): void {
    this.#deletePayload("token = ?", token);
  }

  /** Removes uploads that no entry names and that have not grown since `before`. */
  dropAbandonedPayload(before: number): void {
    this.#deletePayload(
      `token NOT IN (SELECT token FROM entries)
       AND token IN (SELECT token FROM payload GROUP BY token HAVING MAX(created_at) < ?)`,
      before,
    );
  }

  /** Whether there are payload rows that no entry names: an upload under way, or one cut off. */
  hasUploads(): boolean {
    const query =
      "SELECT 1 AS value FROM payload WHERE token NOT IN (SELECT token FROM entries) LIMIT 1";
    return this.#number(query) !== null;
  }

  append(token: string, operation: Operation, task: EntryTask | null, now: number): LogOffset {
    const bytes = this.#number(
      `SELECT ${PAYLOAD_SIZE} AS value FROM payload WHERE token = ?`,
      token,
    );
    const does = JSON.stringify(operation);
    const belongs = task === null ? null : JSON.stringify(task);
    this.#size += does.length + (belongs?.length ?? 0);
    const row = this.#sql
      .exec(
        "INSERT INTO entries (token, operation, task, bytes, created_at) VALUES (?, ?, ?, ?, ?) RETURNING offset AS value",
        token,
        does,
        belongs,
        bytes ?? 0,
        now,
      )
      .one();
    return logOffset(number.parse(row).value ?? 0);
  }

  entryOfToken(token: string): Entry | undefined {
    return this.#entries("WHERE token = ?", token)[0];
  }

  unfinishedOfTask(uid: TaskUid): Entry | undefined {
    return this.#entries("WHERE done = 0 AND uid = ?", uid)[0];
  }

  entryAt(offset: LogOffset): Entry | undefined {
    return this.#entries("WHERE offset = ?", offset)[0];
  }

  /** Entries behind `after` in log order, at most `limit`. */
  entriesAfter(after: LogOffset, limit: number): readonly Entry[] {
    return this.#entries("WHERE offset > ? ORDER BY offset LIMIT ?", after, limit);
  }

  /** Entries whose task has no uid yet, in log order. */
  unregistered(limit: number): readonly Entry[] {
    return this.#entries(
      "INDEXED BY entries_unregistered WHERE task IS NOT NULL AND uid IS NULL ORDER BY offset LIMIT ?",
      limit,
    );
  }

  /** Entries that have not finished, in log order. */
  unfinished(limit: number): readonly Entry[] {
    return this.#entries(
      "INDEXED BY entries_unfinished WHERE done = 0 ORDER BY offset LIMIT ?",
      limit,
    );
  }

  /** Whether an entry that changes what readers must know has not finished. */
  hasStructural(): boolean {
    const query = `SELECT offset AS value FROM entries INDEXED BY entries_structural WHERE done = 0 AND ${IS_STRUCTURAL} LIMIT 1`;
    return this.#number(query) !== null;
  }

  /** The highest offset ever given out. */
  head(): LogOffset {
    return logOffset(
      this.#number("SELECT seq AS value FROM sqlite_sequence WHERE name = 'entries'") ?? 0,
    );
  }

  /** The offset before which everything has finished: that of the first unfinished entry, less one. */
  finishedTo(): LogOffset {
    const first = this.#number(
      "SELECT MIN(offset) AS value FROM entries INDEXED BY entries_unfinished WHERE done = 0",
    );
    return first === null ? this.head() : logOffset(first - 1);
  }

  /** The offset up to which others may know that entries are over; `finishedTo` shows it later. */
  toldTo(): LogOffset {
    return logOffset(Math.max(this.finishedTo(), Number(this.fact("told") ?? 0)));
  }

  /** Before anybody else is told. */
  tell(offset: LogOffset): void {
    this.setFact("told", String(Math.max(offset, this.toldTo())));
  }

  /** Nothing behind what is in the log now ends before the hold is released. */
  hold(token: string): void {
    this.#sql.exec("INSERT OR IGNORE INTO holds VALUES (?, ?)", token, this.head());
  }

  release(token: string): void {
    this.#sql.exec("DELETE FROM holds WHERE token = ?", token);
  }

  holds(): readonly string[] {
    return this.#sql
      .exec("SELECT token AS value FROM holds")
      .toArray()
      .map((row) => text.parse(row).value);
  }

  /** The last offset that no hold is in the way of. */
  heldAfter(): LogOffset {
    const first = this.#number("SELECT MIN(after) AS value FROM holds");
    return first === null ? this.head() : logOffset(first);
  }

  setUid(offset: LogOffset, uid: TaskUid): void {
    this.#sql.exec("UPDATE entries SET uid = ? WHERE offset = ?", uid, offset);
  }

  /** The first start counts: a delivery that is repeated does not move it. */
  setStarted(offset: LogOffset, now: number): void {
    const query = "UPDATE entries SET started_at = ? WHERE offset = ? AND started_at IS NULL";
    this.#sql.exec(query, now, offset);
  }

  /**
   * Cancels entries of these tasks that no node has got; how many. What creates or deletes the index
   * is never canceled: what comes behind it counts on it.
   */
  cancel(uids: readonly TaskUid[], by: TaskUid): number {
    const { rowsWritten } = this.#sql.exec(
      `UPDATE entries SET canceled_by = ? WHERE done = 0 AND started_at IS NULL AND canceled_by IS NULL
       AND uid IN (SELECT value FROM json_each(?))
       AND json_extract(operation, '$.kind') NOT IN ('createIndex', 'setPrimaryKey', 'deleteIndex')`,
      by,
      JSON.stringify(uids),
    );
    return rowsWritten;
  }

  /** What the entry starts from; the same for a replica that gets it much later. */
  setSettingsBefore(offset: LogOffset, settings: string): void {
    this.#sql.exec("UPDATE entries SET settings_before = ? WHERE offset = ?", settings, offset);
  }

  /** The first error counts. */
  setError(offset: LogOffset, error: string): void {
    const isFirst = "error IS NULL AND done = 0";
    this.#sql.exec(`UPDATE entries SET error = ? WHERE offset = ? AND ${isFirst}`, error, offset);
  }

  /** What is delivered from now on in the entry's place. */
  setOperation(offset: LogOffset, operation: Operation): void {
    const does = JSON.stringify(operation);
    this.#sql.exec("UPDATE entries SET operation = ? WHERE offset = ?", does, offset);
    this.measure();
  }

  setDone(offset: LogOffset): void {
    this.#sql.exec("UPDATE entries SET done = 1 WHERE offset = ?", offset);
  }

  addCount(offset: LogOffset, node: NodeId, deleted: number): void {
    this.#sql.exec("INSERT OR REPLACE INTO counts VALUES (?, ?, ?)", offset, node, deleted);
  }

  /** Documents that each node said it deleted for an entry. */
  counts(offset: LogOffset): ReadonlyMap<NodeId, number> {
    const rows = this.#sql.exec("SELECT node, deleted FROM counts WHERE offset = ?", offset);
    return new Map(rows.toArray().map(countOf));
  }

  addSizes(offset: LogOffset, node: NodeId, { beforeBytes, afterBytes }: Sizes): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO sizes VALUES (?, ?, ?, ?)",
      offset,
      node,
      beforeBytes,
      afterBytes,
    );
  }

  /** Before and after a compaction, over all nodes that told. */
  sizes(offset: LogOffset): Sizes | null {
    const sum = (column: string): number | null =>
      this.#number(`SELECT SUM(${column}) AS value FROM sizes WHERE offset = ?`, offset) ?? null;
    const beforeBytes = sum("before_bytes");
    const afterBytes = sum("after_bytes");
    return beforeBytes === null || afterBytes === null ? null : { beforeBytes, afterBytes };
  }

  /**
   * Drops the payload of finished entries up to `applied`, where every replica is, and the entries
   * before it. The last one stays: a feed asks the entry at its cursor whether it may pass.
   */
  trim(applied: LogOffset): void {
    this.#deletePayload(
      "token IN (SELECT token FROM entries WHERE done = 1 AND offset <= ?)",
      applied,
    );
    this.#sql.exec("DELETE FROM counts WHERE offset < ?", applied);
    this.#sql.exec("DELETE FROM sizes WHERE offset < ?", applied);
    const gone = "FROM entries WHERE done = 1 AND offset < ?";
    this.#size -= this.#number(`SELECT ${ENTRY_SIZE} AS value ${gone}`, applied) ?? 0;
    this.#sql.exec(`DELETE ${gone}`, applied);
  }

  replicas(): readonly Replica[] {
    return this.#sql.exec("SELECT * FROM replicas ORDER BY node").toArray().map(replicaOf);
  }

  replica(node: NodeId): Replica {
    const [row] = this.#sql.exec("SELECT * FROM replicas WHERE node = ?", node).toArray();
    return row === undefined
      ? { node, cursor: logOffset(0), standing: "in-sync", flight: null }
      : replicaOf(row);
  }

  putReplica(replica: Replica): void {
    this.#sql.exec(
      "INSERT OR REPLACE INTO replicas VALUES (?, ?, ?, ?)",
      replica.node,
      replica.cursor,
      STANDINGS.indexOf(replica.standing),
      replica.flight === null ? null : JSON.stringify(replica.flight),
    );
  }

  removeReplica(node: NodeId): void {
    this.#sql.exec("DELETE FROM replicas WHERE node = ?", node);
  }

  setFlight(node: NodeId, flight: Flight | null): void {
    this.putReplica({ ...this.replica(node), flight });
  }

  /**
   * The next payload rows of a token for any of the shards, behind `after`: about `bytesMax`, at
   * least one. Many at once, because with thousands of shards rows are small.
   */
  nextPayload(
    token: string,
    shards: ReadonlySet<ShardId>,
    after: number,
    bytesMax: number,
  ): readonly PayloadPart[] {
    const rows = this.#sql.exec(
      `SELECT seq, bytes FROM payload WHERE token = ? AND seq > ? AND shard IN (${[...shards].join(",")}) ORDER BY seq`,
      token,
      after,
    );
    const parts: PayloadPart[] = [];
    let size = 0;
    // Rows are read from the database as they are asked for.
    for (const row of rows) {
      const part = bytesOf(row);
      parts.push(part);
      size += part.bytes.byteLength;
      if (size >= bytesMax) break;
    }
    return parts;
  }

  /** Payload bytes of a token for the shards. */
  payloadBytesOf(token: string, shards: ReadonlySet<ShardId>): number {
    const list = [...shards].join(",");
    return (
      this.#number(
        `SELECT SUM(LENGTH(bytes)) AS value FROM payload WHERE token = ? AND shard IN (${list})`,
        token,
      ) ?? 0
    );
  }

  /** Payload bytes of a token by shard; shards without are not in it. */
  payloadWeights(token: string): ReadonlyMap<ShardId, number> {
    const rows = this.#sql.exec(
      "SELECT shard, SUM(LENGTH(bytes)) AS weight FROM payload WHERE token = ? GROUP BY shard ORDER BY shard",
      token,
    );
    return new Map(rows.toArray().map(weightOf));
  }

  #deletePayload(where: string, value: string | number): void {
    this.#size -=
      this.#number(`SELECT ${PAYLOAD_SIZE} AS value FROM payload WHERE ${where}`, value) ?? 0;
    this.#sql.exec(`DELETE FROM payload WHERE ${where}`, value);
  }

  #entries(where: string, ...values: readonly (string | number)[]): readonly Entry[] {
    return this.#sql
      .exec(`SELECT * FROM entries ${where}`, ...values)
      .toArray()
      .map(entryOf);
  }

  #number(query: string, ...values: readonly (string | number)[]): number | null {
    const [row] = this.#sql.exec(query, ...values).toArray();
    return row === undefined ? null : number.parse(row).value;
  }
}
