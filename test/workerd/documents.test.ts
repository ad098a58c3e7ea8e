import { expect, test } from "vitest";

import { call, finished, hits } from "./miroir.ts";

test("documents are found once their task has succeeded, and come back as they were sent", async () => {
  const sent =
    '[{"b":9007199254740993,"id":1,"10":"x","2":1.0,"t":"caf\\u00e9"},{"id":2,"t":"thé"}]';
  const task = await finished(call("POST", "/indexes/raw/documents", sent));
  expect(task).toMatchObject({
    status: "succeeded",
    details: { receivedDocuments: 2, indexedDocuments: 2 },
  });
  const { text } = await call("POST", "/indexes/raw/search", { q: "cafe" });
  expect(text).toContain('{"b":9007199254740993,"id":1,"10":"x","2":1.0,"t":"caf\\u00e9"}');
  expect((await call("GET", "/indexes/raw/documents/1")).text).toBe(
    '{"b":9007199254740993,"id":1,"10":"x","2":1.0,"t":"caf\\u00e9"}',
  );
});

test("no query and no answer shows the shard mark", async () => {
  await finished(
    call("POST", "/indexes/marks/documents", [
      { id: 1, t: "a" },
      { id: 5, t: "b" },
    ]),
  );
  expect(await hits("marks", { q: "5" })).toEqual([{ id: 5, t: "b" }]);
  expect(await hits("marks", { q: "««««««««»»«»" })).toHaveLength(2);
  expect(await hits("marks", { q: '"««««««««»»«»"' })).toHaveLength(2);
  await finished(call("PUT", "/indexes/marks/settings/filterable-attributes", ["*"]));
  const answers = await Promise.all([
    call("POST", "/indexes/marks/search", {
      facets: ["*"],
      attributesToHighlight: ["*"],
      showMatchesPosition: true,
      showRankingScoreDetails: true,
    }),
    call("GET", "/indexes/marks/documents"),
    call("GET", "/indexes/marks/documents/1"),
    call("GET", "/indexes/marks/settings"),
    call("GET", "/indexes/marks/stats"),
    call("POST", "/indexes/marks/search", { filter: "nope = 1" }),
  ]);
  for (const { text } of answers) expect(text).not.toContain("miroir");
});

test("a client's own _miroir_shard is refused and nothing is written", async () => {
  const refused = await call("POST", "/indexes/mine/documents", [{ id: 1, _miroir_shard: "x" }]);
  expect(refused).toMatchObject({ status: 400, json: { code: "miroir_reserved_field" } });
  expect((await call("GET", "/indexes/mine")).status).toBe(404);
});

test.for([
  ["POST", "application/x-ndjson", '{"id":1,"t":"one"}\n{"id":2,"t":"two"}\n', ""],
  ["POST", "text/csv", "id,t\n1,one\n2,two\n", ""],
  ["POST", "text/csv", "id;t\n1;one\n2;two\n", "?csvDelimiter=%3B"],
  ["PUT", "application/json", '[{"id":1,"t":"one"},{"id":2,"t":"two"}]', "?primaryKey=id"],
] as const)("%s %s", async ([method, type, body, query], { task }) => {
  const index = `format-${task.id.replace(/\W/g, "")}`;
  const path = `/indexes/${index}/documents${query}`;
  await finished(call(method, path, body, { "Content-Type": type }));
  const found = await hits(index, { q: "two" });
  expect(found).toMatchObject([{ t: "two" }]);
});

test("an update merges fields, a replacement does not", async () => {
  await finished(call("POST", "/indexes/merge/documents", [{ id: 1, a: 1, b: 1 }]));
  await finished(call("PUT", "/indexes/merge/documents", [{ id: 1, b: 2 }]));
  expect((await call("GET", "/indexes/merge/documents/1")).json).toEqual({ id: 1, a: 1, b: 2 });
  await finished(call("POST", "/indexes/merge/documents", [{ id: 1, b: 3 }]));
  expect((await call("GET", "/indexes/merge/documents/1")).json).toEqual({ id: 1, b: 3 });
});

