/** A batch as Meilisearch shows it. Here every task is a batch of its own (decision 8). */
import { duration, timestamp, type Task } from "./task.ts";

/** The JSON text of `GET /batches/{uid}`. */
export function batchView(task: Task): string {
  const { startedAt, finishedAt } = task;
  const head = JSON.stringify({ uid: task.uid, progress: null });
  const tail = JSON.stringify({
    stats: {
      totalNbTasks: 1,
      status: { [task.status]: 1 },
      types: { [task.type]: 1 },
      indexUids: task.indexUid === null ? {} : { [task.indexUid]: 1 },
    },
    duration: startedAt === null || finishedAt === null ? null : duration(finishedAt - startedAt),
    startedAt: timestamp(startedAt),
    finishedAt: timestamp(finishedAt),
    batchStrategy: `created batch containing only task with id ${task.uid} of type \`${task.type}\` that cannot be batched with any other task.`,
  });
  return `${head.slice(0, -1)},"details":${task.details ?? "{}"},${tail.slice(1)}`;
}
