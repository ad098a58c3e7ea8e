/** Tasks: one by uid, and lists by filter, from the task log. */
import { ApiError } from "../core/errors/api-error.ts";
import { type Task, taskView } from "../core/tasks/task.ts";
import { parseTasksQuery, parseTaskUid } from "../core/query/parse-tasks.ts";
import type { Call } from "../http/call.ts";
import { jsonText } from "../http/call.ts";
import { taskCondition, withinPatterns } from "../tasklog/task-query.ts";
import type { Route } from "./route.ts";

export const taskRoutes: readonly Route[] = [
  { method: "GET", path: "/tasks", action: "tasks.get", serve: list },
  { method: "GET", path: "/tasks/:taskUid", action: "tasks.get", serve: get },
];

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
  const { filter, page } = parseTasksQuery(call.query);
  const condition = withinPatterns(taskCondition(filter), call.access.patterns);
  const start = page.from === null ? "" : ` AND id ${page.reverse ? ">=" : "<="} ?`;
  const found = await call.tasks.list({
    where: condition.where + start,
    values: page.from === null ? condition.values : [...condition.values, page.from + 1],
    ascending: page.reverse,
    // One more than asked, to know where the next page starts.
    limit: page.limit + 1,
  });
  const shown = found.slice(0, page.limit);
  const tail = JSON.stringify({
    total: await call.tasks.count(condition),
    limit: page.limit,
    from: shown[0]?.uid ?? null,
    next: found[page.limit]?.uid ?? null,
  });
  return jsonText(`{"results":[${shown.map(taskView).join(",")}],${tail.slice(1)}`);
}
