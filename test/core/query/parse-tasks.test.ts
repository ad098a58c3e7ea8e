import { describe, expect, it } from "vitest";
import {
  parseTaskSelection,
  parseTasksQuery,
  parseTaskUid,
  TASK_TYPES,
} from "../../../worker/core/query/parse-tasks.ts";

const parse = (query: string) => parseTasksQuery(new URLSearchParams(query));
const select = (query: string) => parseTaskSelection(new URLSearchParams(query), "cancel");

const NO_TIMES = { before: null, after: null };
const ALL = {
  uids: null,
  batchUids: null,
  canceledBy: null,
  types: null,
  statuses: null,
  indexUids: null,
  times: { enqueued_at: NO_TIMES, started_at: NO_TIMES, finished_at: NO_TIMES },
};

describe("a list of tasks", () => {
  it("is of all tasks, the newest 20 first", () => {
    expect(parse("")).toEqual({ filter: ALL, page: { limit: 20, from: null, reverse: false } });
  });

  it("is paged", () => {
    expect(parse("limit=3&from=7&reverse=true").page).toEqual({ limit: 3, from: 7, reverse: true });
  });

  it.each([
    ["uids=1,2", { uids: [1, 2] }],
    ["uids=1,,2,", { uids: [1, 2] }],
    ["uids=", { uids: [] }],
    ["uids=*", {}],
    ["uids=1,*", {}],
    ["batchUids=4", { batchUids: [4] }],
    ["canceledBy=4294967295", { canceledBy: [4_294_967_295] }],
    [
      "types=DOCUMENTADDITIONORUPDATE,indexswap",
      { types: ["documentAdditionOrUpdate", "indexSwap"] },
    ],
    ["statuses=Failed,enqueued", { statuses: ["failed", "enqueued"] }],
    ["indexUids=a,b-1", { indexUids: ["a", "b-1"] }],
    ["uids=1&uids=2", { uids: [2] }],
  ])("%s", (query, filter) => {
    expect(parse(query).filter).toEqual({ ...ALL, ...filter });
  });

  it("tells the six times apart", () => {
    const query = ["Enqueued", "Started", "Finished"]
      .flatMap((name, position) => [
        `after${name}At=2020-01-0${position + 1}`,
        `before${name}At=2021-01-0${position + 1}`,
      ])
      .join("&");
    const times = (day: number) => ({
      after: Date.UTC(2020, 0, day + 1),
      before: Date.UTC(2021, 0, day),
    });
    expect(parse(query).filter.times).toEqual({
      enqueued_at: times(1),
      started_at: times(2),
      finished_at: times(3),
    });
    expect(parse("afterStartedAt=*").filter).toEqual(ALL);
  });

  it.each([
    [
      "uids=x",
      "invalid_task_uids",
      "Invalid value in parameter `uids`: could not parse `x` as a positive integer",
    ],
    [
      "uids=1,x",
      "invalid_task_uids",
      "Invalid value in parameter `uids[1]`: could not parse `x` as a positive integer",
    ],
    [
      "uids=*,x",
      "invalid_task_uids",
      "Invalid value in parameter `uids[1]`: could not parse `x` as a positive integer",
    ],
    [
      "batchUids=-1",
      "invalid_batch_uids",
      "Invalid value in parameter `batchUids`: could not parse `-1` as a positive integer",
    ],
    [
      "canceledBy=4294967296",
      "invalid_task_canceled_by",
      "Invalid value in parameter `canceledBy`: could not parse `4294967296` as a positive integer",
    ],
    [
      "types=x",
      "invalid_task_types",
      `Invalid value in parameter \`types\`: \`x\` is not a valid task type. Available types are ${TASK_TYPES.map((type) => `\`${type}\``).join(", ")}.`,
    ],
    [
      "statuses=x",
      "invalid_task_statuses",
      "Invalid value in parameter `statuses`: `x` is not a valid task status. Available statuses are `enqueued`, `processing`, `succeeded`, `failed`, `canceled`.",
    ],
    ["types=tas\u212aDeletion", "invalid_task_types", undefined],
    [
      "indexUids=a!",
      "invalid_index_uid",
      "Invalid value in parameter `indexUids`: `a!` is not a valid index uid. Index uid can be an integer or a string containing only alphanumeric characters, hyphens (-) and underscores (_), and can not be more than 512 bytes.",
    ],
    [
      "beforeFinishedAt=x",
      "invalid_task_before_finished_at",
      "Invalid value in parameter `beforeFinishedAt`: `x` is an invalid date-time. It should follow the YYYY-MM-DD or RFC 3339 date-time format.",
    ],
    ["afterEnqueuedAt=2024-02-30", "invalid_task_after_enqueued_at", undefined],
    ["limit=4294967296", "invalid_task_limit", undefined],
    ["from=*", "invalid_task_from", undefined],
    [
      "reverse=1",
      "invalid_task_reverse",
      "Invalid value in parameter `reverse`: could not parse `1` as a boolean, expected either `true` or `false`",
    ],
    ["uid=1", "bad_request", undefined],
  ])("refuses %s", (query, code, message) => {
    const error = { code, ...(message === undefined ? {} : { message }) };
    expect(() => parse(query)).toThrow(expect.objectContaining(error));
  });

  it("lists its parameters in Meilisearch's order", () => {
    expect(() => parse("zzzzzz=1")).toThrow(
      "Unknown parameter `zzzzzz`: expected one of `limit`, `from`, `reverse`, `batchUids`, `uids`, `canceledBy`, `types`, `statuses`, `indexUids`, `afterEnqueuedAt`, `beforeEnqueuedAt`, `afterStartedAt`, `beforeStartedAt`, `afterFinishedAt`, `beforeFinishedAt`",
    );
  });
});

describe("tasks to cancel or delete", () => {
  it("are chosen by filters", () => {
    expect(select("statuses=enqueued")).toEqual({ ...ALL, statuses: ["enqueued"] });
  });

  it.each(["uids=*", "afterEnqueuedAt=*"])("may be all of them, by %s", (query) => {
    expect(select(query)).toEqual(ALL);
  });

  it.each(["cancel", "delete"] as const)(
    "are not all of them by leaving filters out: %s",
    (action) => {
      expect(() => parseTaskSelection([], action)).toThrow(
        expect.objectContaining({
          code: "missing_task_filters",
          message: `Query parameters to filter the tasks to ${action} are missing. Available query parameters are: \`uids\`, \`indexUids\`, \`statuses\`, \`types\`, \`canceledBy\`, \`beforeEnqueuedAt\`, \`afterEnqueuedAt\`, \`beforeStartedAt\`, \`afterStartedAt\`, \`beforeFinishedAt\`, \`afterFinishedAt\`.`,
        }),
      );
    },
  );

  it.each(["limit=1", "from=1", "reverse=true"])("are not paged: %s", (query) => {
    expect(() => select(query)).toThrow(expect.objectContaining({ code: "bad_request" }));
  });
});

describe("the uid of a task", () => {
  it.each([
    ["0", 0],
    ["+1", 1],
    ["007", 7],
    ["4294967295", 4_294_967_295],
  ])("%s", (text, uid) => {
    expect(parseTaskUid(text)).toBe(uid);
  });

  it.each(["", "x", "-1", "1.0", " 1", "4294967296", "+", "\u0661"])("is not %j", (text) => {
    expect(() => parseTaskUid(text)).toThrow(
      expect.objectContaining({
        code: "invalid_task_uids",
        message: `Task uid \`${text}\` is invalid. It should only contain numeric characters.`,
      }),
    );
  });
});
