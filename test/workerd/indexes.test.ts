import { expect, test } from "vitest";

import { call, finished, hits } from "./miroir.ts";

test("an index is created, listed, read, updated and deleted", async () => {
  const created = await finished(call("POST", "/indexes", { uid: "life" }));
  expect(created).toMatchObject({ status: "succeeded", details: { primaryKey: null } });
  expect((await call("GET", "/indexes/life")).json).toMatchObject({
    uid: "life",
    primaryKey: null,
  });
  await finished(call("PATCH", "/indexes/life", { primaryKey: "sku" }));
  expect((await call("GET", "/indexes/life")).json).toMatchObject({ primaryKey: "sku" });
  expect((await call("GET", "/indexes")).json).toMatchObject({ offset: 0, limit: 20 });
  const again = await finished(call("POST", "/indexes", { uid: "life" }));
  expect(again.error).toMatchObject({ code: "index_already_exists" });
  await finished(call("POST", "/indexes/life/documents", [{ sku: "a" }, { sku: "b" }]));
  const change = await finished(call("PATCH", "/indexes/life", { primaryKey: "id" }));
  expect(change.error).toMatchObject({ code: "index_primary_key_already_exists" });
  const deleted = await finished(call("DELETE", "/indexes/life"));
  expect(deleted).toMatchObject({ status: "succeeded", details: { deletedDocuments: 2 } });
  expect((await call("GET", "/indexes/life")).json).toMatchObject({ code: "index_not_found" });
  expect((await call("POST", "/indexes/life/search", {})).status).toBe(404);
});

test("an index that is deleted and written again at once is a new one", async () => {
  await finished(call("POST", "/indexes/again/documents", [{ id: 1, t: "old" }]));
  const deletion = call("DELETE", "/indexes/again");
  await deletion;
  const addition = finished(call("POST", "/indexes/again/documents", [{ id: 2, t: "new" }]));
  await finished(deletion);
  await addition;
  expect(await hits("again", {})).toEqual([{ id: 2, t: "new" }]);
});

test.for([
  ["DELETE", "/indexes/missing", undefined],
  ["DELETE", "/indexes/missing/documents", undefined],
  ["DELETE", "/indexes/missing/settings", undefined],
  ["PATCH", "/indexes/missing", { primaryKey: "id" }],
] as const)("%s %s on a missing index fails its task", async ([method, path, body]) => {
  const task = await finished(call(method, path, body));
  expect(task.error).toMatchObject({
    code: "index_not_found",
    message: "Index `missing` not found.",
  });
});

test("settings are in force when their task has succeeded", async () => {
  await finished(
    call("POST", "/indexes/set/documents", [
      { id: 1, n: 3 },
      { id: 2, n: 1 },
    ]),
  );
  expect((await call("POST", "/indexes/set/search", { sort: ["n:asc"] })).json).toMatchObject({
    code: "invalid_search_sort",
  });
  const task = await finished(call("PUT", "/indexes/set/settings/sortable-attributes", ["n"]));
  expect(task.details).toEqual({ sortableAttributes: ["n"] });
  expect(await hits("set", { sort: ["n:asc"] })).toMatchObject([{ id: 2 }, { id: 1 }]);
  expect((await call("GET", "/indexes/set/settings/ranking-rules")).json).not.toContain("id:asc");
  await finished(call("DELETE", "/indexes/set/settings"));
  expect((await call("GET", "/indexes/set/settings/sortable-attributes")).json).toEqual([]);
});

test.for([
  ["GET", "/nope", 404],
  ["PUT", "/indexes/x/settings", 405],
  ["POST", "/health", 405],
] as const)("%s %s is an empty %i", async ([method, path, status]) => {
  expect(await call(method, path)).toMatchObject({ status, text: "" });
});

test("no key, a wrong key", async () => {
  const none = await call("GET", "/indexes", undefined, { Authorization: "" });
  expect(none).toMatchObject({ status: 401, json: { code: "missing_authorization_header" } });
  const wrong = await call("GET", "/indexes", undefined, { Authorization: "Bearer wrong" });
  expect(wrong).toMatchObject({ status: 403, json: { code: "invalid_api_key" } });
});

test("statistics show each database and sizes in words, where the client asks for it", async () => {
  await finished(call("POST", "/indexes/measured/documents", [{ id: 1, t: "text" }]));
  const query = "showInternalDatabaseSizes=true&sizeFormat=human";
  const size = expect.stringMatching(/^[\d.]+ [KM]iB$/);
  expect((await call("GET", `/indexes/measured/stats?${query}`)).json).toMatchObject({
    rawDocumentDbSize: size,
    internalDatabaseSizes: { documents: size },
  });
  const all = (await call("GET", `/stats?${query}`)).json as { indexes: Record<string, object> };
  expect(all).toMatchObject({ databaseSize: size });
  expect(all.indexes["measured"]).toHaveProperty("internalDatabaseSizes.documents", size);
  const plain = (await call("GET", "/indexes/measured/stats")).json;
  expect(plain).not.toHaveProperty("internalDatabaseSizes");
  expect((await call("GET", "/stats?sizeFormat=big")).json).toMatchObject({
    code: "invalid_stats_size_format",
  });
});
