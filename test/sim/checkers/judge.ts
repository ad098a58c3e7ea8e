/**
 * Watches one life from outside: what clients were told, what was committed, what nodes hold. Knows
 * nothing of how production code does it; the first thing that is wrong ends the run.
 */
import type { Accepted } from "../../../worker/cluster/index-writer.ts";
import type { Isolate, ReadResult } from "../isolate.ts";
import { LogRecord } from "../model/log-record.ts";
import { Names, type Name } from "../model/names.ts";
import type { SimulatedObject } from "../platform/objects.ts";
import type { World } from "../world.ts";
import type { NodeTask } from "../node/tasks.ts";
import { faultOfSettings } from "./convergence.ts";
import { faultOfDeletion } from "./leases.ts";
import { faultOfRead, type Wanted } from "./reads.ts";
import { faultOfReplica } from "./replicas.ts";
import { Reshards } from "./reshards.ts";

/** Somebody has looked at a node that is back. */
const LOOKED_MS = 15_000;

interface PendingSwap {
  /** Its task, once somebody knows. */
  uid: number | undefined;
  readonly before: Name[];
  readonly after: Name[];
}

export class Judge {
  readonly records = new Map<string, LogRecord>();
  violation: string | undefined;
  /** Reads that came back whole, and those that failed. */
  readsWhole = 0;
  readsFailed = 0;
  writesAcknowledged = 0;
  writesFailed = 0;
  readonly #world: World;
  readonly #names = new Names();
  readonly reshards: Reshards;
  /** Where each named write is. */
  readonly #places = new Map<string, LogRecord>();
  readonly #over = new Set<number>();
  readonly #cursors = new Map<string, number>();
  /** Replicas whose disk is another one now: what their logs believe of them until they are copied anew. */
  readonly #lost = new Set<string>();
  readonly #unread = new Set<LogRecord>();
  /** Tasks of deletions. */
  readonly #dropped = new Set<number>();
  #swap: PendingSwap | undefined;
  /** A swap or a deletion is under way, or nobody knows: no other swap begins. */
  #naming = 0;

