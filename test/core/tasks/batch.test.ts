import { expect, test } from "vitest";

import { instant, taskUid } from "../../../worker/core/ids.ts";
import { batchView } from "../../../worker/core/tasks/batch.ts";
import type { Task } from "../../../worker/core/tasks/task.ts";

const task: Task = {
  uid: taskUid(7),
  indexUid: "movies",
  status: "succeeded",
  type: "indexDeletion",
  canceledBy: null,
  details: '{"deletedDocuments":3}',
  error: null,
  customMetadata: null,
  enqueuedAt: instant(0),
  startedAt: instant(1000),
  finishedAt: instant(1063),
};

test("a batch has the members of Meilisearch's, in its order", () => {
  const view = JSON.parse(batchView(task)) as { stats: object };
  expect(Object.keys(view)).toEqual([
    "uid",
    "progress",
    "details",
    "stats",
    "duration",
    "startedAt",
    "finishedAt",
    "batchStrategy",
  ]);
  expect(Object.keys(view.stats)).toEqual([
    "totalNbTasks",
    "status",
    "types",
    "indexUids",
    "progressTrace",
  ]);
});

test.for([
  [1000, { "processing tasks": "0.00ns" }],
  [1063, { "processing tasks": "63.00ms" }],
  [1999, { "processing tasks": "999.00ms" }],
  [62_250, { "processing tasks": "61.25s" }],
  [null, {}],
] as const)("the trace of a batch that ended at %s", ([finishedAt, progressTrace]) => {
  const view: unknown = JSON.parse(
    batchView({ ...task, finishedAt: finishedAt === null ? null : instant(finishedAt) }),
  );
  expect(view).toMatchObject({ stats: { progressTrace } });
});

test.for([
  ["indexCreation", '{"primaryKey":null}', "{}"],
  ["indexCreation", '{"primaryKey":"id"}', '{"primaryKey":"id"}'],
  [
    "documentDeletion",
    '{"providedIds":1,"deletedDocuments":0,"originalFilter":null}',
    '{"providedIds":1,"deletedDocuments":0}',
  ],
  [
    "documentEdition",
    '{"editedDocuments":1,"deletedDocuments":null,"originalFilter":null,"context":{"context":null},"function":"x"}',
    '{"editedDocuments":1,"context":{"context":null},"function":"x"}',
  ],
  ["settingsUpdate", '{"distinctAttribute":null}', '{"distinctAttribute":null}'],
] as const)("a batch of %s says what is known: %s", ([type, details, shown]) => {
  expect(batchView({ ...task, type, details })).toContain(`,"details":${shown},`);
});
