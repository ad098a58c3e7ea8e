/**
 * Gives entries their task uids, in log order: uids of one index grow with its offsets. Entries that
 * arrive while a batch is under way share the next one, because a D1 write costs more than a row.
 */
import type { LogOffset, PhysicalUid, TaskUid } from "../worker/core/ids.ts";
import type { TaskLog } from "../worker/tasklog/task-log.ts";
import type { Entry } from "./storage/log-rows.ts";
import type { LogStore } from "./storage/log-store.ts";

const BATCH = 50;

export class Registration {
  readonly #store: LogStore;
  readonly #tasks: TaskLog;
  readonly #log: PhysicalUid;
  #running: Promise<void> | undefined;

  constructor(store: LogStore, tasks: TaskLog, log: PhysicalUid) {
    this.#store = store;
    this.#tasks = tasks;
    this.#log = log;
  }

  /** The uid of an entry's task, registering it and everything before it where needed. */
  async uidOf(offset: LogOffset): Promise<TaskUid> {
    for (;;) {
      const uid = this.#store.entryAt(offset)?.uid;
      if (uid !== null && uid !== undefined) return uid;
      await this.registerAll();
    }
  }

  /** Registers every entry that waits for a uid. */
  async registerAll(): Promise<void> {
    this.#running ??= this.#registerAll().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  async #registerAll(): Promise<void> {
    for (;;) {
      const entries = this.#store.unregistered(BATCH);
      if (entries.length === 0) return;
      const uids = await this.#tasks.register(entries.flatMap((entry) => newTask(entry, this.#log)));
      for (const [position, { offset }] of entries.entries()) {
        const uid = uids[position];
        if (uid !== undefined) this.#store.setUid(offset, uid);
      }
    }
  }
}

function newTask({ token, task, createdAt }: Entry, log: PhysicalUid) {
  if (task === null) return [];
  const { indexUid, type, details, customMetadata } = task;
  return [{ token, log, indexUid, type, details, customMetadata, enqueuedAt: createdAt }];
}