  constructor(world: World) {
    this.#world = world;
    this.reshards = new Reshards(world, this.records, this.#names);
    world.observe({
      logCommitted: (log) => this.#unread.add(this.#record(log)),
      tasksCommitted: () => this.#readTasks(),
      nodeApplied: ({ name }, task) => this.#judgeDeletion(name, task),
    });
  }

  fail(text: string): void {
    if (this.violation === undefined) this.#world.trace.add("FAILED", "", text);
    this.violation ??= text;
  }

  /** A node loses what it has. */
  expectLoss(node: string): void {
    for (const { physical, replicas } of this.records.values()) {
      if (replicas.some((one) => one.node === node && one.cursor > 0))
        this.#lost.add(`${physical} ${node}`);
    }
  }

  /** What has been lost and is not copied anew yet, in words. */
  openLoss(): string | undefined {
    const { hosts, events } = this.#world;
    const inRepair = hosts.find(
      ({ isInRepair, repairedAt }) => isInRepair || events.now - repairedAt < LOOKED_MS,
    );
    if (inRepair !== undefined) return `${inRepair.name} gets another disk`;
    const [lost] = [...this.#lost].filter((key) => !this.#isMadeUpFor(key));
    return lost === undefined ? undefined : `nobody has noticed what was lost: ${lost}`;
  }

  /** Looks at everything that the last event has changed. */
  afterStep(): void {
    for (const record of this.#unread) this.#readLog(record);
    this.#unread.clear();
  }

  async read(
    uid: string,
    isolate: Isolate,
    wanted: Wanted,
    ask: () => Promise<ReadResult>,
  ): Promise<ReadResult> {
    const start = this.#world.events.now;
    const first = new Map([...this.records.values()].map((record) => [record, record.finishedTo]));
    const result = await ask();
    const shown = result.kind === "found" ? `${result.documents.length} found` : result.kind;
    const why = result.kind === "failed" ? result.reason : "";
    this.#world.trace.add(
      isolate.life.name,
      "read",
      `${uid} ${JSON.stringify(wanted)} ${shown} ${why}`,
    );
    this.#judgeRead(uid, wanted, result, start, first);
    return result;
  }

  async write(name: string, uid: string, send: () => Promise<Accepted>): Promise<void> {
    await this.attempt(name, async () => {
      const accepted = await send();
      this.writesAcknowledged += 1;
      this.#world.trace.add(name, "accepted", `${uid} task ${accepted.uid}`);
      this.afterStep();
      this.#judgeAcknowledged(name, accepted.uid);
    });
  }

  /** Whatever comes of it: an error tells a client nothing. */
  async attempt(name: string, job: () => Promise<void>): Promise<void> {
    this.#world.trace.add(name, "sends", "");
    try {
      await job();
    } catch (error) {
      this.writesFailed += 1;
      this.#world.trace.add(name, "unknown", String(error));
    }
  }

  async drop(name: string, uid: string, send: () => Promise<Accepted>): Promise<void> {
    if (this.#swap?.uid !== undefined) return;
    this.#naming += 1;
    await this.write(name, uid, async () => {
      const accepted = await send();
      this.#dropped.add(accepted.uid);
      return accepted;
    });
  }

  async swap(uids: readonly [string, string], send: () => Promise<number>): Promise<void> {
    const before = uids.flatMap((uid) => this.#sole(uid));
    const [first, second] = before;
    if (this.#naming > 0 || first === undefined || second === undefined) return;
    this.#naming += 1;
    const { now } = this.#world.events;
    for (const name of before) name.sureUntil = now;
    const after = [
      this.#names.begin(second.uid, first.physical, now, { isFromSwap: true }),
      this.#names.begin(first.uid, second.physical, now, { isFromSwap: true }),
    ];
    const swap: PendingSwap = { uid: undefined, before: [...before], after };
    this.#swap = swap;
    await this.attempt("swap", async () => {
      swap.uid = await send();
      this.#readTasks();
    });
  }

  /** At the end, when nothing goes wrong any more. */
  async judgeEnd(uids: readonly string[]): Promise<void> {
    for (const record of this.records.values()) {
      this.#judgeReplicas(record, true);
      const fault = faultOfSettings(this.#world, record);
      if (fault !== undefined) this.fail(fault);
    }
    for (const isolate of this.#world.isolates) {
      for (const uid of uids) {
        const ask = () => this.read(uid, isolate, {}, () => isolate.search(uid, null));
        const first = await ask();
        // An object may have ended in the middle of it.
        const result = first.kind === "failed" ? await ask() : first;
        if (result.kind === "failed") this.fail(`reads of ${uid} fail: ${result.reason}`);
        if (result.kind === "found" && result.missing.length > 0) {
          this.fail(`reads of ${uid} miss shards ${result.missing.join()}`);
        }
      }
    }
  }

  /** Nobody needs what a deleted index had; and what was lost may have been written again. */
  #isMadeUpFor(key: string): boolean {
    const [physical = "", node = ""] = key.split(" ");
    const record = this.records.get(physical);
    const replica = record?.replicas.find((one) => one.node === node);
    const host = this.#world.hosts.find(({ name }) => name === node);
    if (record === undefined || replica === undefined || host === undefined) return true;
    if (!record.state(record.head).exists) return true;
    return replica.cursor === record.head && !faultOfReplica(record, replica, host, true);
  }

  /** It is deleted for readers, and a node that is looked at anew is rid of it before its log is over. */
  #isForgotten({ physical, entries }: LogRecord): boolean {
    if (entries.every(({ operation }) => operation.kind !== "deleteIndex")) return false;
    const { disk } = this.#world.clusters.object("cluster");
    const indexes = disk.rows("SELECT value FROM indexes");
    return indexes.every(({ value }) => !String(value).includes(`"${physical}"`));
  }

  #judgeDeletion(node: string, task: NodeTask): void {
    const record = this.records.get(task.indexUid);
    // A deleted index is gone from nodes before it is gone for readers, as in Meilisearch.
    const isEnding = record?.entries.some(
      ({ operation, name }) => operation.kind === "deleteIndex" && name !== null,
    );
    if (record === undefined || isEnding === true) return;
    const fault = faultOfDeletion(node, task, this.#world.isolates);
    if (fault !== undefined) this.fail(fault);
  }

  #record(log: SimulatedObject): LogRecord {
    const known = this.records.get(log.name);
    if (known !== undefined) return known;
    const record = new LogRecord(log.name, log.disk);
    this.records.set(log.name, record);
    return record;
  }

  #readLog(record: LogRecord): void {
    const { now } = this.#world.events;
    const known = record.head;
    const broken = record.read(now);
    if (broken !== undefined) this.fail(`${record.physical}: ${broken}`);
    for (const entry of record.entries.slice(known)) {
      if (entry.offset === 1 && !this.reshards.begins(record)) {
        this.#names.begin(uidOf(record.physical), record.physical, now);
      }
      const misplaced = this.reshards.take(record, entry);
      if (misplaced !== undefined) this.fail(misplaced);
      if (entry.name !== null) {
        const place = this.#places.get(entry.name);
        const isMoved = place !== undefined && this.reshards.isHeir(record, place);
        if (place !== undefined && !isMoved) this.fail(`${entry.name} is in the log twice`);
        this.#places.set(entry.name, record);
      }
      if (entry.operation.kind === "deleteIndex" && entry.name !== null) {
        for (const name of this.#names.of(record.physical))
          name.sureUntil = Math.min(name.sureUntil, now);
      }
    }
    const { fault, begun } = this.reshards.follow(record);
    if (fault !== undefined) this.fail(fault);
    for (const names of [this.#swap?.before ?? [], this.#swap?.after ?? []]) {
      names.push(...begun.filter(({ from }) => names.includes(from)).map(({ to }) => to));
    }
    this.#judgeOrder(record);
    this.#judgeReplicas(record, false);
  }

  /** Uids of one index grow with its entries. */
  #judgeOrder(record: LogRecord): void {
    let last = -1;
    for (const [offset, uid] of [...record.uids].toSorted(([a], [b]) => a - b)) {
      if (uid <= last)
        this.fail(`${record.physical}: entry ${offset} has task ${uid} after ${last}`);
      last = uid;
    }
  }

  #judgeReplicas(record: LogRecord, isEnd: boolean): void {
    for (const { name } of this.#world.hosts) {
      // It has parted: what comes next is a copy.
      if (record.replicas.every(({ node }) => node !== name)) {
        this.#lost.delete(`${record.physical} ${name}`);
      }
    }
    if (this.#isForgotten(record)) return;
    for (const replica of record.replicas) {
      const key = `${record.physical} ${replica.node}`;
      if (!isEnd && this.#lost.has(key)) continue;
      if (!isEnd && this.#cursors.get(key) === replica.cursor) continue;
      this.#cursors.set(key, replica.cursor);
      const host = this.#world.hosts.find(({ name }) => name === replica.node);
      const fault = host === undefined ? undefined : faultOfReplica(record, replica, host, isEnd);
      if (fault !== undefined) this.fail(fault);
    }
  }

  #readTasks(): void {
    const { now } = this.#world.events;
    const { disk } = this.#world.database;
    const [count] = disk.rows("SELECT COUNT(*) AS tasks, MAX(id) AS last FROM tasks");
    if (Number(count?.["tasks"]) !== Number(count?.["last"] ?? 0))
      this.fail("task uids have a gap");
    const rows = disk.rows(
      "SELECT id, log, type, status FROM tasks WHERE status NOT IN ('enqueued', 'processing')",
    );
    for (const row of rows) {
      const uid = Number(row["id"]) - 1;
      if (uid === this.#swap?.uid) this.#endSwap(row["status"] === "succeeded");
      if (this.#over.has(uid)) continue;
      this.#over.add(uid);
      if (this.#dropped.has(uid)) this.#naming -= 1;
      const record = this.records.get(String(row["log"]));
      if (record === undefined) continue;
      const offset = [...record.uids].find(([, own]) => own === uid)?.[0];
      if (offset === undefined) {
        this.fail(`task ${uid} is over and has no entry`);
        continue;
      }
      record.finishedTo = Math.max(record.finishedTo, offset);
      const names = this.#names.of(record.physical);
      const isDeletion = row["type"] === "indexDeletion" && row["status"] === "succeeded";
      for (const name of names) {
        if (isDeletion) name.until = Math.min(name.until, now);
        else if (!name.isFromSwap) this.#names.ensure(name, now);
      }
    }
  }

  #endSwap(isDone: boolean): void {
    const { now } = this.#world.events;
    const swap = this.#swap;
    if (swap === undefined) return;
    this.#swap = undefined;
    this.#naming -= 1;
    for (const name of isDone ? swap.before : swap.after) name.until = Math.min(name.until, now);
    for (const name of swap.after) if (isDone) this.#names.ensure(name, now);
    if (!isDone) this.#naming += 1;
  }

  /** The one index that readers surely find under the uid, and no other. */
  #sole(uid: string): readonly Name[] {
    const { now } = this.#world.events;
    const possible = this.#names.possible(uid, now, now);
    return possible.length === 1 && this.#names.isSure(uid, now, now) ? possible : [];
  }

  #judgeRead(
    uid: string,
    wanted: Wanted,
    result: ReadResult,
    start: number,
    first: ReadonlyMap<LogRecord, number>,
  ): void {
    const { now } = this.#world.events;
    if (result.kind === "failed") {
      this.readsFailed += 1;
      return;
    }
    this.readsWhole += 1;
    if (result.kind === "noIndex") {
      if (this.#names.isSure(uid, start, now)) this.fail(`a read of ${uid} finds no index`);
      return;
    }
    let fault: string | undefined = `a read of ${uid} finds an index that is not there`;
    for (const { physical } of this.#names.possible(uid, start, now)) {
      const record = this.records.get(physical);
      if (record === undefined) continue;
      const earliest = Math.max(first.get(record) ?? 0, record.readableFrom);
      const span = { record, first: earliest, last: record.readableTo };
      fault = faultOfRead(result, wanted, span);
      if (fault === undefined) return;
    }
    this.fail(`a read of ${uid} from ${Math.round(start)} on: ${fault}`);
  }

  #judgeAcknowledged(name: string, uid: number): void {
    const [row] = this.#world.database.disk.rows(
      "SELECT log, status, custom_metadata FROM tasks WHERE id = ?",
      uid + 1,
    );
    if (row === undefined || row["custom_metadata"] !== name) {
      return this.fail(`${name} was answered with task ${uid}, which is not its own`);
    }
    // What one Meilisearch would fail at once is no entry.
    if (row["log"] === null && row["status"] === "failed") return;
    if (!this.#places.has(name)) this.fail(`${name} was acknowledged and is in no log`);
  }
}

/** The uid that an index was made for. */
function uidOf(physical: string): string {
  return physical.split("-")[0] ?? physical;
}
