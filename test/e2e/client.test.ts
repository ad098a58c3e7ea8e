/**
 * The official npm client over three embedded nodes with two replicas: what an application does with
 * one Meilisearch, done with Miroir, through nothing but that client.
 */
import { Meilisearch } from "meilisearch";
import { generateTenantToken } from "meilisearch/token";
import { afterAll, beforeAll, expect, test } from "vitest";

import { startFleet, type RunningFleet } from "./fleet.ts";

interface Item {
  readonly id: number;
  readonly name: string;
  readonly brand: string;
  readonly price: number;
  readonly _vectors?: { readonly v: readonly number[] };
}

const WAIT = { timeout: 60_000, interval: 20 };
const BRANDS = ["Acme", "Globex", "Initech"] as const;
const ITEMS: readonly Item[] = Array.from({ length: 60 }, (_, id) => ({
  id,
  name: id % 2 === 0 ? `running shoe ${id}` : `rain jacket ${id}`,
  brand: BRANDS[id % 3] ?? "Acme",
  price: 100 - id,
  _vectors: { v: [Math.cos(id / 10), Math.sin(id / 10)] },
}));

let fleet: RunningFleet | undefined;
let client = new Meilisearch({ host: "http://127.0.0.1" });

beforeAll(async () => {
  fleet = await startFleet({ nodeCount: 3, replicationFactor: 2, program: undefined });
  client = new Meilisearch({ host: fleet.url, apiKey: fleet.key });
  await client.createIndex("items", { primaryKey: "id" }).waitTask(WAIT);
  const settings = await client
    .index("items")
    .updateSettings({
      searchableAttributes: ["name", "brand"],
      filterableAttributes: ["brand", "price", "id"],
      sortableAttributes: ["price"],
      embedders: { v: { source: "userProvided", dimensions: 2 } },
    })
    .waitTask(WAIT);
  expect(settings.status).toBe("succeeded");
  const added = await client
    .index("items")
    .addDocuments([...ITEMS])
    .waitTask(WAIT);
  expect(added).toMatchObject({ status: "succeeded", details: { indexedDocuments: 60 } });
});
afterAll(async () => {
  await fleet?.stop();
});

const items = () => client.index<Item>("items");
const idsOf = (hits: readonly { readonly id: number }[]) => hits.map(({ id }) => id);

test("search: typos, filters, facets, sort, pages, highlights", async () => {
  const found = await items().search("runing sheo", {
    filter: "brand = Acme AND price > 40",
    sort: ["price:asc"],
    facets: ["brand"],
    attributesToHighlight: ["name"],
    limit: 2,
  });
  expect(idsOf(found.hits)).toEqual([54, 48]);
  expect(found.hits[0]?._formatted?.name).toContain("<em>");
  expect(found.estimatedTotalHits).toBe(10);
  expect(found.facetDistribution).toEqual({ brand: { Acme: 10 } });
  const page = await items().search("jacket", { page: 2, hitsPerPage: 8, sort: ["price:desc"] });
  expect(page).toMatchObject({ totalHits: 30, totalPages: 4, page: 2 });
  expect(idsOf(page.hits)).toEqual([17, 19, 21, 23, 25, 27, 29, 31]);
});

test("facet search, hybrid search, similar documents", async () => {
  const facets = await items().searchForFacetValues({ facetName: "brand", facetQuery: "glo" });
  expect(facets.facetHits).toEqual([{ value: "Globex", count: 20 }]);
  const hybrid = await items().search("", {
    vector: [1, 0],
    hybrid: { embedder: "v", semanticRatio: 1 },
    limit: 3,
  });
  expect(idsOf(hybrid.hits)).toEqual([0, 1, 2]);
  const similar = await items().searchSimilarDocuments({ id: 20, embedder: "v", limit: 2 });
  expect(new Set(idsOf(similar.hits as Item[]))).toEqual(new Set([19, 21]));
});

test("multi-search and federation", async () => {
  await client
    .index("notes")
    .addDocuments([{ id: 1, text: "a shoe note" }])
    .waitTask(WAIT);
  const queries = [
    { indexUid: "items", q: "shoe", limit: 1 },
    { indexUid: "notes", q: "shoe" },
  ];
  const { results } = await client.multiSearch({ queries });
  expect(results.map(({ indexUid, hits }) => [indexUid, hits.length])).toEqual([
    ["items", 1],
    ["notes", 1],
  ]);
  const federated = await client.multiSearch({
    federation: { limit: 40, facetsByIndex: { items: ["brand"] } },
    queries: [
      { indexUid: "items", q: "shoe" },
      { indexUid: "notes", q: "shoe", federationOptions: { weight: 2 } },
    ],
  });
  expect(federated.hits).toHaveLength(31);
  expect(federated.hits[0]?._federation).toMatchObject({ indexUid: "notes", queriesPosition: 1 });
  expect(federated.facetsByIndex?.["items"]?.distribution).toEqual({
    brand: { Acme: 10, Globex: 10, Initech: 10 },
  });
});

