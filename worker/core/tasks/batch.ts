/** A batch as Meilisearch shows it. Here every task is a batch of its own (decision 8). */
import { duration, timestamp, type Task } from "./task.ts";

/** As Meilisearch prints the time of a step: two digits after the point, in the unit that fits. */
function stepTime(ms: number): string {
  if (ms === 0) return "0.00ns";
  return ms < 1000 ? `${ms.toFixed(2)}ms` : `${(ms / 1000).toFixed(2)}s`;
}

/** The JSON text of `GET /batches/{uid}`. */
export function batchView(task: Task): string {
  const { startedAt, finishedAt } = task;
  const elapsedMs = startedAt === null || finishedAt === null ? null : finishedAt - startedAt;
  const head = JSON.stringify({ uid: task.uid, progress: null });
  const tail = JSON.stringify({
    stats: {
      totalNbTasks: 1,
      status: { [task.status]: 1 },
      types: { [task.type]: 1 },
      indexUids: task.indexUid === null ? {} : { [task.indexUid]: 1 },
      // Nodes take their steps side by side, so only the whole is timed.
      progressTrace: elapsedMs === null ? {} : { "processing tasks": stepTime(elapsedMs) },
    },
    duration: elapsedMs === null ? null : duration(elapsedMs),
    startedAt: timestamp(startedAt),
    finishedAt: timestamp(finishedAt),
    batchStrategy: `created batch containing only task with id ${task.uid} of type \`${task.type}\` that cannot be batched with any other task.`,
  });
  return `${head.slice(0, -1)},"details":${task.details ?? "{}"},${tail.slice(1)}`;
}
