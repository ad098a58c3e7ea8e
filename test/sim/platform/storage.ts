/**
 * A Durable Object's storage on `node:sqlite`, with what the platform guarantees and no more: writes
 * without an await between them are one commit, and an object that dies loses those not committed.
 */
import { DatabaseSync, type StatementSync } from "node:sqlite";

import { LifeEnded, type Life } from "./life.ts";

type SqlValue = string | number | null | ArrayBuffer;

interface Prepared {
  readonly statement: StatementSync;
  readonly returnsRows: boolean;
  readonly isWrite: boolean;
}

const WRITES = /^\s*(?:INSERT|UPDATE|DELETE|CREATE)/i;
const MANY = /;\s*\S/;

/** Disks of earlier runs, emptied: making tables and preparing statements takes longer than a run. */
const spare = new Map<string, Disk[]>();

/** What outlives the lives of an object. */
export class Disk {
  readonly database = new DatabaseSync(":memory:");
  alarmAt: number | undefined;
  readonly #kind: string;
  readonly #prepared = new Map<string, Prepared>();
  /** Schemas that need not be made again, unless what made them is rolled back. */
  readonly #made = new Set<string>();

  private constructor(kind: string) {
    this.#kind = kind;
  }

  /** An empty disk for an object of this kind. */
  static of(kind: string): Disk {
    return spare.get(kind)?.pop() ?? new Disk(kind);
  }

  /** Gives the disk back, empty. */
  discard(): void {
    this.alarmAt = undefined;
    const tables = this.rows("SELECT name FROM sqlite_master WHERE type = 'table'");
    for (const { name } of tables) this.prepared(`DELETE FROM ${String(name)}`).statement.run();
    // A table may begin with a row, which only its schema puts there.
    this.#made.clear();
    const others = spare.get(this.#kind);
    if (others === undefined) spare.set(this.#kind, [this]);
    else others.push(this);
  }

  prepared(query: string): Prepared {
    const known = this.#prepared.get(query);
    if (known !== undefined) return known;
    const statement = this.database.prepare(query);
    const returnsRows = statement.columns().length > 0;
    const prepared = { statement, returnsRows, isWrite: WRITES.test(query) };
    this.#prepared.set(query, prepared);
    return prepared;
  }

  isSchema(query: string): boolean {
    return !this.#prepared.has(query) && MANY.test(query);
  }

  /** Several statements that only make what is not there. */
  make(schema: string): void {
    if (this.#made.has(schema)) return;
    this.database.exec(schema);
    this.#made.add(schema);
  }

  rollBack(): void {
    this.prepared("ROLLBACK").statement.run();
    this.#made.clear();
  }

  /** For checkers: rows as they are. */
  rows(query: string, ...values: readonly (string | number)[]): readonly Record<string, unknown>[] {
    return this.prepared(query).statement.all(...values);
  }
}

export interface StorageTools {
  readonly disk: Disk;
  readonly life: Life;
  readonly onCommit: () => void;
  readonly onAlarm: (at: number | undefined) => void;
}

class Cursor {
  readonly #rows: readonly unknown[];
  readonly rowsWritten: number;

  constructor(rows: readonly unknown[], rowsWritten: number) {
    this.#rows = rows;
    this.rowsWritten = rowsWritten;
  }

  toArray(): unknown[] {
    return [...this.#rows];
  }

  one(): unknown {
    if (this.#rows.length !== 1)
      throw new Error(`expected one row, there are ${this.#rows.length}`);
    return this.#rows[0];
  }

  [Symbol.iterator](): Iterator<unknown> {
    return this.#rows[Symbol.iterator]();
  }
}

export class SimulatedStorage {
  readonly #tools: StorageTools;
  #isOpen = false;
  #alarm: { readonly at: number | undefined } | undefined;
  #depth = 0;

  constructor(tools: StorageTools) {
    this.#tools = tools;
  }

  readonly sql = {
    exec: (query: string, ...values: readonly SqlValue[]): Cursor => this.#exec(query, values),
  };

  transactionSync<T>(job: () => T): T {
    const { database } = this.#tools.disk;
    this.#write();
    const name = `inner${(this.#depth += 1)}`;
    database.exec(`SAVEPOINT ${name}`);
    try {
      const result = job();
      database.exec(`RELEASE ${name}`);
      return result;
    } catch (error) {
      // The end of the life has rolled everything back already.
      if (!this.#tools.life.isOver) database.exec(`ROLLBACK TO ${name}; RELEASE ${name}`);
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  setAlarm(at: number): Promise<void> {
    this.#write();
    this.#alarm = { at };
    return Promise.resolve();
  }

  getAlarm(): Promise<number | null> {
    const at = this.#alarm === undefined ? this.#tools.disk.alarmAt : this.#alarm.at;
    return Promise.resolve(at ?? null);
  }

  deleteAlarm(): Promise<void> {
    this.#write();
    this.#alarm = { at: undefined };
    return Promise.resolve();
  }

  sync(): Promise<void> {
    return Promise.resolve();
  }

  /** The life has ended: what was not committed never happened. */
  abandon(): void {
    if (this.#isOpen) this.#tools.disk.rollBack();
    this.#isOpen = false;
  }

  #exec(query: string, values: readonly SqlValue[]): Cursor {
    const { disk, life } = this.#tools;
    if (life.isOver) throw new LifeEnded(life.name);
    if (values.length === 0 && disk.isSchema(query)) {
      this.#write();
      disk.make(query);
      return new Cursor([], 0);
    }
    const { statement, returnsRows, isWrite } = disk.prepared(query);
    if (isWrite) this.#write();
    const bound = values.map((value) =>
      value instanceof ArrayBuffer ? new Uint8Array(value) : value,
    );
    if (returnsRows) return new Cursor(asStored(statement.all(...bound)), 0);
    return new Cursor([], Number(statement.run(...bound).changes));
  }

  #write(): void {
    const { disk, life } = this.#tools;
    life.point("write");
    if (this.#isOpen) return;
    this.#isOpen = true;
    disk.prepared("BEGIN").statement.run();
    // The earliest end of a commit that the platform promises: the next await.
    queueMicrotask(() => this.#commit());
  }

  #commit(): void {
    const { disk, life, onCommit, onAlarm } = this.#tools;
    if (life.isOver) return;
    disk.prepared("COMMIT").statement.run();
    this.#isOpen = false;
    const alarm = this.#alarm;
    this.#alarm = undefined;
    if (alarm !== undefined) {
      disk.alarmAt = alarm.at;
      onAlarm(alarm.at);
    }
    onCommit();
    try {
      life.point("commit");
    } catch (error) {
      if (!(error instanceof LifeEnded)) throw error;
    }
  }
}

/** As the platform gives blobs. */
function asStored(rows: Record<string, unknown>[]): Record<string, unknown>[] {
  const [first] = rows;
  if (first === undefined || !("bytes" in first)) return rows;
  for (const row of rows) {
    const { bytes } = row;
    if (bytes instanceof Uint8Array) row["bytes"] = bytes.slice().buffer;
  }
  return rows;
}
