/**
 * What one write log ever held, kept apart from the log itself, which forgets. Read from its tables
 * after each commit: what has been committed once must never change its place or its content.
 */
import type { ShardMap } from "../../../worker/core/topology/topology.ts";
import type { Operation } from "../../../worker/core/log/operation.ts";
import type { Disk } from "../platform/storage.ts";
import { edited, folded, NOTHING, type ModelEntry, type State } from "./fold.ts";

const decoder = new TextDecoder();

export interface ReplicaRow {
  readonly node: string;
  readonly cursor: number;
  readonly standing: number;
  /** A request to the node is under way. */
  readonly isFlying: boolean;
}

export class LogRecord {
  readonly physical: string;
  readonly entries: ModelEntry[] = [];
  readonly uids = new Map<number, number>();
  replicas: readonly ReplicaRow[] = [];
  /** Where readers find each shard, and who gets its documents. */
  shardMap: ShardMap | undefined;
  delivered: ShardMap | undefined;
  /** The offset up to which clients have been told that tasks are over. */
  finishedTo = 0;
  /** Readers never find the index as it was before: not yet built. */
  readableFrom = 0;
  /** How far its reshard is, and the index that has its place. */
  reshardPhase: string | undefined;
  successor: string | undefined;
  readonly #disk: Disk;
  #states: State[] = [NOTHING];

  constructor(physical: string, disk: Disk) {
    this.physical = physical;
    this.#disk = disk;
  }

  /** Nodes of which the log knows that they have lost what they had. */
  distrusted(): readonly string[] {
    if (!this.#disk.has("distrusted")) return [];
    return this.#disk.rows("SELECT node FROM distrusted").map(({ node }) => String(node));
  }

  get head(): number {
    return this.entries.length;
  }

  /** Readers never see that an index is dropped which another one has succeeded. */
  get readableTo(): number {
    const drop = this.entries.find(
      ({ operation, name }) => operation.kind === "deleteIndex" && name === null,
    );
    return drop === undefined ? this.head : drop.offset - 1;
  }

  /** What it is before its first entry, where it takes another one's place. */
  beginWith(state: State): void {
    this.#states = [state];
  }

  /** Its entry is another log's now. */
  moved(entry: ModelEntry): void {
    entry.isMoved = true;
    this.#states.length = Math.min(this.#states.length, entry.offset);
  }

  /** Reads what is new; says what must not be. */
  read(now: number): string | undefined {
    const rows = this.#disk.rows(
      "SELECT offset, token, operation, task, uid, canceled_by, error FROM entries ORDER BY offset",
    );
    for (const row of rows) {
      const offset = Number(row["offset"]);
      if (row["uid"] !== null) this.uids.set(offset, Number(row["uid"]));
      const known = this.entries[offset - 1];
      if (known === undefined) {
        if (offset !== this.head + 1) return `entry ${offset} follows entry ${this.head}`;
        this.#add(row, now);
      } else if (known.token !== row["token"]) {
        return `entry ${offset} is another one now`;
      } else {
        this.#judgeAnew(known, row["canceled_by"] !== null, row["error"] !== null);
      }
    }
    this.#readReplicas();
    this.#readFacts();
    return undefined;
  }

  /** The index after the entry at a position; 0 is before the first. */
  state(position: number): State {
    for (let at = this.#states.length; at <= position; at += 1) {
      const [before, entry] = [this.#states[at - 1], this.entries[at - 1]];
      if (before === undefined || entry === undefined) throw new Error(`no entry ${at}`);
      this.#states.push(folded(before, entry));
    }
    return this.#states[position] ?? NOTHING;
  }

  /** What nodes may hold at an edit until it is undone, because another node has refused it. */
  notUndoneYet(position: number): State["documents"] | undefined {
    const operation = this.entries[position - 1]?.operation;
    if (operation?.kind !== "editDocuments") return undefined;
    return edited(this.state(position - 1), operation);
  }

  /** What becomes of an entry may show only later; the states after it are then others. */
  #judgeAnew(entry: ModelEntry, isCanceled: boolean, isRefused: boolean): void {
    if (entry.isCanceled === isCanceled && entry.isRefused === isRefused) return;
    entry.isCanceled = isCanceled;
    entry.isRefused = isRefused;
    this.#states.length = Math.min(this.#states.length, entry.offset);
  }

  #add(row: Record<string, unknown>, now: number): void {
    const token = String(row["token"]);
    const payload = this.#disk.rows(
      "SELECT shard, bytes FROM payload WHERE token = ? ORDER BY seq",
      token,
    );
    const task = row["task"];
    const { customMetadata } = (
      typeof task === "string" ? JSON.parse(task) : { customMetadata: null }
    ) as { customMetadata: string | null };
    this.entries.push({
      offset: Number(row["offset"]),
      token,
      operation: JSON.parse(String(row["operation"])) as Operation,
      rows: payload.map(({ shard, bytes }) => ({
        shard: Number(shard),
        text: decoder.decode(bytes as Uint8Array),
      })),
      name: customMetadata,
      isCanceled: row["canceled_by"] !== null,
      isMoved: false,
      isRefused: row["error"] !== null,
      at: now,
    });
  }

  #readReplicas(): void {
    this.replicas = this.#disk
      .rows("SELECT node, cursor, lagging, flight FROM replicas ORDER BY node")
      .map(({ node, cursor, lagging, flight }) => ({
        node: String(node),
        cursor: Number(cursor),
        standing: Number(lagging),
        isFlying: flight !== null,
      }));
  }

  #readFacts(): void {
    const facts = new Map(
      this.#disk
        .rows("SELECT name, value FROM facts")
        .map(({ name, value }) => [String(name), String(value)]),
    );
    const [reshard, placement] = [facts.get("reshard"), facts.get("placement")];
    this.successor = facts.get("successor");
    if (reshard !== undefined) {
      this.reshardPhase = (JSON.parse(reshard) as { phase: string }).phase;
    }
    if (placement === undefined) return;
    const { shardMap, delivered } = JSON.parse(placement) as {
      shardMap: ShardMap;
      delivered?: ShardMap;
    };
    this.shardMap = shardMap;
    this.delivered = delivered ?? shardMap;
  }
}