test("deletions: one, a batch, by filter, all", async () => {
  const documents = Array.from({ length: 40 }, (_, id) => ({ id, even: id % 2 === 0 }));
  await finished(call("POST", "/indexes/gone/documents", documents));
  await finished(call("PUT", "/indexes/gone/settings/filterable-attributes", ["even"]));
  const total = async () => (await call("GET", "/indexes/gone/documents?limit=0")).json;
  const details = async (method: string, path: string, body?: unknown) =>
    (await finished(call(method, `/indexes/gone/documents${path}`, body))).details;
  expect(await details("DELETE", "/3")).toEqual({
    providedIds: 1,
    deletedDocuments: 1,
    originalFilter: null,
  });
  expect(await details("POST", "/delete-batch", [5, "7", 999])).toMatchObject({
    providedIds: 3,
    deletedDocuments: 2,
  });
  expect(await total()).toMatchObject({ total: 37 });
  expect(await details("POST", "/delete", { filter: "even = true" })).toEqual({
    providedIds: 0,
    deletedDocuments: 20,
    originalFilter: '"even = true"',
  });
  expect(await total()).toMatchObject({ total: 17 });
  expect(await details("DELETE", "")).toEqual({ deletedDocuments: 17 });
  expect(await total()).toMatchObject({ total: 0 });
});

test("one wrong document fails the whole payload, and still brings the index into being", async () => {
  const task = await finished(
    call("POST", "/indexes/strict/documents", [{ id: 1 }, { id: "a b" }, { id: 3 }]),
  );
  expect(task).toMatchObject({
    status: "failed",
    details: { receivedDocuments: 3, indexedDocuments: 0 },
    error: { code: "invalid_document_id" },
  });
  expect((await call("GET", "/indexes/strict")).json).toMatchObject({ primaryKey: null });
  expect((await call("GET", "/indexes/strict/documents")).json).toMatchObject({ total: 0 });
});

test("pages over the whole index hold every document once, in one order", async () => {
  const documents = Array.from({ length: 95 }, (_, i) => ({ id: (i * 37) % 95 }));
  await finished(call("POST", "/indexes/pages/documents", documents));
  const seen: unknown[] = [];
  for (let offset = 0; offset < 95; offset += 20) {
    const page = await call("GET", `/indexes/pages/documents?offset=${offset}&limit=20`);
    seen.push(...(page.json as { results: { id: number }[] }).results.map(({ id }) => id));
  }
  expect(seen).toEqual(Array.from({ length: 95 }, (_, id) => id));
});

test("another primary key than the index has fails the task", async () => {
  await finished(call("POST", "/indexes/keyed/documents", [{ id: 1 }]));
  const task = await finished(call("POST", "/indexes/keyed/documents?primaryKey=k", [{ k: 1 }]));
  expect(task.error).toMatchObject({ code: "index_primary_key_already_exists" });
});

test("an edit by function needs its feature, and nodes that can run it", async () => {
  await finished(call("POST", "/indexes/edits/documents", [{ id: 1 }]));
  const edit = () => call("POST", "/indexes/edits/documents/edit", { function: "doc.a = 1" });
  expect((await edit()).json).toMatchObject({ code: "feature_not_enabled" });
  await call("PATCH", "/experimental-features", { editDocumentsByFunction: true });
  expect(await edit()).toMatchObject({ status: 501, json: { code: "miroir_not_supported" } });
});

test("a deletion by what the client did not make filterable fails, by the settings of its turn", async () => {
  await finished(call("POST", "/indexes/unasked/documents", [{ id: 1 }, { id: 2 }]));
  const path = "/indexes/unasked/settings/filterable-attributes";
  const remove = (id: number) =>
    call("POST", "/indexes/unasked/documents/delete", { filter: [[`id = ${id}`]] });
  const before = await remove(1);
  const change = await call("PUT", path, ["id"]);
  const after = await remove(2);
  expect(await finished(Promise.resolve(before))).toMatchObject({
    status: "failed",
    details: { deletedDocuments: 0 },
    error: {
      code: "invalid_document_filter",
      message:
        "Index `unasked`: Attribute `id` is not filterable. This index does not have configured filterable attributes.\n1:3 id = 1",
    },
  });
  await finished(Promise.resolve(change));
  expect(await finished(Promise.resolve(after))).toMatchObject({
    status: "succeeded",
    details: { deletedDocuments: 1 },
  });
  expect(await hits("unasked", {})).toEqual([{ id: 1 }]);
});
