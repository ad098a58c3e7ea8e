/**
 * What replicas said of an entry that one of them refused, shard by shard. Mostly the documents are to
 * blame and all replicas of the shard say the same; then the shard goes without, on all of them. What
 * depends on more than documents (a remote embedder that failed) may be refused by one replica and
 * taken by another: then the one that refused has to try again, and leaves the in-sync set until it
 * has taken it too. So replicas of a shard never come to differ.
 */
import { z } from "zod";

import type { LogOffset, NodeId, ShardId } from "../../worker/core/ids.ts";
import { nodeId, shardId } from "../../worker/core/ids.ts";
import type { ShardMap } from "../../worker/core/topology/topology.ts";
import type { Entry } from "../storage/log-rows.ts";
import type { LogStore } from "../storage/log-store.ts";
import { failsByDocument } from "./entry-outcome.ts";
import { touchedShards } from "./in-parts.ts";

export type Agreement =
  /** No replica that counts has taken any of the shards. */
  | "agreed"
  /** Some have not come to the entry yet. */
  | "waiting"
  /** Another replica of a refused shard has taken it. */
  | "taken";

/** Stands for the replica's having been through the whole entry. */
const THROUGH = -1;

const COLUMNS =
  "(offset INTEGER NOT NULL, node TEXT NOT NULL, shard INTEGER NOT NULL, PRIMARY KEY (offset, node, shard))";
/** `takings`: by replicas that were behind, of entries that are not over. */
const SCHEMA = `CREATE TABLE IF NOT EXISTS refusals ${COLUMNS};
  CREATE TABLE IF NOT EXISTS takings ${COLUMNS}`;

const refusalRow = z.object({ node: z.string().transform(nodeId), shard: z.number() });

/** Between looks at what other replicas say of an entry. */
export const AGREEMENT_POLL_MS = 100;

export class Refusals {
  readonly #sql: SqlStorage;
  readonly #store: LogStore;

  constructor(sql: SqlStorage, store: LogStore) {
    this.#sql = sql;
    this.#store = store;
    sql.exec(SCHEMA);
  }

  /** The replica has been through the entry and refused these of its shards. */
  record(offset: LogOffset, node: NodeId, shards: readonly ShardId[]): void {
    this.#sql.exec("DELETE FROM refusals WHERE offset < (SELECT MIN(cursor) FROM replicas)");
    this.#sql.exec("DELETE FROM refusals WHERE offset = ? AND node = ?", offset, node);
    for (const shard of [THROUGH, ...shards]) {
      this.#sql.exec("INSERT INTO refusals VALUES (?, ?, ?)", offset, node, shard);
    }
  }

  /** What the other replicas of the shards say, as far as tasks wait for them. */
  agreement(
    offset: LogOffset,
    node: NodeId,
    shards: readonly ShardId[],
    shardMap: ShardMap,
  ): Agreement {
    const said = this.#said(offset);
    const replicas = new Map(this.#store.replicas().map((replica) => [replica.node, replica]));
    let agreement: Agreement = "agreed";
    for (const shard of shards) {
      for (const other of shardMap[shard] ?? []) {
        const replica = replicas.get(other);
        const refused = said.get(other);
        // One that has parted says nothing any more.
        if (other === node || replica === undefined || replica.standing === "lagging") continue;
        if (refused?.has(shard) === true) continue;
        if (refused !== undefined || replica.cursor >= offset) return "taken";
        agreement = "waiting";
      }
    }
    return agreement;
  }

  /** The shards that no replica was to keep: known once the entry is over. */
  shardsOf(offset: LogOffset): ReadonlySet<ShardId> {
    const shards = [...this.#said(offset).values()].flatMap((refused) => [...refused]);
    return new Set(shards.filter((shard) => shard !== THROUGH).map(shardId));
  }

  /** Replicas that have taken shards of the entry which the others were agreed to go without. */
  takers(offset: LogOffset): ReadonlySet<NodeId> {
    const gone = this.shardsOf(offset);
    const rows = this.#sql.exec("SELECT node, shard FROM takings WHERE offset = ?", offset);
    const taken = rows.toArray().map((row) => refusalRow.parse(row));
    return new Set(taken.filter(({ shard }) => gone.has(shardId(shard))).map(({ node }) => node));
  }

  /** Those of a node's shards that were agreed to go without the entry, which is over. */
  gone({ done, error, offset }: Entry, own: ReadonlySet<ShardId>): ReadonlySet<ShardId> {
    if (!done || error === null) return new Set();
    return new Set([...this.shardsOf(offset)].filter((shard) => own.has(shard)));
  }

  /**
   * A replica has taken entries, of these shards: true when some of them were agreed to go without
   * meanwhile. Of one that nobody waits for it is kept, as others may agree so later.
   */
  taken(entries: readonly Entry[], node: NodeId, shards: ReadonlySet<ShardId>): boolean {
    const isLate = this.#store.replica(node).standing === "lagging";
    // With every group that a node takes, and hardly ever is anything refused.
    if (!isLate && !this.#isAnyRefused(entries)) return false;
    let isWrong = false;
    for (const entry of entries.filter(({ error }) => error === null)) {
      const now = this.#store.entryAt(entry.offset);
      if (now?.error != null) {
        isWrong ||= [...this.shardsOf(entry.offset)].some((shard) => shards.has(shard));
      } else if (isLate && now?.done === false && failsByDocument(entry)) {
        this.#recordTaken(entry.offset, node, touchedShards(this.#store, entry, shards));
      }
    }
    return isWrong;
  }

  #isAnyRefused(entries: readonly Entry[]): boolean {
    const [first, last] = [entries[0], entries.at(-1)];
    if (first === undefined || last === undefined) return false;
    const query = "SELECT 1 FROM refusals WHERE offset BETWEEN ? AND ? LIMIT 1";
    return this.#sql.exec(query, first.offset, last.offset).toArray().length > 0;
  }

  #recordTaken(offset: LogOffset, node: NodeId, shards: Iterable<ShardId>): void {
    this.#sql.exec("DELETE FROM takings WHERE offset < (SELECT MIN(cursor) FROM replicas)");
    for (const shard of shards) {
      this.#sql.exec("INSERT OR IGNORE INTO takings VALUES (?, ?, ?)", offset, node, shard);
    }
  }

  #said(offset: LogOffset): ReadonlyMap<NodeId, ReadonlySet<number>> {
    const said = new Map<NodeId, Set<number>>();
    const rows = this.#sql.exec("SELECT node, shard FROM refusals WHERE offset = ?", offset);
    for (const row of rows) {
      const { node, shard } = refusalRow.parse(row);
      said.set(node, (said.get(node) ?? new Set()).add(shard));
    }
    return said;
  }
}
