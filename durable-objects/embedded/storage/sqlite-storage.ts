/** Storage in the SQLite database of a Durable Object. */
import type { NodeStorage, StoredDocument, StoredTask, TaskPage, TaskQuery } from "./storage.ts";

/** Protects the 2 MB that a row may have: a UTF-16 unit takes at most three bytes. */
const PART_UNITS = 500_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS node_values (name TEXT PRIMARY KEY, value TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS node_documents (
    index_key INTEGER NOT NULL, doc INTEGER NOT NULL, part INTEGER NOT NULL,
    id TEXT NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (index_key, doc, part)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS node_tasks (
    uid INTEGER PRIMARY KEY, index_uid TEXT, status TEXT NOT NULL, json TEXT NOT NULL
  );
`;

type Row = Record<string, SqlStorageValue>;

function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== "string") throw new TypeError(`column ${column} is not a text`);
  return value;
}

function numberOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw new TypeError(`column ${column} is not a number`);
  return value;
}

function taskOf(row: Row): StoredTask {
  const indexUid = row["index_uid"];
  return {
    uid: numberOf(row, "uid"),
    indexUid: typeof indexUid === "string" ? indexUid : null,
    status: row["status"] === "failed" ? "failed" : "succeeded",
    json: textOf(row, "json"),
  };
}

export class SqliteStorage implements NodeStorage {
  private readonly storage: DurableObjectStorage;
  private readonly sql: SqlStorage;

  constructor(storage: DurableObjectStorage) {
    this.storage = storage;
    this.sql = storage.sql;
    this.sql.exec(SCHEMA);
  }

  transaction<T>(work: () => T): T {
    return this.storage.transactionSync(work);
  }

  readValues(): ReadonlyMap<string, string> {
    const rows = this.sql.exec("SELECT name, value FROM node_values").toArray();
    return new Map(rows.map((row) => [textOf(row, "name"), textOf(row, "value")]));
  }

  writeValue(name: string, value: string): void {
    this.sql.exec("INSERT OR REPLACE INTO node_values (name, value) VALUES (?, ?)", name, value);
  }

  deleteValue(name: string): void {
    this.sql.exec("DELETE FROM node_values WHERE name = ?", name);
  }

  document(index: number, doc: number): string | undefined {
    const rows = this.sql
      .exec(
        "SELECT text FROM node_documents WHERE index_key = ? AND doc = ? ORDER BY part",
        index,
        doc,
      )
      .toArray();
    return rows.length === 0 ? undefined : rows.map((row) => textOf(row, "text")).join("");
  }

  *documents(index: number): Iterable<StoredDocument> {
    const rows = this.sql.exec(
      "SELECT doc, id, text FROM node_documents WHERE index_key = ? ORDER BY doc, part",
      index,
    );
    let open: StoredDocument | undefined;
    for (const row of rows) {
      const doc = numberOf(row, "doc");
      if (open !== undefined && open.doc !== doc) yield open;
      const before = open?.doc === doc ? open.text : "";
      open = { doc, id: textOf(row, "id"), text: before + textOf(row, "text") };
    }
    if (open !== undefined) yield open;
  }

  writeDocument(index: number, { doc, id, text }: StoredDocument): void {
    this.deleteDocument(index, doc);
    for (let part = 0, at = 0; part === 0 || at < text.length; part += 1, at += PART_UNITS) {
      this.sql.exec(
        "INSERT INTO node_documents (index_key, doc, part, id, text) VALUES (?, ?, ?, ?, ?)",
        index,
        doc,
        part,
        id,
        text.slice(at, at + PART_UNITS),
      );
    }
  }

  deleteDocument(index: number, doc: number): void {
    this.sql.exec("DELETE FROM node_documents WHERE index_key = ? AND doc = ?", index, doc);
  }

  deleteDocuments(index: number): void {
    this.sql.exec("DELETE FROM node_documents WHERE index_key = ?", index);
  }

  nextTaskUid(): number {
    const row = this.sql.exec("SELECT COALESCE(MAX(uid) + 1, 0) AS uid FROM node_tasks").one();
    return numberOf(row, "uid");
  }

  writeTask(task: StoredTask): void {
    this.sql.exec(
      "INSERT OR REPLACE INTO node_tasks (uid, index_uid, status, json) VALUES (?, ?, ?, ?)",
      task.uid,
      task.indexUid,
      task.status,
      task.json,
    );
  }

  task(uid: number): StoredTask | undefined {
    const [row] = this.sql.exec("SELECT * FROM node_tasks WHERE uid = ?", uid).toArray();
    return row === undefined ? undefined : taskOf(row);
  }

  tasks({ uids, indexUids, statuses, from, limit }: TaskQuery): TaskPage {
    // Lists travel as one JSON value each: SQLite in a Durable Object takes at most 100 parameters.
    const filter = `
      (?1 IS NULL OR uid IN (SELECT value FROM json_each(?1)))
      AND (?2 IS NULL OR index_uid IN (SELECT value FROM json_each(?2)))
      AND (?3 IS NULL OR status IN (SELECT value FROM json_each(?3)))`;
    const lists = [uids, indexUids, statuses].map((list) =>
      list === null ? null : JSON.stringify(list),
    );
    const total = this.sql
      .exec(`SELECT COUNT(*) AS total FROM node_tasks WHERE ${filter}`, ...lists)
      .one();
    const rows = this.sql
      .exec(
        `SELECT * FROM node_tasks WHERE ${filter} AND (?4 IS NULL OR uid <= ?4) ORDER BY uid DESC LIMIT ?5`,
        ...lists,
        from,
        limit + 1,
      )
      .toArray();
    const next = rows[limit];
    return {
      tasks: rows.slice(0, limit).map(taskOf),
      total: numberOf(total, "total"),
      next: next === undefined ? null : numberOf(next, "uid"),
    };
  }
}
