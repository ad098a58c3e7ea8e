/** Answers a write that one Meilisearch would fail: it gets a task that has failed, and no entry. */
import type { ErrorBody } from "../worker/core/errors/api-error.ts";
import { instant, taskUid } from "../worker/core/ids.ts";
import { failedDetails } from "../worker/core/tasks/finished-details.ts";
import type { TaskLog } from "../worker/tasklog/task-log.ts";
import type { Cluster } from "./cluster.ts";
import type { Append, AppendReply } from "./rpc.ts";
import type { LogStore } from "./storage/log-store.ts";

export interface FailureTools {
  readonly store: LogStore;
  readonly tasks: TaskLog;
  readonly cluster: DurableObjectStub<Cluster>;
  readonly now: () => number;
}

export async function failedAppend(
  { store, tasks, cluster, now }: FailureTools,
  { operation, task, token, releasedLease }: Append,
  error: ErrorBody,
): Promise<AppendReply> {
  store.dropPayload(token);
  const enqueuedAt = instant(now());
  if (releasedLease !== undefined) await cluster.releaseLease(releasedLease);
  const details = failedDetails(operation.kind, task.details);
  const failed = { ...task, details, token, log: null, enqueuedAt };
  const uid = await tasks.registerFailed(failed, error);
  return { kind: "accepted", uid: taskUid(uid), enqueuedAt };
}
