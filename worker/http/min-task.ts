/**
 * `X-Miroir-Min-Task: uid` on any request: it is answered only once that task is over, so that a
 * reader sees what another client's write did without polling `/tasks` itself. The wait is bounded.
 * Why it suffices to ask D1: a task is written as over only when no Worker can read from a topology
 * or a replica that lacks it, whatever snapshot this isolate holds.
 */
import { ApiError } from "../core/errors/api-error.ts";
import { taskUid, type TaskUid } from "../core/ids.ts";
import { MIN_TASK_DEADLINE_MS } from "../core/limits.ts";
import type { TaskLog } from "../tasklog/task-log.ts";

const HEADER = "X-Miroir-Min-Task";

/** Between two looks at the task: soon at first, since most tasks are over in milliseconds. */
const PAUSE_FIRST_MS = 5;
const PAUSE_LAST_MS = 250;

export interface MinTaskTools {
  readonly tasks: Pick<TaskLog, "get" | "newest">;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Waits for the task that the header names, if it names one; throws what the client is answered. */
export async function waitForMinTask(headers: Headers, tools: MinTaskTools): Promise<void> {
  const text = headers.get(HEADER);
  if (text === null) return;
  const uid = parsed(text);
  const { tasks, now, sleep } = tools;
  const deadline = now() + MIN_TASK_DEADLINE_MS;
  for (let pauseMs = PAUSE_FIRST_MS; ; pauseMs = Math.min(PAUSE_LAST_MS, pauseMs * 2)) {
    const status = (await tasks.get(uid))?.status;
    if (status === undefined) return await checkForgotten(uid, tasks);
    if (status !== "enqueued" && status !== "processing") return;
    if (now() + pauseMs > deadline) throw notOver(uid, status);
    await sleep(pauseMs);
  }
}

function parsed(text: string): TaskUid {
  const uid = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(uid)) return taskUid(uid);
  throw new ApiError(
    "bad_request",
    `Invalid value in header \`${HEADER}\`: expected the uid of a task, but found \`${text}\``,
  );
}

/** Only tasks that are over can be deleted; a uid that was never given out is a mistake. */
async function checkForgotten(uid: TaskUid, tasks: MinTaskTools["tasks"]): Promise<void> {
  const newest = await tasks.newest();
  if (newest !== undefined && uid <= newest) return;
  throw new ApiError("task_not_found", `Task \`${uid}\` not found.`);
}

function notOver(uid: TaskUid, status: string): ApiError {
  return new ApiError(
    "miroir_task_not_finished",
    `Task \`${uid}\` is still \`${status}\` after ${MIN_TASK_DEADLINE_MS / 1000} seconds. Nothing was read; try again later.`,
    { retryAfterSeconds: 1 },
  );
}
