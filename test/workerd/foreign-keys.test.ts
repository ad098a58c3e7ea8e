import { expect, test } from "vitest";

import { call, finished, hits } from "./miroir.ts";

test("foreign keys are a setting of their feature, and fill in documents of other indexes", async () => {
  const keys = [{ foreignIndexUid: "authors", fieldName: "author" }];
  await finished(call("POST", "/indexes/authors/documents", [{ id: 1, name: "Ann", age: 3 }]));
  await finished(call("POST", "/indexes/novels/documents", [{ id: 7, author: [1, 2] }, { id: 8 }]));
  const path = "/indexes/novels/settings/foreign-keys";
  expect((await call("PUT", path, keys)).json).toMatchObject({ code: "feature_not_enabled" });
  await call("PATCH", "/experimental-features", { foreignKeys: true });
  const task = await finished(call("PUT", path, keys));
  expect(task).toMatchObject({ status: "succeeded", details: { foreignKeys: keys } });
  expect((await call("GET", path)).json).toEqual(keys);
  expect((await call("GET", "/indexes/novels/settings")).json).toMatchObject({ foreignKeys: keys });
  const filled = [{ id: 7, author: [{ id: 1, name: "Ann", age: 3 }, {}] }, { id: 8 }];
  expect(await hits("novels", {})).toEqual(filled);
  await finished(call("PUT", "/indexes/authors/settings/displayed-attributes", ["name"]));
  const shown = [{ id: 7, author: [{ name: "Ann" }, {}] }, { id: 8 }];
  const queries = [{ indexUid: "novels", q: "" }];
  expect((await call("POST", "/multi-search", { queries })).json).toMatchObject({
    results: [{ indexUid: "novels", hits: shown }],
  });
  expect((await call("POST", "/multi-search", { federation: {}, queries })).json).toMatchObject({
    hits: shown,
  });
  expect((await call("GET", "/indexes/novels/documents/7")).json).toEqual({
    id: 7,
    author: [1, 2],
  });
  const filter = { filter: "_foreign(author, name = Ann)" };
  expect((await call("POST", "/indexes/novels/search", filter)).json).toMatchObject({
    code: "miroir_not_supported",
  });
  await finished(call("PUT", path, [{ foreignIndexUid: "nowhere", fieldName: "author" }]));
  expect((await call("POST", "/indexes/novels/search", {})).json).toMatchObject({
    code: "index_not_found",
    message: "Index `nowhere` not found.",
  });
  expect((await call("POST", "/multi-search", { queries })).json).toMatchObject({
    message: "Inside `.queries[0]`: Index `nowhere` not found.",
  });
  await call("PATCH", "/experimental-features", { foreignKeys: false });
  expect(await hits("novels", {})).toEqual([{ id: 7, author: [1, 2] }, { id: 8 }]);
  const { json } = await call("GET", "/indexes/novels/settings");
  expect(json).not.toHaveProperty("foreignKeys");
});

test("the chat of an index is a setting that nodes do not need", async () => {
  await finished(call("POST", "/indexes/talks/documents", [{ id: 1 }]));
  const path = "/indexes/talks/settings/chat";
  expect((await call("PATCH", path, { description: "x" })).json).toMatchObject({
    code: "feature_not_enabled",
  });
  await call("PATCH", "/experimental-features", { chatCompletions: true });
  const searchParameters = { sort: ["a:asc"], limit: 3, hybrid: { embedder: "e" } };
  await finished(call("PATCH", path, { description: "x", searchParameters }));
  expect(JSON.stringify((await call("GET", path)).json)).toContain(
    '"documentTemplateMaxBytes":400,"searchParameters":{"hybrid":{"semanticRatio":0.5,"embedder":"e"},"limit":3,"sort":["a:asc"]}}',
  );
  await finished(call("PATCH", path, { searchParameters: { sort: null }, description: null }));
  expect((await call("GET", path)).json).toMatchObject({
    description: "",
    searchParameters: { limit: 3 },
  });
  await call("PATCH", "/experimental-features", { chatCompletions: false });
});
