/**
 * Gives entries their task uids, in log order: uids of one index grow with its offsets. Entries that
 * arrive while a batch is under way share the next one, because a D1 write costs more than a row.
 */
import type { LogOffset, PhysicalUid, TaskUid } from "../worker/core/ids.ts";
import { REGISTRATION_DEADLINE_MS } from "../worker/core/limits.ts";
import { backoffMs } from "../worker/core/log/backoff.ts";
import type { TaskLog } from "../worker/tasklog/task-log.ts";
import { Repeater } from "./repeater.ts";
import { report } from "./report.ts";
import type { Entry } from "./storage/log-rows.ts";
import type { LogStore } from "./storage/log-store.ts";

const BATCH = 50;

export interface RegistrationTools {
  readonly store: LogStore;
  readonly tasks: TaskLog;
  readonly log: PhysicalUid;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
  /** Entries have got their uids: they may be delivered. */
  readonly onRegistered: () => void;
}

interface Waiting extends PromiseWithResolvers<TaskUid> {
  readonly since: number;
}

export class Registration {
  readonly #tools: RegistrationTools;
  readonly #waiting = new Map<LogOffset, Waiting>();
  readonly #repeater: Repeater;

  constructor(tools: RegistrationTools) {
    this.#tools = tools;
    this.#repeater = new Repeater(() => this.#registerAll());
  }

  /**
   * The uid of an entry that has just been appended, once somebody calls `registerAll`. To be asked
   * in the turn of the append: the log may have finished and forgotten the entry soon after. Not the
   * end of the whole run, which with many writers goes on long after this entry has its uid. Rejects when the task log cannot be written for
   * long: the entry keeps its place and gets its task later, but its client cannot be told which.
   */
  uidOf(offset: LogOffset): Promise<TaskUid> {
    const known = this.#tools.store.entryAt(offset)?.uid;
    if (known !== null && known !== undefined) return Promise.resolve(known);
    const waiting = this.#waiting.get(offset) ?? {
      ...Promise.withResolvers<TaskUid>(),
      since: this.#tools.now(),
    };
    this.#waiting.set(offset, waiting);
    // Whoever asked may fail on the way and never look.
    waiting.promise.catch(() => undefined);
    return waiting.promise;
  }

  /** Registers every entry that waits for a uid; does not end before it could. */
  async registerAll(): Promise<void> {
    await this.#repeater.run();
  }

  async #registerAll(): Promise<void> {
    const { store, random, sleep } = this.#tools;
    for (let failures = 0; ;) {
      const entries = store.unregistered(BATCH);
      if (entries.length === 0) return;
      try {
        await this.#register(entries);
        failures = 0;
      } catch (error) {
        failures += 1;
        report("registration_failed", { index: this.#tools.log, error: String(error) });
        this.#giveUp();
        await sleep(backoffMs(failures, random()));
      }
    }
  }

  /** Answers those that have waited for long; their entries stay. */
  #giveUp(): void {
    const before = this.#tools.now() - REGISTRATION_DEADLINE_MS;
    for (const [offset, { since, reject }] of this.#waiting) {
      if (since > before) continue;
      this.#waiting.delete(offset);
      reject(new Error("the task log does not answer"));
    }
  }

  async #register(entries: readonly Entry[]): Promise<void> {
    const { store, tasks, log, sleep, onRegistered } = this.#tools;
    const uids = await Promise.race([
      tasks.register(entries.flatMap((entry) => newTask(entry, log))),
      sleep(REGISTRATION_DEADLINE_MS).then(() => undefined),
    ]);
    if (uids === undefined) throw new Error("the task log does not answer");
    for (const [position, { offset }] of entries.entries()) {
      const uid = uids[position];
      if (uid === undefined) continue;
      store.setUid(offset, uid);
      this.#waiting.get(offset)?.resolve(uid);
      this.#waiting.delete(offset);
    }
    onRegistered();
  }
}

function newTask({ token, task, createdAt }: Entry, log: PhysicalUid) {
  if (task === null) return [];
  const { indexUid, type, details, customMetadata } = task;
  return [{ token, log, indexUid, type, details, customMetadata, enqueuedAt: createdAt }];
}
