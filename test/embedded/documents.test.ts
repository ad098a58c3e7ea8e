import { expect, test } from "vitest";

import { MemoryStorage } from "../../durable-objects/embedded/storage/memory-storage.ts";
import { TestNode } from "./node.ts";

const SENT = '{"b":9007199254740993,"id":1,"10":"x","2":1.0,"t":"caf\\u00e9"}';

test("a document comes back as it was sent", () => {
  const node = new TestNode();
  node.task("POST", "/indexes/a/documents", SENT);
  expect(node.call("GET", "/indexes/a/documents/1").text).toBe(SENT);
  expect(node.call("POST", "/indexes/a/search", { q: "cafe" }).text).toContain(SENT.slice(1, -1));
});

test("an update merges top-level attributes as text", () => {
  const node = new TestNode();
  node.task("POST", "/indexes/a/documents", SENT);
  node.task("PUT", "/indexes/a/documents", '[{"id":1,"t":null,"n":{"a":18446744073709551615}}]');
  expect(node.call("GET", "/indexes/a/documents/1").text).toBe(
    '{"b":9007199254740993,"id":1,"10":"x","2":1.0,"t":null,"n":{"a":18446744073709551615}}',
  );
});

test.for([
  ['[{"id":1},{"id":"a b"}]', "invalid_document_id"],
  ['[{"id":1},{"x":1}]', "missing_document_id"],
  ['[{"id":1.5}]', "invalid_document_id"],
  ['[{"id":1,"_geo":{"lat":1}}]', "invalid_document_geo_field"],
  ['[{"id":1,"_vectors":{"e":[1,2]}}]', "invalid_vector_dimensions"],
])("%s fails with %s and writes nothing", ([body, code]) => {
  const node = new TestNode();
  node.task("PATCH", "/indexes/a/settings", {
    filterableAttributes: ["_geo"],
    embedders: { e: { source: "userProvided", dimensions: 3 } },
  });
  const task = node.task("POST", "/indexes/a/documents?primaryKey=id", body);
  expect([task.status, task.error.code]).toEqual(["failed", code]);
  expect(task.details.indexedDocuments).toBe(0);
  expect(node.call("GET", "/indexes/a/documents").json.total).toBe(0);
});

test("an index keeps its state over a restart", () => {
  const storage = new MemoryStorage();
  const before = new TestNode(storage);
  before.task("PATCH", "/indexes/a/settings", { searchableAttributes: ["t"], stopWords: ["the"] });
  before.task(
    "POST",
    "/indexes/a/documents?customMetadata=a:1-1",
    '{"id":1,"t":"the end"}\n{"id":2,"t":"cut"}',
    "application/x-ndjson",
  );
  before.task("DELETE", "/indexes/a/documents/2");
  const after = new TestNode(storage);
  expect(after.call("GET", "/indexes/a/settings").json).toEqual(
    before.call("GET", "/indexes/a/settings").json,
  );
  expect(after.search("a", { q: "end" }).hits).toEqual([{ id: 1, t: "the end" }]);
  expect(after.search("a", { q: "cut" }).hits).toEqual([]);
  expect(after.call("GET", "/tasks?uids=1").json.results[0].customMetadata).toBe("a:1-1");
});

test("documents are deleted by id, by batch, by filter and all", () => {
  const node = new TestNode();
  node.task("PATCH", "/indexes/a/settings", { filterableAttributes: ["n"] });
  node.task(
    "POST",
    "/indexes/a/documents",
    [1, 2, 3, 4, 5, 6].map((id) => ({ id, n: id % 3 })),
  );
  const left = (): number[] =>
    node.call("GET", "/indexes/a/documents").json.results.map((hit: { id: number }) => hit.id);
  expect(node.task("DELETE", "/indexes/a/documents/1").details.deletedDocuments).toBe(1);
  expect(left()).toEqual([2, 3, 4, 5, 6]);
  expect(node.task("POST", "/indexes/a/documents/delete-batch", [2, "9"]).details).toEqual({
    providedIds: 2,
    deletedDocuments: 1,
    originalFilter: null,
  });
  expect(node.task("POST", "/indexes/a/documents/delete", { filter: "n = 0" }).details).toEqual({
    providedIds: 0,
    deletedDocuments: 2,
    originalFilter: '"n = 0"',
  });
  expect(left()).toEqual([4, 5]);
  const refused = node.task("POST", "/indexes/a/documents/delete", { filter: "x = 0" });
  expect(refused.error.code).toBe("invalid_document_filter");
  expect(node.task("DELETE", "/indexes/a/documents").details).toEqual({ deletedDocuments: 2 });
});

test("a changed document is found by its new words only", () => {
  const node = new TestNode();
  node.task("POST", "/indexes/a/documents", [{ id: 1, t: "old words" }]);
  node.task("POST", "/indexes/a/documents", [{ id: 1, t: "new words" }]);
  expect(node.search("a", { q: "old" }).hits).toEqual([]);
  expect(node.search("a", { q: "new" }).hits).toEqual([{ id: 1, t: "new words" }]);
});

test("pages of documents carry the values that a merge sorts by", () => {
  const node = new TestNode();
  node.task("PATCH", "/indexes/a/settings", { sortableAttributes: ["n", "id"] });
  node.task("POST", "/indexes/a/documents", [
    { id: 1, n: "B" },
    { id: 2, n: 5 },
    { id: 3 },
    { id: 4, n: ["z", "a"] },
  ]);
  const { results } = node.call("POST", "/indexes/a/documents/fetch", {
    sort: ["n:asc", "id:asc"],
    fields: ["id"],
    limit: 3,
  }).json;
  expect(results.map((one: { id: number }) => one.id)).toEqual([2, 4, 1]);
  expect(results[1]._federation.weightedScoreValues).toEqual([
    { sort: { asc: true, value: "a" } },
    { sort: { asc: true, value: 4 } },
  ]);
});
