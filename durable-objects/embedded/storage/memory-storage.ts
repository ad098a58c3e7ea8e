/** Storage that ends with the process: for tests and benchmarks. */
import type { NodeStorage, StoredDocument, StoredTask, TaskPage, TaskQuery } from "./storage.ts";

export class MemoryStorage implements NodeStorage {
  private readonly values = new Map<string, string>();
  private readonly byIndex = new Map<number, Map<number, StoredDocument>>();
  private readonly taskList: StoredTask[] = [];

  /** Without a rollback: a throw inside leaves what was written before it. */
  transaction<T>(work: () => T): T {
    return work();
  }

  readValues(): ReadonlyMap<string, string> {
    return this.values;
  }

  writeValue(name: string, value: string): void {
    this.values.set(name, value);
  }

  deleteValue(name: string): void {
    this.values.delete(name);
  }

  document(index: number, doc: number): string | undefined {
    return this.byIndex.get(index)?.get(doc)?.text;
  }

  documents(index: number): Iterable<StoredDocument> {
    return [...(this.byIndex.get(index)?.values() ?? [])].toSorted((a, b) => a.doc - b.doc);
  }

  writeDocument(index: number, document: StoredDocument): void {
    const documents = this.byIndex.get(index) ?? new Map<number, StoredDocument>();
    this.byIndex.set(index, documents);
    documents.set(document.doc, document);
  }

  deleteDocument(index: number, doc: number): void {
    this.byIndex.get(index)?.delete(doc);
  }

  deleteDocuments(index: number): void {
    this.byIndex.delete(index);
  }

  nextTaskUid(): number {
    return this.taskList.length;
  }

  writeTask(task: StoredTask): void {
    this.taskList[task.uid] = task;
  }

  task(uid: number): StoredTask | undefined {
    return this.taskList[uid];
  }

  tasks({ uids, indexUids, statuses, from, limit }: TaskQuery): TaskPage {
    const matching = this.taskList
      .filter((task) => uids === null || uids.includes(task.uid))
      .filter(
        ({ indexUid }) => indexUids === null || (indexUid !== null && indexUids.includes(indexUid)),
      )
      .filter((task) => statuses === null || statuses.includes(task.status))
      .toReversed();
    const rest = matching.filter((task) => from === null || task.uid <= from);
    return {
      tasks: rest.slice(0, limit),
      total: matching.length,
      next: rest[limit]?.uid ?? null,
    };
  }
}
