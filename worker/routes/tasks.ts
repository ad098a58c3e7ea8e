/** Tasks: one by uid, and lists by filter, from the task log. */
import { ApiError } from "../core/errors/api-error.ts";
import { batchView } from "../core/tasks/batch.ts";
import { type Task, taskView } from "../core/tasks/task.ts";
import {
  parseBatchUid,
  parseTaskSelection,
  parseTasksQuery,
  parseTaskUid,
} from "../core/query/parse-tasks.ts";
import type { Call } from "../http/call.ts";
import { jsonText } from "../http/call.ts";
import { operationResponse } from "../http/summary-response.ts";
import type { Route } from "./route.ts";

export const taskRoutes: readonly Route[] = [
  { method: "GET", path: "/tasks", action: "tasks.get", serve: list },
  { method: "GET", path: "/tasks/:taskUid", action: "tasks.get", serve: get },
  {
    method: "POST",
    path: "/tasks/cancel",
    action: "tasks.cancel",
    serve: (call) => select(call, "cancel"),
  },
  {
    method: "DELETE",
    path: "/tasks",
    action: "tasks.delete",
    serve: (call) => select(call, "delete"),
  },
  { method: "GET", path: "/batches", action: "tasks.get", serve: listBatches },
  { method: "GET", path: "/batches/:batchUid", action: "tasks.get", serve: getBatch },
];

/** Cancels or deletes the tasks that a filter means, as a task of its own. */
async function select(call: Call, action: "cancel" | "delete"): Promise<Response> {
  const filter = parseTaskSelection(call.query, action);
  const kind = action === "cancel" ? "cancelTasks" : "deleteTasks";
  const { patterns } = call.access;
  const originalFilter = new URL(call.request.url).search;
  const accepted = await call.cluster.submit({ kind, filter, patterns, originalFilter });
  const type = action === "cancel" ? "taskCancelation" : "taskDeletion";
  return operationResponse(type, null, accepted, 200);
}

async function get(call: Call): Promise<Response> {
  const uid = parseTaskUid(call.param("taskUid"));
  const task = await call.tasks.get(uid);
  if (task === undefined || !isVisible(call, task))
    throw new ApiError("task_not_found", `Task \`${uid}\` not found.`);
  return jsonText(taskView(task));
}

/** To a key that covers some indexes, other tasks do not exist. */
function isVisible({ access }: Call, { indexUid }: Task): boolean {
  return access.patterns === null || (indexUid !== null && access.allows(indexUid));
}

async function list(call: Call): Promise<Response> {
  return await paged(call, false, taskView);
}

/** As Meilisearch does: what waits in the queue is in no batch yet. */
async function listBatches(call: Call): Promise<Response> {
  return await paged(call, true, batchView);
}

async function getBatch(call: Call): Promise<Response> {
  const uid = parseBatchUid(call.param("batchUid"));
  const task = await call.tasks.get(uid);
  if (task === undefined || task.status === "enqueued" || !isVisible(call, task)) {
    throw new ApiError("batch_not_found", `Batch \`${uid}\` not found.`);
  }
  return jsonText(batchView(task));
}

async function paged(
  call: Call,
  inBatches: boolean,
  view: (task: Task) => string,
): Promise<Response> {
  const { filter, page } = parseTasksQuery(call.query);
  const listing = { filter, patterns: call.access.patterns, inBatches };
  const [found, total] = await Promise.all([
    call.tasks.list(listing, page),
    call.tasks.total(listing),
  ]);
  const shown = found.slice(0, page.limit);
  const tail = JSON.stringify({
    total,
    limit: page.limit,
    from: shown[0]?.uid ?? null,
    next: found[page.limit]?.uid ?? null,
  });
  return jsonText(`{"results":[${shown.map(view).join(",")}],${tail.slice(1)}`);
}
