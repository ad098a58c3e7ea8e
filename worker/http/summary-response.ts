/** What a write answers: 202 (for some routes 200) with the summary of its task. */
import type { AcceptedOperation, EntryTask } from "../../durable-objects/rpc.ts";
import type { Accepted } from "../cluster/index-writer.ts";
import { instant } from "../core/ids.ts";
import { summarizedTask, type TaskType } from "../core/tasks/task.ts";
import { jsonValue } from "./call.ts";

export function summaryResponse(task: EntryTask, accepted: Accepted): Response {
  return jsonValue(summarizedTask({ ...task, ...accepted }), 202);
}

/** The summary of a cluster-wide task. */
export function operationResponse(
  type: TaskType,
  indexUid: string | null,
  { uid, createdAt }: AcceptedOperation,
  status: 200 | 202,
): Response {
  const enqueuedAt = instant(createdAt);
  return jsonValue(
    summarizedTask({ uid, indexUid, type, customMetadata: null, enqueuedAt }),
    status,
  );
}