test("documents: get, fetch, update, delete in every way", async () => {
  const index = client.index<{ id: number; a?: string; n?: number }>("papers");
  const rows = Array.from({ length: 30 }, (_, id) => ({ id, n: id }));
  await Promise.all(index.addDocumentsInBatches(rows, 10).map((batch) => batch.waitTask(WAIT)));
  await Promise.all(
    index.updateDocumentsInBatches([{ id: 3, a: "x" }], 10).map((batch) => batch.waitTask(WAIT)),
  );
  await index.updateFilterableAttributes(["n"]).waitTask(WAIT);
  expect(await index.getDocument(3)).toEqual({ id: 3, n: 3, a: "x" });
  const page = await index.getDocuments({ filter: "n >= 10", limit: 3, fields: ["id"] });
  expect(page).toEqual({
    results: [{ id: 10 }, { id: 11 }, { id: 12 }],
    offset: 0,
    limit: 3,
    total: 20,
  });
  await index
    .addDocumentsFromString('{"id":100}\n{"id":101}', "application/x-ndjson")
    .waitTask(WAIT);
  await index.addDocumentsFromString("id,a\n102,csv", "text/csv").waitTask(WAIT);
  await index.deleteDocument(100).waitTask(WAIT);
  await index.deleteDocuments([101, 102]).waitTask(WAIT);
  const byFilter = await index.deleteDocuments({ filter: "n < 10" }).waitTask(WAIT);
  expect(byFilter).toMatchObject({ details: { deletedDocuments: 10 } });
  expect((await index.getStats()).numberOfDocuments).toBe(20);
  const all = await index.deleteAllDocuments().waitTask(WAIT);
  expect(all).toMatchObject({ status: "succeeded", details: { deletedDocuments: 20 } });
  const wrong = await index.addDocuments([{ id: "not an id" } as never]).waitTask(WAIT);
  expect(wrong).toMatchObject({ status: "failed", error: { code: "invalid_document_id" } });
});

test("settings: one by one and reset; tasks and batches: lists, filters, cancelation, deletion", async () => {
  const index = client.index("settled");
  await client.createIndex("settled").waitTask(WAIT);
  const synonyms = { tv: ["television"] };
  const set = await index.updateSynonyms(synonyms).waitTask(WAIT);
  expect(set).toMatchObject({ type: "settingsUpdate", details: { synonyms } });
  expect(await index.getSynonyms()).toEqual(synonyms);
  await index.resetSynonyms().waitTask(WAIT);
  expect(await index.getSynonyms()).toEqual({});
  const { results, total } = await client.tasks.getTasks({
    indexUids: ["settled"],
    types: ["settingsUpdate"],
    limit: 1,
  });
  expect(total).toBe(2);
  expect(results).toMatchObject([{ indexUid: "settled", status: "succeeded" }]);
  const batch = await client.batches.getBatch(set.batchUid ?? -1);
  expect(batch).toMatchObject({ uid: set.batchUid });
  const canceled = await client.tasks.cancelTasks({ uids: [set.uid] }).waitTask(WAIT);
  expect(canceled).toMatchObject({ details: { matchedTasks: 1, canceledTasks: 0 } });
  const deleted = await client.tasks.deleteTasks({ uids: [set.uid] }).waitTask(WAIT);
  expect(deleted).toMatchObject({ details: { deletedTasks: 1 } });
  await expect(client.tasks.getTask(set.uid)).rejects.toMatchObject({
    cause: { code: "task_not_found" },
  });
});

test("indexes: swap, rename together with a primary key, list, delete", async () => {
  await client
    .index("blue")
    .addDocuments([{ id: 1, c: "blue" }])
    .waitTask(WAIT);
  await client
    .index("green")
    .addDocuments([{ id: 1, c: "green" }])
    .waitTask(WAIT);
  await client.swapIndexes([{ indexes: ["blue", "green"], rename: false }]).waitTask(WAIT);
  expect((await client.index("blue").search("")).hits).toEqual([{ id: 1, c: "green" }]);
  await client.createIndex("plain").waitTask(WAIT);
  const renamed = await client
    .updateIndex("plain", { uid: "named", primaryKey: "sku" })
    .waitTask(WAIT);
  expect(renamed).toMatchObject({
    status: "succeeded",
    details: { primaryKey: "sku", oldIndexUid: "plain", newIndexUid: "named" },
  });
  expect(await client.getRawIndex("named")).toMatchObject({ primaryKey: "sku" });
  await client.deleteIndex("named").waitTask(WAIT);
  const { results } = await client.getIndexes({ limit: 100 });
  const uids = results.map(({ uid }) => uid);
  expect(uids).toContain("blue");
  expect(uids).not.toContain("named");
});

test("keys and tenant tokens reach what they allow, and nothing else", async () => {
  const key = await client.createKey({
    actions: ["search"],
    indexes: ["items"],
    expiresAt: null,
  });
  const host = fleet?.url ?? "";
  const searcher = new Meilisearch({ host, apiKey: key.key });
  expect((await searcher.index("items").search("shoe")).hits.length).toBeGreaterThan(0);
  await expect(searcher.index("blue").search("")).rejects.toMatchObject({
    cause: { code: "invalid_api_key" },
  });
  await expect(searcher.getStats()).rejects.toMatchObject({ cause: { code: "invalid_api_key" } });
  const token = await generateTenantToken({
    apiKey: key.key,
    apiKeyUid: key.uid,
    searchRules: { items: { filter: "brand = Globex" } },
  });
  const tenant = new Meilisearch({ host, apiKey: token });
  const seen = await tenant.index<Item>("items").search("", { limit: 100 });
  expect(new Set(seen.hits.map(({ brand }) => brand))).toEqual(new Set(["Globex"]));
  await client.deleteKey(key.uid);
  await expect(tenant.index("items").search("")).rejects.toMatchObject({
    cause: { code: "invalid_api_key" },
  });
});
