/** Tasks: one by uid, and lists by filter, from the task log. */
import { ApiError } from "../core/errors/api-error.ts";
import { batchView } from "../core/tasks/batch.ts";
import { type Task, taskView } from "../core/tasks/task.ts";
import type { TaskPage } from "../core/tasks/task-filter.ts";
import { TASKS_AT_ONCE } from "../core/limits.ts";
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

/** A page of any size, read and sent a piece at a time: what is held does not grow with it. */
async function paged(
  call: Call,
  inBatches: boolean,
  view: (task: Task) => string,
): Promise<Response> {
  const { filter, page } = parseTasksQuery(call.query);
  const listing = { filter, patterns: call.access.patterns, inBatches };
  const piece = (from: number | null, left: number) =>
    call.tasks.list(listing, { ...page, from, limit: Math.min(left, TASKS_AT_ONCE) });
  const [first, total] = await Promise.all([
    piece(page.from, page.limit),
    call.tasks.total(listing),
  ]);
  const texts = pageTexts(first, page, { total, view, piece });
  if (page.limit <= TASKS_AT_ONCE) {
    const parts: string[] = [];
    for await (const text of texts) parts.push(text);
    return jsonText(parts.join(""));
  }
  const body = new ReadableStream<string>({
    async pull(controller) {
      const next = await texts.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
  }).pipeThrough(new TextEncoderStream());
  return new Response(body, { headers: { "Content-Type": "application/json" } });
}

interface PageTools {
  readonly total: number;
  readonly view: (task: Task) => string;
  /** Tasks from a uid on, and one more when there are more. */
  readonly piece: (from: number | null, left: number) => Promise<readonly Task[]>;
}

async function* pageTexts(
  first: readonly Task[],
  page: TaskPage,
  { total, view, piece }: PageTools,
): AsyncGenerator<string> {
  yield '{"results":[';
  let found = first;
  let left = page.limit;
  for (;;) {
    const shown = found.slice(0, Math.min(left, TASKS_AT_ONCE));
    const isFirst = left === page.limit;
    if (shown.length > 0) yield (isFirst ? "" : ",") + shown.map(view).join(",");
    left -= shown.length;
    const next = found[shown.length]?.uid ?? null;
    if (left === 0 || next === null) {
      // As Meilisearch does: a page without tasks begins with none.
      const from = page.limit === 0 ? null : (first[0]?.uid ?? null);
      const tail = { total, limit: page.limit, from, next };
      yield `],${JSON.stringify(tail).slice(1)}`;
      return;
    }
    found = await piece(next, left);
  }
}
