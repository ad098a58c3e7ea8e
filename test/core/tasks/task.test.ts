import { expect, test } from "vitest";

import { indexUid, instant, taskUid } from "../../../worker/core/ids.ts";
import { finishedDetails } from "../../../worker/core/tasks/finished-details.ts";
import { duration, summarizedTask, taskView, type Task } from "../../../worker/core/tasks/task.ts";

const task: Task = {
  uid: taskUid(7),
  indexUid: indexUid("movies"),
  status: "succeeded",
  type: "settingsUpdate",
  canceledBy: null,
  details: '{"pagination":{"maxTotalHits":9007199254740993}}',
  error: null,
  customMetadata: null,
  enqueuedAt: instant(0),
  startedAt: instant(1000),
  finishedAt: instant(2234),
};

test("a task's view has Meilisearch's keys, in its order, and keeps every digit", () => {
  expect(taskView(task)).toBe(
    '{"uid":7,"batchUid":7,"indexUid":"movies","status":"succeeded","type":"settingsUpdate","canceledBy":null,' +
      '"details":{"pagination":{"maxTotalHits":9007199254740993}},"error":null,"duration":"PT1.234S",' +
      '"enqueuedAt":"1970-01-01T00:00:00.000Z","startedAt":"1970-01-01T00:00:01.000Z","finishedAt":"1970-01-01T00:00:02.234Z"}',
  );
});

test("a task that waits has no batch, no duration, and no details when there are none", () => {
  const view: unknown = JSON.parse(
    taskView({
      ...task,
      status: "enqueued",
      details: null,
      startedAt: null,
      finishedAt: null,
      customMetadata: "x",
    }),
  );
  expect(view).toMatchObject({
    batchUid: null,
    duration: null,
    startedAt: null,
    customMetadata: "x",
  });
  expect(view).not.toHaveProperty("details");
});

test.for([
  [0, "PT0S"],
  [7, "PT0.007S"],
  [1000, "PT1S"],
  [61_250, "PT61.250S"],
] as const)("%i ms is %s", ([ms, text]) => {
  expect(duration(ms)).toBe(text);
});

test("the summary of a write", () => {
  expect(summarizedTask({ ...task, type: "indexCreation" })).toEqual({
    taskUid: 7,
    indexUid: "movies",
    status: "enqueued",
    type: "indexCreation",
    enqueuedAt: "1970-01-01T00:00:00.000Z",
  });
});

test.for([
  [
    "writeDocuments",
    '{"receivedDocuments":3,"indexedDocuments":null}',
    false,
    '{"receivedDocuments":3,"indexedDocuments":2}',
  ],
  [
    "writeDocuments",
    '{"receivedDocuments":3,"indexedDocuments":null}',
    true,
    '{"receivedDocuments":3,"indexedDocuments":0}',
  ],
  [
    "deleteDocuments",
    '{"providedIds":4,"deletedDocuments":null}',
    false,
    '{"providedIds":4,"deletedDocuments":1}',
  ],
  [
    "deleteDocuments",
    '{"providedIds":4,"deletedDocuments":null}',
    true,
    '{"providedIds":4,"deletedDocuments":0}',
  ],
  ["compactIndex", "{}", false, '{"preCompactionSize":"96 KiB","postCompactionSize":"64 KiB"}'],
  ["compactIndex", "{}", true, "{}"],
  [
    "pass",
    '{"providedIds":0,"deletedDocuments":null,"originalFilter":"a"}',
    true,
    '{"providedIds":0,"deletedDocuments":0,"originalFilter":"a"}',
  ],
  [
    "pass",
    '{"editedDocuments":null,"deletedDocuments":null}',
    true,
    '{"editedDocuments":0,"deletedDocuments":null}',
  ],
  ["changeSettings", '{"stopWords":["a"]}', false, '{"stopWords":["a"]}'],
] as const)("finished details of %s", ([kind, details, failed, expected]) => {
  const counts = {
    indexedDocuments: 2,
    deletedDocuments: 1,
    sizes: { beforeBytes: 98_304, afterBytes: 65_536 },
  };
  expect(finishedDetails(kind, details, counts, failed)).toBe(expected);
});
