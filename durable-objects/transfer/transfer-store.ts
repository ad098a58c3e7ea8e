/**
 * What a log keeps of its transfers. Durable: each transfer with its state, stored before the state
 * is acted on; and what nodes still hold that they should not, until it is deleted. Finished ones
 * are kept for a while, so that whoever asked can see how they ended.
 */
import { z } from "zod";

import { epoch, instant, logOffset, nodeId, shardId } from "../../worker/core/ids.ts";
import type { Instant, NodeId, ShardId } from "../../worker/core/ids.ts";
import { isOver, type ShardChange } from "../../worker/core/transfer/shard-change.ts";
import type { Transfer, TransferState } from "../../worker/core/transfer/transfer.ts";

/** Finished transfers that are kept: of an index that moves as a whole, all of them. */
const FINISHED_KEPT = 10_000;

export interface StoredTransfer extends Transfer {
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
}

/** A shard on a node: one that should not be there, or one that is to be copied anew. */
export interface ReplicaOfShard {
  readonly node: NodeId;
  readonly shard: ShardId;
}

/** `mixed`: the Cluster may name nodes of the index as mixed. */
type Flag = "mixed";

const cut = z.object({
  source: z.string().transform(nodeId),
  fence: z.number().transform(logOffset),
});

const state: z.ZodType<TransferState> = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("queued") }),
  z.object({ kind: z.literal("announcing") }),
  z.object({ kind: z.literal("fencing"), cut: cut.nullable() }),
  z.object({ kind: z.literal("copying"), cut }),
  z.object({ kind: z.literal("verifying"), cut }),
  z.object({ kind: z.literal("catchingUp") }),
  z.object({ kind: z.literal("switching") }),
  z.object({ kind: z.literal("dropping"), epoch: z.number().transform(epoch) }),
  z.object({ kind: z.literal("done") }),
  z.object({ kind: z.literal("failed") }),
  z.object({ kind: z.literal("canceled") }),
]);

const node = z.string().transform(nodeId);

const transfer: z.ZodType<StoredTransfer> = z.object({
  change: z.object({
    id: z.string(),
    shard: z.number().transform(shardId),
    target: node.nullable(),
    drop: node.nullable(),
  }),
  state,
  failures: z.number(),
  total: z.number(),
  copied: z.number(),
  bytes: z.number(),
  error: z.string().nullable(),
  startedAt: z.number().transform(instant).nullable(),
  finishedAt: z.number().transform(instant).nullable(),
});

