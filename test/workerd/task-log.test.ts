import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { errorBody } from "../../worker/core/errors/api-error.ts";
import { instant, taskUid } from "../../worker/core/ids.ts";
import type { NewTask } from "../../worker/core/tasks/task.ts";
import { TaskLog } from "../../worker/tasklog/task-log.ts";

const tasks = new TaskLog(env.TASKS);
const newTask = (token: string): NewTask => ({
  token,
  log: null,
  indexUid: "movies",
  type: "documentAdditionOrUpdate",
  details: '{"receivedDocuments":1,"indexedDocuments":null}',
  customMetadata: null,
  enqueuedAt: instant(1000),
});
const any = { before: null, after: null };
const everything = {
  filter: {
    uids: null,
    batchUids: null,
    canceledBy: null,
    types: null,
    statuses: null,
    indexUids: null,
    times: { enqueued_at: any, started_at: any, finished_at: any },
  },
  patterns: null,
  inBatches: false,
};
const firstThousand = { limit: 1000, from: null, reverse: true };

test("uids are dense, grow, and are given once per token, whatever is called twice", async () => {
  const before = await tasks.total(everything);
  const first = await tasks.register([newTask("a"), newTask("b")]);
  expect(first).toEqual([before, before + 1]);
  expect(await tasks.register([newTask("b"), newTask("c")])).toEqual([before + 1, before + 2]);
  expect(await tasks.register([newTask("a")])).toEqual([before]);
  const listed = await tasks.list(everything, firstThousand);
  expect(listed.map(({ uid }) => uid)).toEqual(listed.map((_, position) => position));
});

test("many writers at once get different, gapless uids", async () => {
  const before = await tasks.total(everything);
  const uids = await Promise.all(
    Array.from({ length: 40 }, async (_, i) => (await tasks.register([newTask(`w${i}`)]))[0]),
  );
  const expected = Array.from({ length: 40 }, (_, i) => before + i);
  expect(uids.toSorted((a, b) => (a ?? 0) - (b ?? 0))).toEqual(expected);
});

test("a task's first outcome is its outcome", async () => {
  const [uid = taskUid(-1)] = await tasks.register([newTask("outcome")]);
  const outcome = {
    uid,
    status: "failed",
    canceledBy: null,
    details: null,
    error: errorBody("invalid_document_id", "no"),
    startedAt: instant(2000),
    finishedAt: instant(3000),
  } as const;
  await tasks.finish([outcome]);
  await tasks.finish([{ ...outcome, status: "succeeded", error: null }]);
  expect(await tasks.get(uid)).toMatchObject({
    status: "failed",
    error: { code: "invalid_document_id", type: "invalid_request" },
    startedAt: 2000,
    finishedAt: 3000,
  });
});

test("a task may be over when it is registered", async () => {
  const uid = await tasks.registerFailed(newTask("over"), errorBody("index_not_found", "gone"));
  expect(await tasks.get(uid)).toMatchObject({ status: "failed", error: { message: "gone" } });
});

test("an unknown task is undefined", async () => {
  expect(await tasks.get(taskUid(4_000_000_000))).toBeUndefined();
});
