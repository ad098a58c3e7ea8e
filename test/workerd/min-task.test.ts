import { afterEach, expect, test, vi } from "vitest";

import { TaskLog } from "../../worker/tasklog/task-log.ts";
import { call, finished } from "./miroir.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const count = async (index: string, uid: string) => {
  const query = { limit: 0 };
  const header = { "X-Miroir-Min-Task": uid };
  const { json } = await call("POST", `/indexes/${index}/search`, query, header);
  return (json as { estimatedTotalHits: number }).estimatedTotalHits;
};

test("a read that names a task sees its write, whatever is still under way", async () => {
  await finished(call("POST", "/indexes/read-own/documents", [{ id: 0 }]));
  for (let id = 1; id <= 20; id += 1) {
    const { json } = await call("POST", "/indexes/read-own/documents", [{ id }]);
    const { taskUid } = json as { taskUid: number };
    expect(await count("read-own", String(taskUid))).toBe(id + 1);
  }
});

test("a task that is not over in time is told, as 504 with Retry-After", async () => {
  await finished(call("POST", "/indexes/slow-task/documents", [{ id: 0 }]));
  const finish = vi.spyOn(TaskLog.prototype, "finish").mockRejectedValue(new Error("D1 is away"));
  const { json } = await call("POST", "/indexes/slow-task/documents", [{ id: 1 }]);
  const { taskUid } = json as { taskUid: number };
  const header = { "X-Miroir-Min-Task": String(taskUid) };
  const answer = await call("GET", "/indexes/slow-task/documents", undefined, header);
  expect(answer.status).toBe(504);
  expect(answer.headers.get("Retry-After")).toBe("1");
  expect(answer.json).toEqual({
    message: `Task \`${taskUid}\` is still \`enqueued\` after 10 seconds. Nothing was read; try again later.`,
    code: "miroir_task_not_finished",
    type: "system",
    link: "https://docs.meilisearch.com/errors#miroir_task_not_finished",
  });
  finish.mockRestore();
  expect(await finished(Promise.resolve({ status: 202, json }))).toMatchObject({
    status: "succeeded",
  });
}, 60_000);

test.for([
  ["x", 400, "bad_request"],
  ["-1", 400, "bad_request"],
  ["99999999", 404, "task_not_found"],
] as const)("%s is %i %s", async ([uid, status, code]) => {
  const header = { "X-Miroir-Min-Task": uid };
  const answer = await call("GET", "/indexes", undefined, header);
  expect([answer.status, (answer.json as { code: string }).code]).toEqual([status, code]);
});

test("a task that was deleted is over", async () => {
  const { uid } = await finished(call("POST", "/indexes/read-old/documents", [{ id: 0 }]));
  const { json } = await call("DELETE", `/tasks?uids=${uid}`);
  const { taskUid } = json as { taskUid: number };
  expect(await count("read-old", String(taskUid))).toBe(1);
  expect(await count("read-old", String(uid))).toBe(1);
});
