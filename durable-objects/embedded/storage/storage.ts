/**
 * Where an embedded node keeps what must survive: documents as sent, indexes, tasks. Everything
 * else is derived from it. All calls are synchronous; `transaction` is all or nothing.
 */
export interface StoredDocument {
  readonly doc: number;
  readonly id: string;
  readonly text: string;
}

export interface StoredTask {
  readonly uid: number;
  readonly indexUid: string | null;
  readonly status: "succeeded" | "failed";
  /** The task as clients see it. */
  readonly json: string;
}

export interface TaskQuery {
  readonly uids: readonly number[] | null;
  readonly indexUids: readonly string[] | null;
  readonly statuses: readonly string[] | null;
  /** Newest uid to start from, inclusive; null is the newest of all. */
  readonly from: number | null;
  readonly limit: number;
}

export interface TaskPage {
  readonly tasks: readonly StoredTask[];
  /** Without regard to `from` and `limit`. */
  readonly total: number;
  /** The uid after the page, or null at the end. */
  readonly next: number | null;
}

export interface NodeStorage {
  transaction<T>(work: () => T): T;
  /** Small values by name: the indexes, the features. */
  readValues(): ReadonlyMap<string, string>;
  writeValue(name: string, value: string): void;
  deleteValue(name: string): void;
  document(index: number, doc: number): string | undefined;
  documents(index: number): Iterable<StoredDocument>;
  writeDocument(index: number, document: StoredDocument): void;
  deleteDocument(index: number, doc: number): void;
  deleteDocuments(index: number): void;
  /** One more than the largest uid of a task, or 0. */
  nextTaskUid(): number;
  writeTask(task: StoredTask): void;
  task(uid: number): StoredTask | undefined;
  tasks(query: TaskQuery): TaskPage;
}
