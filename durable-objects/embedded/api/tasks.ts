/** `GET /tasks` and `GET /tasks/{uid}`. */
import { ApiError } from "../../../worker/core/errors/api-error.ts";
import type { NodeStorage } from "../storage/storage.ts";
import { answer, type NodeAnswer, type NodeExchange } from "./exchange.ts";

const LIST_LIMIT = 20;

function listOf(params: URLSearchParams, name: string): string[] | null {
  const value = params.get(name);
  return value === null || value === "*" ? null : value.split(",").map((part) => part.trim());
}

function uidOf(value: string, parameter: string): number {
  if (/^\d+$/.test(value)) return Number(value);
  throw new ApiError(
    "invalid_task_uids",
    `Invalid value in parameter \`${parameter}\`: could not parse \`${value}\` as a positive integer`,
  );
}

export function listTasks(storage: NodeStorage, { params }: NodeExchange): NodeAnswer {
  const limit = Number(params.get("limit") ?? LIST_LIMIT);
  const from = params.get("from");
  const page = storage.tasks({
    uids: listOf(params, "uids")?.map((uid) => uidOf(uid, "uids")) ?? null,
    indexUids: listOf(params, "indexUids"),
    statuses: listOf(params, "statuses"),
    from: from === null ? null : Number(from),
    limit,
  });
  const first = page.tasks[0]?.uid ?? null;
  return answer(
    `{"results":[${page.tasks.map((task) => task.json).join(",")}],"total":${page.total},"limit":${limit},"from":${first},"next":${page.next}}`,
  );
}

export function getTask(storage: NodeStorage, uid: string): NodeAnswer {
  const task = storage.task(uidOf(uid, "uid"));
  if (task !== undefined) return answer(task.json);
  throw new ApiError("task_not_found", `Task \`${uid}\` not found.`);
}
