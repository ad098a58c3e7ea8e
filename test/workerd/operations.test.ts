import { expect, test } from "vitest";

import { call, finished, hits } from "./miroir.ts";

/** The end of a cluster-wide task, whose route answers 200. */
async function ended(method: string, path: string, body?: unknown) {
  const { json, status } = await call(method, path, body);
  expect(status).toBe(path.startsWith("/tasks") ? 200 : 202);
  return await finished(Promise.resolve({ status: 202, json }));
}

test("a swap is seen by every reader at once, after the writes before it", async () => {
  await finished(call("POST", "/indexes/blue/documents", [{ id: 1, c: "blue" }]));
  await finished(call("POST", "/indexes/green/documents", [{ id: 1, c: "green" }]));
  const before = call("POST", "/indexes/blue/documents", [{ id: 2, c: "blue" }]);
  await before;
  const swap = call("POST", "/swap-indexes", [{ indexes: ["blue", "green"] }]);
  await swap;
  const after = finished(call("POST", "/indexes/blue/documents", [{ id: 3, c: "to blue" }]));
  expect(await finished(swap)).toMatchObject({
    status: "succeeded",
    details: { swaps: [{ indexes: ["blue", "green"], rename: false }] },
  });
  await finished(before);
  await after;
  expect(await hits("blue", {})).toEqual([
    { id: 1, c: "green" },
    { id: 3, c: "to blue" },
  ]);
  expect(await hits("green", {})).toEqual([
    { id: 1, c: "blue" },
    { id: 2, c: "blue" },
  ]);
});

test("an index is renamed, and its tasks with it", async () => {
  const { uid } = await finished(call("POST", "/indexes/old-name/documents", [{ id: 1 }]));
  const task = await ended("PATCH", "/indexes/old-name", { uid: "new-name" });
  expect(task).toMatchObject({
    status: "succeeded",
    details: { primaryKey: null, oldIndexUid: "old-name", newIndexUid: "new-name" },
  });
  expect((await call("GET", "/indexes/old-name")).status).toBe(404);
  expect(await hits("new-name", {})).toEqual([{ id: 1 }]);
  expect((await call("GET", `/tasks/${uid}`)).json).toMatchObject({ indexUid: "new-name" });
});

test("one request renames an index and names its primary key; the rename stays if the key cannot", async () => {
  await finished(call("POST", "/indexes", { uid: "keyless" }));
  const request = ended("PATCH", "/indexes/keyless", { uid: "keyed", primaryKey: "sku" });
  expect(await request).toMatchObject({
    indexUid: "keyless",
    type: "indexUpdate",
    status: "succeeded",
    details: { primaryKey: "sku", oldIndexUid: "keyless", newIndexUid: "keyed" },
  });
  expect((await call("GET", "/indexes/keyed")).json).toMatchObject({ primaryKey: "sku" });
  await finished(call("POST", "/indexes/keyed/documents", [{ sku: 1, other_id: 2 }]));
  expect(await hits("keyed", {})).toEqual([{ sku: 1, other_id: 2 }]);
  const refused = await ended("PATCH", "/indexes/keyed", { uid: "moved", primaryKey: "other_id" });
  expect(refused).toMatchObject({
    status: "failed",
    details: { primaryKey: "other_id", oldIndexUid: "keyed", newIndexUid: "moved" },
    error: {
      code: "index_primary_key_already_exists",
      message: "Index `moved`: Index already has a primary key: `sku`.",
    },
  });
  expect((await call("GET", "/indexes/moved")).json).toMatchObject({ primaryKey: "sku" });
  expect((await call("GET", "/indexes/keyed")).status).toBe(404);
});

test("what cannot be swapped fails its task and changes nothing", async () => {
  await finished(call("POST", "/indexes/stays/documents", [{ id: 1 }]));
  const task = await ended("POST", "/swap-indexes", [{ indexes: ["stays", "nowhere"] }]);
  expect(task.error).toMatchObject({
    code: "index_not_found",
    message: "Index `nowhere` not found.",
  });
  expect(await hits("stays", {})).toEqual([{ id: 1 }]);
});

test("finished tasks are deleted, and only those that the filter means", async () => {
  const { uid } = await finished(call("POST", "/indexes/bin/documents", [{ id: 1 }]));
  await finished(call("POST", "/indexes/bin/documents", [{ id: 2 }]));
  const task = await ended("DELETE", `/tasks?uids=${uid}`);
  expect(task.details).toEqual({
    matchedTasks: 1,
    deletedTasks: 1,
    originalFilter: `?uids=${uid}`,
  });
  expect((await call("GET", `/tasks/${uid}`)).status).toBe(404);
  expect((await call("GET", "/tasks?indexUids=bin")).json).toMatchObject({ total: 1 });
});

test("a cancelation leaves what is over as it is", async () => {
  const { uid } = await finished(call("POST", "/indexes/late/documents", [{ id: 1 }]));
  const task = await ended("POST", `/tasks/cancel?uids=${uid}`);
  expect(task.details).toEqual({
    matchedTasks: 1,
    canceledTasks: 0,
    originalFilter: `?uids=${uid}`,
  });
  expect((await call("GET", `/tasks/${uid}`)).json).toMatchObject({ status: "succeeded" });
});

test("tasks are listed in pages", async () => {
  for (let id = 0; id < 5; id += 1) {
    await finished(call("POST", "/indexes/paged/documents", [{ id }]));
  }
  const first = await call("GET", "/tasks?indexUids=paged&limit=2");
  const page = first.json as { results: { uid: number }[]; next: number; from: number };
  expect(page.results).toHaveLength(2);
  expect(first.json).toMatchObject({ total: 5, limit: 2, from: page.results[0]?.uid });
  const second = await call("GET", `/tasks?indexUids=paged&limit=4&from=${page.next}`);
  expect(second.json).toMatchObject({ total: 5, next: null, from: page.next });
  const reversed = await call("GET", "/tasks?indexUids=paged&limit=10&reverse=true");
  const uids = (reversed.json as typeof page).results.map(({ uid }) => uid);
  expect(uids).toEqual(uids.toSorted((a, b) => a - b));
});

test("a task is its own batch", async () => {
  const { uid } = await finished(call("POST", "/indexes/batch/documents", [{ id: 1 }]));
  expect((await call("GET", `/batches/${uid}`)).json).toMatchObject({
    uid,
    progress: null,
    stats: { totalNbTasks: 1, status: { succeeded: 1 }, indexUids: { batch: 1 } },
  });
});

test("a deletion takes along what is being carried out, and nothing behind it", async () => {
  const running = call("POST", "/indexes/taken/documents", [{ id: 1 }]);
  const { taskUid } = (await running).json as { taskUid: number };
  const task = await ended("DELETE", `/tasks?uids=${taskUid}&statuses=enqueued,processing`);
  expect(task.details).toMatchObject({ matchedTasks: 1, deletedTasks: 1 });
  expect((await call("GET", `/tasks/${taskUid}`)).status).toBe(404);
  expect(await hits("taken", {})).toEqual([{ id: 1 }]);
});