const row = z.object({ value: z.string() });
const holder = z.object({ node });
const pair = z.object({ node, shard: z.number().transform(shardId) });

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS transfers (
    position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, is_over INTEGER NOT NULL, value TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS transfers_open ON transfers (position) WHERE is_over = 0;
  CREATE TABLE IF NOT EXISTS leftovers (node TEXT NOT NULL, shard INTEGER NOT NULL, PRIMARY KEY (node, shard));
  CREATE TABLE IF NOT EXISTS distrusted (node TEXT PRIMARY KEY);
  CREATE TABLE IF NOT EXISTS repairs (node TEXT NOT NULL, shard INTEGER NOT NULL, PRIMARY KEY (node, shard));
  CREATE TABLE IF NOT EXISTS transfer_flags (name TEXT PRIMARY KEY);`;

export class TransferStore {
  readonly #sql: SqlStorage;
  /** Those that are not over, in order: feeds ask with every group. */
  #open: readonly StoredTransfer[] | undefined;
  #distrusted: readonly NodeId[] | undefined;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
    sql.exec(SCHEMA);
  }

  /** Queues a change, unless its id is known. */
  add(change: ShardChange): void {
    const queued: StoredTransfer = {
      change,
      state: { kind: "queued" },
      failures: 0,
      total: 0,
      copied: 0,
      bytes: 0,
      error: null,
      startedAt: null,
      finishedAt: null,
    };
    this.#sql.exec(
      "INSERT OR IGNORE INTO transfers (id, is_over, value) VALUES (?, 0, ?)",
      change.id,
      JSON.stringify(queued),
    );
    this.#open = undefined;
  }

  get(id: string): StoredTransfer | undefined {
    return this.#select("WHERE id = ?", id)[0];
  }

  put(stored: StoredTransfer): void {
    this.#sql.exec(
      "UPDATE transfers SET value = ?, is_over = ? WHERE id = ?",
      JSON.stringify(stored),
      isOver(stored.state.kind) ? 1 : 0,
      stored.change.id,
    );
    this.#sql.exec(
      "DELETE FROM transfers WHERE is_over = 1 AND position <= (SELECT MAX(position) FROM transfers) - ?",
      FINISHED_KEPT,
    );
    this.#open = undefined;
  }

  /** Those that are not over, in the order in which they were asked for. */
  open(): readonly StoredTransfer[] {
    this.#open ??= this.#select("INDEXED BY transfers_open WHERE is_over = 0 ORDER BY position");
    return this.#open;
  }

  all(): readonly StoredTransfer[] {
    return this.#select("ORDER BY position");
  }

  flag(name: Flag): boolean {
    return this.#sql.exec("SELECT 1 FROM transfer_flags WHERE name = ?", name).toArray().length > 0;
  }

  setFlag(name: Flag, isSet: boolean): void {
    const query = isSet
      ? "INSERT OR IGNORE INTO transfer_flags VALUES (?)"
      : "DELETE FROM transfer_flags WHERE name = ?";
    this.#sql.exec(query, name);
  }

  /** Nodes whose replica has lost what it had. */
  distrusted(): readonly NodeId[] {
    this.#distrusted ??= this.#sql
      .exec("SELECT node FROM distrusted ORDER BY node")
      .toArray()
      .map((each) => holder.parse(each).node);
    return this.#distrusted;
  }

  isDistrusted(id: NodeId): boolean {
    return this.distrusted().includes(id);
  }

  setDistrusted(id: NodeId, isSet: boolean): void {
    this.#distrusted = undefined;
    const query = isSet
      ? "INSERT OR IGNORE INTO distrusted VALUES (?)"
      : "DELETE FROM distrusted WHERE node = ?";
    this.#sql.exec(query, id);
  }

  leftovers(): readonly ReplicaOfShard[] {
    return this.#pairs("leftovers");
  }

  /** Replicas of shards that differ from others and are to be copied anew. */
  repairs(): readonly ReplicaOfShard[] {
    return this.#pairs("repairs");
  }

  addRepair({ node: owner, shard }: ReplicaOfShard): void {
    this.#sql.exec("INSERT OR IGNORE INTO repairs VALUES (?, ?)", owner, shard);
  }

  removeRepair({ node: owner, shard }: ReplicaOfShard): void {
    this.#sql.exec("DELETE FROM repairs WHERE node = ? AND shard = ?", owner, shard);
  }

  addLeftover({ node: owner, shard }: ReplicaOfShard): void {
    this.#sql.exec("INSERT OR IGNORE INTO leftovers VALUES (?, ?)", owner, shard);
  }

  removeLeftovers(leftovers: readonly ReplicaOfShard[]): void {
    for (const { node: owner, shard } of leftovers) {
      this.#sql.exec("DELETE FROM leftovers WHERE node = ? AND shard = ?", owner, shard);
    }
  }

  #pairs(table: "leftovers" | "repairs"): readonly ReplicaOfShard[] {
    return this.#sql
      .exec(`SELECT node, shard FROM ${table} ORDER BY node, shard`)
      .toArray()
      .map((each) => pair.parse(each));
  }

  #select(where: string, ...values: readonly string[]): readonly StoredTransfer[] {
    return this.#sql
      .exec(`SELECT value FROM transfers ${where}`, ...values)
      .toArray()
      .map((each) => transfer.parse(JSON.parse(row.parse(each).value)));
  }
}
