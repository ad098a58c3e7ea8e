/** Which tasks a request means: conditions are joined by AND, null means no condition. */
export interface TimeRange {
  /** Exclusive bounds, in milliseconds since the Unix epoch. */
  readonly before: number | null;
  readonly after: number | null;
}

export interface TaskFilter {
  readonly uids: readonly number[] | null;
  readonly batchUids: readonly number[] | null;
  readonly canceledBy: readonly number[] | null;
  readonly types: readonly string[] | null;
  readonly statuses: readonly string[] | null;
  readonly indexUids: readonly string[] | null;
  readonly times: Readonly<Record<"enqueued_at" | "started_at" | "finished_at", TimeRange>>;
}

export interface TaskPage {
  readonly limit: number;
  /** First uid of the page; null for the newest (or, reversed, the oldest). */
  readonly from: number | null;
  /** Oldest first. */
  readonly reverse: boolean;
}
