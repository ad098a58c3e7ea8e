/** A batch as Meilisearch shows it. Here every task is a batch of its own (decision 8). */
import { duration, timestamp, type Task } from "./task.ts";

/** As Meilisearch prints the time of a step: two digits after the point, in the unit that fits. */
function stepTime(ms: number): string {
  if (ms === 0) return "0.00ns";
  return ms < 1000 ? `${ms.toFixed(2)}ms` : `${(ms / 1000).toFixed(2)}s`;
}

/**
 * As Meilisearch does: what is not known of a task is not in its batch. Settings are: there `null`
 * says that they were reset.
 */
const LEFT_OUT =
  /"(?:indexedDocuments|editedDocuments|deletedDocuments|canceledTasks|deletedTasks|primaryKey|originalFilter|dumpUid|context)":null,?/g;

function batchDetails({ type, details }: Task): string {
  if (details === null) return "{}";
  if (type === "settingsUpdate") return details;
  // An edit's context is the client's own object.
  const at = details.indexOf('"context":{');
  const [own, rest] = at < 0 ? [details, ""] : [details.slice(0, at), details.slice(at)];
  const known = own.replace(LEFT_OUT, "") + rest;
  return known.replace(/,\}$/, "}");
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
  return `${head.slice(0, -1)},"details":${batchDetails(task)},${tail.slice(1)}`;
}
