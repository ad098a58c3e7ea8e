/** The stand-in's task queue: one task at a time, all or nothing, kept across a restart. */
import type { Refused } from "./documents.ts";

export interface NodeTask {
  readonly uid: number;
  readonly indexUid: string;
  readonly type: string;
  readonly customMetadata: string | null;
  readonly enqueuedAt: string;
  /** Of a deletion by filter. */
  readonly filter: string | null;
  status: "enqueued" | "processing" | "succeeded" | "failed";
  details: Record<string, unknown>;
  error: object | null;
  /** Carries the task out; throws why it cannot. */
  readonly apply: () => Record<string, unknown>;
}

export function errorOf({ code, message }: Refused): object {
  const type =
    code === "internal" || code === "no_space_left_on_device" ? "internal" : "invalid_request";
  return { message, code, type, link: `https://docs.meilisearch.com/errors#${code}` };
}

/** As the node shows it: what is a function is left out. */
export function taskText(task: NodeTask): string {
  return JSON.stringify(task);
}
