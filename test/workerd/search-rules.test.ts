import { beforeAll, expect, test } from "vitest";

import { call, finished, hits } from "./miroir.ts";

const DOCUMENTS = [
  { id: 1, title: "red shoe", kind: "a" },
  { id: 2, title: "blue shoe", kind: "a" },
  { id: 3, title: "red hat", kind: "b" },
  { id: 4, title: "green hat", kind: "b" },
  { id: 5, title: "red scarf", kind: "c" },
];

const pin = (id: string, position: number, indexUid?: string) => ({
  selector: { id, ...(indexUid === undefined ? {} : { indexUid }) },
  action: { type: "pin", position },
});

async function ids(body: object): Promise<readonly unknown[]> {
  return (await hits("pins", body)).map((hit) => (hit as { id: unknown }).id);
}

async function only(rule: object): Promise<void> {
  await finished(call("DELETE", "/dynamic-search-rules"));
  await finished(call("PATCH", "/dynamic-search-rules/only", rule));
}

beforeAll(async () => {
  await finished(call("POST", "/indexes/pins/documents", DOCUMENTS));
  await finished(call("PATCH", "/indexes/pins/settings", { filterableAttributes: ["kind"] }));
  await call("PATCH", "/experimental-features", { dynamicSearchRules: true });
});

test("a rule is made, shown, listed, changed and deleted, each by a task", async () => {
  const body = { description: "Sale", precedence: 1, actions: [pin("4", 0, "pins")] };
  const made = await finished(call("PATCH", "/dynamic-search-rules/sale?customMetadata=x", body));
  expect(made).toMatchObject({
    indexUid: ".meili_dsr",
    type: "dsrUpdate",
    status: "succeeded",
    details: { rule: body, updatedRules: 1 },
    customMetadata: "x",
  });
  const shown = (await call("GET", "/dynamic-search-rules/sale")).json;
  expect(shown).toMatchObject({ uid: "sale", active: true, conditions: {}, ...body });
  await finished(call("PATCH", "/dynamic-search-rules/other", { active: false }));
  const list = await call("POST", "/dynamic-search-rules", {});
  expect(list.json).toMatchObject({ results: [{ uid: "other" }, { uid: "sale" }], total: 2 });
  const found = await call("POST", "/dynamic-search-rules", { filter: { query: "sale" } });
  expect(found.json).toMatchObject({ results: [{ uid: "sale" }], total: 1 });
  expect(await finished(call("DELETE", "/dynamic-search-rules/sale"))).toMatchObject({
    type: "dsrUpdate",
    details: { updatedRules: 1 },
  });
  expect((await call("GET", "/dynamic-search-rules/sale")).json).toMatchObject({
    code: "dynamic_search_rule_not_found",
  });
  expect(await finished(call("DELETE", "/dynamic-search-rules"))).toMatchObject({
    type: "dsrClear",
    details: { deletedDocuments: 1 },
  });
});

test("a document is pinned at once when the task is over, whether it matches or not", async () => {
  await only({ actions: [pin("4", 1), pin("99", 0)] });
  expect(await ids({ q: "red" })).toEqual([
    expect.anything(),
    4,
    ...Array(2).fill(expect.anything()),
  ]);
  const { json } = await call("POST", "/indexes/pins/search", { q: "red", facets: ["kind"] });
  expect(json).toMatchObject({
    estimatedTotalHits: 4,
    facetDistribution: { kind: { a: 1, b: 2, c: 1 } },
  });
});

test("a pinned hit tells where it was pinned in the place of its score", async () => {
  await only({ actions: [pin("2", 0)] });
  const search = {
    q: "red",
    limit: 1,
    showRankingScore: true,
    showRankingScoreDetails: true,
    attributesToHighlight: ["title"],
  };
  expect(await hits("pins", search)).toEqual([
    {
      ...DOCUMENTS[1],
      _formatted: { id: "2", title: "blue shoe", kind: "a" },
      _rankingScore: 1,
      _rankingScoreDetails: { pin: { order: 0, position: 0 } },
    },
  ]);
});

test("a pinned document that the filter leaves out stays out", async () => {
  await only({ actions: [pin("4", 0)] });
  expect(await ids({ filter: "kind = a" })).toHaveLength(2);
  expect((await ids({ filter: "kind = b" }))[0]).toBe(4);
});

test("a federated search shows what each of its queries pins", async () => {
  await only({ conditions: { query: { words: "red" } }, actions: [pin("4", 0, "pins")] });
  const queries = [
    { indexUid: "pins", q: "red" },
    { indexUid: "pins", q: "blue" },
  ];
  const { json } = await call("POST", "/multi-search", { federation: {}, queries });
  expect(json).toMatchObject({
    estimatedTotalHits: 5,
    hits: [{ id: 4, _federation: { queriesPosition: 0, weightedRankingScore: 1 } }, {}, {}, {}, {}],
  });
});

test("nothing is pinned while the feature is off", async () => {
  await only({ actions: [pin("4", 0)] });
  await call("PATCH", "/experimental-features", { dynamicSearchRules: false });
  expect(await ids({ q: "red" })).not.toContain(4);
  expect((await call("DELETE", "/dynamic-search-rules")).json).toMatchObject({
    code: "feature_not_enabled",
  });
  await call("PATCH", "/experimental-features", { dynamicSearchRules: true });
  expect((await ids({ q: "red" }))[0]).toBe(4);
});
