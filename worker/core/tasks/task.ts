/**
 * A client-visible task and its two JSON views, keys in Meilisearch's order
 * (`meilisearch-types/src/task_view.rs`).
 */
import type { ErrorBody } from "../errors/api-error.ts";
import type { Instant, PhysicalUid, TaskUid } from "../ids.ts";

export const TASK_STATUSES = ["enqueued", "processing", "succeeded", "failed", "canceled"] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

export type TaskType =
  | "documentAdditionOrUpdate"
  | "documentDeletion"
  | "documentEdition"
  | "settingsUpdate"
  | "indexCreation"
  | "indexUpdate"
  | "indexDeletion"
  | "indexCompaction"
  | "dumpCreation"
  | "snapshotCreation"
  | "export"
  | "indexSwap"
  | "dsrUpdate"
  | "dsrClear"
  | "taskCancelation"
  | "taskDeletion";

export interface NewTask {
  /** Chosen by whoever registers; registering the same token twice gives the same task. */
  readonly token: string;
  /** The write log that carries the task out; null when none does. */
  readonly log: PhysicalUid | null;
  readonly indexUid: string | null;
  readonly type: TaskType;
  /** JSON text, so that settings keep the digits that the client sent; counters start as null. */
  readonly details: string | null;
  readonly customMetadata: string | null;
  readonly enqueuedAt: Instant;
}

export interface Task extends Omit<NewTask, "token" | "log" | "type"> {
  readonly uid: TaskUid;
  readonly type: string;
  readonly status: TaskStatus;
  readonly canceledBy: TaskUid | null;
  readonly error: ErrorBody | null;
  readonly startedAt: Instant | null;
  readonly finishedAt: Instant | null;
}

export const timestamp = (at: Instant | null): string | null =>
  at === null ? null : new Date(at).toISOString();

/** ISO 8601 as Meilisearch prints it: seconds with a fraction of 0 or 3 digits here. */
export function duration(ms: number): string {
  const fraction = String(ms % 1000).padStart(3, "0");
  return ms % 1000 === 0 ? `PT${ms / 1000}S` : `PT${Math.floor(ms / 1000)}.${fraction}S`;
}

/** The JSON text of `GET /tasks/{uid}`. A task is its own batch: no batch holds two tasks. */
export function taskView(task: Task): string {
  const { startedAt, finishedAt } = task;
  const head = JSON.stringify({
    uid: task.uid,
    batchUid: task.status === "enqueued" ? null : task.uid,
    indexUid: task.indexUid,
    status: task.status,
    type: task.type,
    canceledBy: task.canceledBy,
  });
  const tail = JSON.stringify({
    error: task.error,
    duration: startedAt === null || finishedAt === null ? null : duration(finishedAt - startedAt),
    enqueuedAt: timestamp(task.enqueuedAt),
    startedAt: timestamp(startedAt),
    finishedAt: timestamp(finishedAt),
    ...(task.customMetadata === null ? {} : { customMetadata: task.customMetadata }),
  });
  const details = task.details === null ? "" : `,"details":${task.details}`;
  return `${head.slice(0, -1)}${details},${tail.slice(1)}`;
}

/** What a write route answers with 202. */
export function summarizedTask(
  task: Omit<NewTask, "token" | "log" | "details"> & { readonly uid: TaskUid },
): object {
  return {
    taskUid: task.uid,
    indexUid: task.indexUid,
    status: "enqueued",
    type: task.type,
    enqueuedAt: timestamp(task.enqueuedAt),
    ...(task.customMetadata === null ? {} : { customMetadata: task.customMetadata }),
  };
}
