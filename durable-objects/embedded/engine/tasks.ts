/**
 * The node's tasks. A write is carried out within its request, so a task is finished when its uid is
 * told; its answer still says `enqueued`, as Meilisearch's does.
 */
import { ApiError, errorBody, type ErrorBody } from "../../../worker/core/errors/api-error.ts";
import type { NodeStorage } from "../storage/storage.ts";

export type TaskType =
  | "documentAdditionOrUpdate"
  | "documentDeletion"
  | "indexCreation"
  | "indexUpdate"
  | "indexDeletion"
  | "indexCompaction"
  | "settingsUpdate";

/** What the task view shows, as JSON texts. */
export type Details = Readonly<Record<string, string>>;

export interface TaskWork {
  readonly type: TaskType;
  readonly indexUid: string;
  readonly customMetadata: string | null;
  /** Details of a task that failed. */
  readonly failed: Details;
  /** What stays even when the task fails, as an index made for it. */
  prepare?(): void;
  /** Does the work and tells the details. A refusal (`ApiError`) comes before anything is changed. */
  run(): Details;
}

function detailsText(details: Details): string {
  return `{${Object.entries(details)
    .map(([name, value]) => `${JSON.stringify(name)}:${value}`)
    .join(",")}}`;
}

interface Outcome {
  readonly status: "succeeded" | "failed";
  readonly details: Details;
  readonly error: ErrorBody | null;
}

function failureOf(error: unknown): ErrorBody {
  if (error instanceof ApiError) return error.body();
  return errorBody(
    "internal",
    `internal: ${error instanceof Error ? error.message : String(error)}.`,
  );
}

export class Tasks {
  private readonly storage: NodeStorage;
  private readonly now: () => string;
  private readonly rollback: () => void;

  /** `rollback` is called when a task broke off: what is in memory may be ahead of the storage. */
  constructor(storage: NodeStorage, now: () => string, rollback: () => void) {
    this.storage = storage;
    this.now = now;
    this.rollback = rollback;
  }

  /** Carries out the work and answers with the summary of its task. */
  enqueue(work: TaskWork): string {
    const uid = this.storage.nextTaskUid();
    const enqueuedAt = this.now();
    const { status, details, error } = this.attempt(work, (outcome) =>
      this.record(uid, work, outcome, enqueuedAt),
    );
    if (status === "failed") this.record(uid, work, { status, details, error }, enqueuedAt);
    return summary(uid, work, enqueuedAt);
  }

  /** The task is written with its work, so that neither survives a crash alone. */
  private attempt(work: TaskWork, record: (outcome: Outcome) => void): Outcome {
    try {
      work.prepare?.();
      return this.storage.transaction(() => {
        const outcome: Outcome = { status: "succeeded", details: work.run(), error: null };
        record(outcome);
        return outcome;
      });
    } catch (error) {
      if (!(error instanceof ApiError)) this.rollback();
      return { status: "failed", details: work.failed, error: failureOf(error) };
    }
  }

  private record(uid: number, work: TaskWork, outcome: Outcome, enqueuedAt: string): void {
    const members = [
      `"uid":${uid}`,
      `"batchUid":${uid}`,
      `"indexUid":${JSON.stringify(work.indexUid)}`,
      `"status":"${outcome.status}"`,
      `"type":"${work.type}"`,
      `"canceledBy":null`,
      `"details":${detailsText(outcome.details)}`,
      `"error":${JSON.stringify(outcome.error)}`,
      `"duration":"PT0.001S"`,
      `"enqueuedAt":"${enqueuedAt}"`,
      `"startedAt":"${enqueuedAt}"`,
      `"finishedAt":"${this.now()}"`,
    ];
    if (work.customMetadata !== null) {
      members.push(`"customMetadata":${JSON.stringify(work.customMetadata)}`);
    }
    const json = `{${members.join(",")}}`;
    this.storage.writeTask({ uid, indexUid: work.indexUid, status: outcome.status, json });
  }
}

function summary(uid: number, work: TaskWork, enqueuedAt: string): string {
  const members = [
    `"taskUid":${uid}`,
    `"indexUid":${JSON.stringify(work.indexUid)}`,
    `"status":"enqueued"`,
    `"type":"${work.type}"`,
    `"enqueuedAt":"${enqueuedAt}"`,
  ];
  if (work.customMetadata !== null) {
    members.push(`"customMetadata":${JSON.stringify(work.customMetadata)}`);
  }
  return `{${members.join(",")}}`;
}
