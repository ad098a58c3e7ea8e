/** Which tasks a request means: the query strings of `/tasks`, and the uid in a path. */
import { quoted } from "../decode/mistakes.ts";
import { booleanParam, countParam, U32_MAX } from "../decode/param-decoders.ts";
import {
  fillParams,
  OptionalParam,
  type ParamDecoder,
  ParamMistake,
  type Params,
} from "../decode/params.ts";
import { StarListParam, StarParam } from "../decode/star-params.ts";
import { ApiError } from "../errors/api-error.ts";
import type { ErrorCode } from "../errors/codes.ts";
import { taskUid, type TaskUid } from "../ids.ts";
import { TASK_STATUSES } from "../tasks/task.ts";
import type { TaskFilter, TaskPage } from "../tasks/task-filter.ts";
import { indexUidOr } from "./parse-index.ts";
import { taskDate } from "./task-date.ts";

export const TASKS_LIMIT_DEFAULT = 20;

/** Every task type of Meilisearch, also those that this service never makes, in its order. */
export const TASK_TYPES = [
  "documentAdditionOrUpdate",
  "documentEdition",
  "documentDeletion",
  "settingsUpdate",
  "indexCreation",
  "indexDeletion",
  "indexUpdate",
  "indexSwap",
  "taskCancelation",
  "taskDeletion",
  "dumpCreation",
  "snapshotCreation",
  "export",
  "upgradeDatabase",
  "indexCompaction",
  "networkTopologyChange",
  "dsrUpdate",
  "dsrClear",
] as const;

export interface TasksQuery {
  readonly filter: TaskFilter;
  readonly page: TaskPage;
}

/** The parameters of `GET /tasks`. */
export function parseTasksQuery(params: Params): TasksQuery {
  const limit = new OptionalParam(uid, TASKS_LIMIT_DEFAULT, "invalid_task_limit");
  const from = new OptionalParam<number | null>(uid, null, "invalid_task_from");
  const reverse = new OptionalParam<boolean>(booleanParam, false, "invalid_task_reverse");
  const { batchUids, uids, ...others } = filterParams();
  fillParams({ limit, from, reverse, batchUids, uids, ...others }, params);
  return {
    filter: filterOf({ batchUids, uids, ...others }),
    page: { limit: limit.value, from: from.value, reverse: reverse.value },
  };
}

/** The parameters of `POST /tasks/cancel` and `DELETE /tasks`: one at least, even if it is a star. */
export function parseTaskSelection(params: Params, action: "cancel" | "delete"): TaskFilter {
  const slots = filterParams();
  fillParams(slots, params);
  if (Object.values(slots).some((slot) => slot.isGiven)) return filterOf(slots);
  throw new ApiError(
    "missing_task_filters",
    `Query parameters to filter the tasks to ${action} are missing. Available query parameters are: \`uids\`, \`indexUids\`, \`statuses\`, \`types\`, \`canceledBy\`, \`beforeEnqueuedAt\`, \`afterEnqueuedAt\`, \`beforeStartedAt\`, \`afterStartedAt\`, \`beforeFinishedAt\`, \`afterFinishedAt\`.`,
  );
}

/** The uid in the path of one task. */
export function parseTaskUid(text: string): TaskUid {
  return uidInPath(text, "Task", "invalid_task_uids");
}

/** The uid in the path of one batch: that of its only task. */
export function parseBatchUid(text: string): TaskUid {
  return uidInPath(text, "Batch", "invalid_batch_uids");
}

function uidInPath(text: string, noun: string, code: ErrorCode): TaskUid {
  try {
    return taskUid(uid(text));
  } catch (error) {
    if (!(error instanceof ParamMistake)) throw error;
    throw new ApiError(
      code,
      `${noun} uid \`${text}\` is invalid. It should only contain numeric characters.`,
    );
  }
}

const uid = countParam(U32_MAX);

/** In the order in which Meilisearch lists them. */
function filterParams() {
  return {
    uids: new StarListParam(uid, "invalid_task_uids"),
    batchUids: new StarListParam(uid, "invalid_batch_uids"),
    canceledBy: new StarListParam(uid, "invalid_task_canceled_by"),
    types: new StarListParam(anyCase(TASK_TYPES, "task type", "types"), "invalid_task_types"),
    statuses: new StarListParam(
      anyCase(TASK_STATUSES, "task status", "statuses"),
      "invalid_task_statuses",
    ),
    indexUids: new StarListParam<string>(
      (text) => indexUidOr(text, (reason) => new ParamMistake(reason)),
      "invalid_index_uid",
    ),
    afterEnqueuedAt: dateParam("after", "invalid_task_after_enqueued_at"),
    beforeEnqueuedAt: dateParam("before", "invalid_task_before_enqueued_at"),
    afterStartedAt: dateParam("after", "invalid_task_after_started_at"),
    beforeStartedAt: dateParam("before", "invalid_task_before_started_at"),
    afterFinishedAt: dateParam("after", "invalid_task_after_finished_at"),
    beforeFinishedAt: dateParam("before", "invalid_task_before_finished_at"),
  };
}

function filterOf(slots: ReturnType<typeof filterParams>): TaskFilter {
  return {
    uids: slots.uids.value,
    batchUids: slots.batchUids.value,
    canceledBy: slots.canceledBy.value,
    types: slots.types.value,
    statuses: slots.statuses.value,
    indexUids: slots.indexUids.value,
    times: {
      enqueued_at: {
        before: slots.beforeEnqueuedAt.value,
        after: slots.afterEnqueuedAt.value,
      },
      started_at: { before: slots.beforeStartedAt.value, after: slots.afterStartedAt.value },
      finished_at: { before: slots.beforeFinishedAt.value, after: slots.afterFinishedAt.value },
    },
  };
}

/** As Meilisearch does: these words may be written in any case. */
function anyCase(words: readonly string[], kind: string, plural: string): ParamDecoder<string> {
  const known = new Map(words.map((word) => [word.toLowerCase(), word]));
  return (text) => {
    // Only ASCII letters have a case here: `toLowerCase` would turn the Kelvin sign into a `k`.
    const word = known.get(text.replace(/[A-Z]/g, (letter) => letter.toLowerCase()));
    if (word !== undefined) return word;
    throw new ParamMistake(
      `\`${text}\` is not a valid ${kind}. Available ${plural} are ${quoted(words)}.`,
    );
  };
}

function dateParam(bound: "before" | "after", code: ErrorCode): StarParam<number> {
  return new StarParam((text) => {
    const date = taskDate(text, bound);
    if (date !== undefined) return date;
    throw new ParamMistake(
      `\`${text}\` is an invalid date-time. It should follow the YYYY-MM-DD or RFC 3339 date-time format.`,
    );
  }, code);
}
