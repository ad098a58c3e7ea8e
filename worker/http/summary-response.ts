/** What a write answers: 202 with the summary of its task. */
import type { EntryTask } from "../../durable-objects/rpc.ts";
import type { Accepted } from "../cluster/index-writer.ts";
import { summarizedTask } from "../core/tasks/task.ts";
import { jsonValue } from "./call.ts";

export function summaryResponse(task: EntryTask, accepted: Accepted): Response {
  return jsonValue(summarizedTask({ ...task, ...accepted }), 202);
}
