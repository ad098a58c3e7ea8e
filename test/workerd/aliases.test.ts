/** Aliases as clients and operators meet them: reading, writing, flips, several indexes, keys. */
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";

import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";

import { call, finished, hits } from "./miroir.ts";

const admin = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  call(method, `/_miroir/${path}`, body, headers);
const codeOf = ({ json }: { json: unknown }) => (json as { code?: string }).code;
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });

async function lead(alias: string, ...indexes: readonly string[]): Promise<void> {
  expect(await admin("PUT", `aliases/${alias}`, { indexes })).toMatchObject({ status: 200 });
}

interface Key {
  readonly uid: string;
  readonly key: string;
}

async function keyFor(...indexes: readonly string[]): Promise<Key> {
  const made = await call("POST", "/keys", { actions: ["*"], indexes, expiresAt: null });
  expect(made.status).toBe(201);
  return made.json as Key;
}

function tokenOf({ uid, key }: Key, searchRules: unknown): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ apiKeyUid: uid, searchRules })}`;
  return `${signed}.${createHmac("sha256", key).update(signed).digest("base64url")}`;
}

const filterable = { filterableAttributes: ["genre", "tenant"], sortableAttributes: ["id"] };

beforeAll(async () => {
  for (const version of [1, 2]) {
    const documents = Array.from({ length: 30 }, (_, at) => ({
      id: at,
      title: `Film ${at}`,
      version,
      genre: at % 3 === 0 ? "noir" : "comedy",
      tenant: at % 2,
    }));
    await finished(call("POST", `/indexes/v${version}/documents`, documents));
    await finished(call("PATCH", `/indexes/v${version}/settings`, filterable));
  }
  await lead("films", "v1");
});

test("an alias is read like its index, under its own name", async () => {
  expect(await hits("films", { limit: 1 })).toMatchObject([{ version: 1 }]);
  const results = async (path: string, body?: unknown) =>
    (await call(body === undefined ? "GET" : "POST", path, body)).json;
  expect(await results("/indexes/films")).toMatchObject({ uid: "films", primaryKey: "id" });
  expect(await results("/indexes/films/documents/3")).toMatchObject({ id: 3, version: 1 });
  expect(await results("/indexes/films/documents?limit=2")).toMatchObject({ total: 30 });
  expect(await results("/indexes/films/documents/fetch", { ids: [4] })).toMatchObject({ total: 1 });
  expect(await results("/indexes/films/settings/sortable-attributes")).toEqual(["id"]);
  expect(await results("/indexes/films/stats")).toMatchObject({ numberOfDocuments: 30 });
  expect(await results("/indexes/films/facet-search", { facetName: "genre" })).toMatchObject({
    facetHits: [{ value: "comedy", count: 20 }, { value: "noir" }],
  });
  expect(
    await results("/multi-search", { queries: [{ indexUid: "films", limit: 1 }] }),
  ).toMatchObject({ results: [{ indexUid: "films", hits: [{ version: 1 }] }] });
  const federated = { federation: { limit: 1 }, queries: [{ indexUid: "films" }] };
  expect(await results("/multi-search", federated)).toMatchObject({
    hits: [{ _federation: { indexUid: "films", queriesPosition: 0 } }],
  });
});

test("lists of indexes show indexes only", async () => {
  const { json } = await call("GET", "/indexes");
  expect((json as { results: { uid: string }[] }).results.map(({ uid }) => uid)).toEqual([
    "v1",
    "v2",
  ]);
  expect((await admin("GET", "aliases")).json).toMatchObject({
    results: [{ name: "films", indexes: ["v1"], missing: [] }],
  });
});

test("writes go to the one index, their tasks by the name that was asked for", async () => {
  const task = await finished(call("POST", "/indexes/films/documents", [{ id: 900, version: 1 }]));
  expect(task).toMatchObject({ status: "succeeded", indexUid: "films" });
  expect((await call("GET", "/indexes/v1/documents/900")).status).toBe(200);
  expect((await call("GET", "/indexes/v2/documents/900")).status).toBe(404);
  const removed = await finished(call("DELETE", "/indexes/films/documents/900"));
  expect(removed.status).toBe("succeeded");
  expect((await call("GET", "/indexes/v1/documents/900")).status).toBe(404);
});

test("a flip is seen by every search that begins after its answer, and by none before it in part", async () => {
  let isOver = false;
  const seen: string[] = [];
  const searching = (async () => {
    while (!isOver) {
      const found = (await hits("films", { limit: 30 })) as { version: number }[];
      seen.push(found.map(({ version }) => version).join(""));
    }
  })();
  try {
    for (const version of [2, 1, 2, 1]) {
      await lead("films", `v${version}`);
      expect(await hits("films", { limit: 1 })).toMatchObject([{ version }]);
    }
  } finally {
    isOver = true;
    await searching;
  }
  expect(seen.length).toBeGreaterThan(0);
  for (const versions of seen) expect(versions).toMatch(/^(1{30}|2{30})$/);
}, 60_000);

test("another Worker's lease on the older names ends before the answer", async () => {
  const cluster = env.CLUSTER.getByName("cluster");
  const { leaseMs } = await cluster.snapshot("elsewhere", undefined);
  const grantedAt = Date.now();
  await lead("films", "v2");
  expect(Date.now() - grantedAt).toBeGreaterThanOrEqual(leaseMs - 50);
  await lead("films", "v1");
}, 30_000);

test("blue and green change places at one moment", async () => {
  await lead("next", "v2");
  const swapped = await admin("PATCH", "aliases", { films: ["v2"], next: ["v1"] });
  expect(swapped.json).toMatchObject({
    results: [
      { name: "films", indexes: ["v2"] },
      { name: "next", indexes: ["v1"] },
    ],
  });
  expect(await hits("films", { limit: 1 })).toMatchObject([{ version: 2 }]);
  expect((await admin("PATCH", "aliases", { films: ["v1"], next: null })).status).toBe(200);
  expect(codeOf(await call("POST", "/indexes/next/search", {}))).toBe("index_not_found");
});

test("an alias of several indexes is searched as one federated list", async () => {
  await lead("both", "v1", "v2");
  const search = async (query: object) => (await call("POST", "/indexes/both/search", query)).json;
  const first = await search({ q: "film", sort: ["id:asc"], limit: 3, facets: ["genre"] });
  expect(first).toMatchObject({
    hits: [
      { id: 0, version: 1, _federation: { indexUid: "v1" } },
      { id: 0, version: 2, _federation: { indexUid: "v2" } },
      { id: 1, version: 1 },
    ],
    query: "film",
    estimatedTotalHits: 60,
    facetDistribution: { genre: { comedy: 40, noir: 20 } },
    facetStats: {},
  });
  const pages: unknown[] = [];
  for (let page = 1; page <= 6; page += 1) {
    const answer = (await search({ q: "film", sort: ["id:asc"], page, hitsPerPage: 10 })) as {
      hits: { id: number; version: number }[];
      totalPages: number;
      totalHits: number;
    };
    expect([answer.totalHits, answer.totalPages]).toEqual([60, 6]);
    pages.push(...answer.hits.map(({ id, version }) => `${id}/${version}`));
  }
  expect(pages).toEqual(Array.from({ length: 60 }, (_, at) => `${at >> 1}/${1 + (at % 2)}`));
  const facets = await call("POST", "/indexes/both/facet-search", { facetName: "genre" });
  expect(facets.json).toMatchObject({
    facetHits: [
      { value: "comedy", count: 40 },
      { value: "noir", count: 20 },
    ],
  });
  const multi = await call("POST", "/multi-search", {
    queries: [
      { indexUid: "both", limit: 1 },
      { indexUid: "v2", limit: 1 },
    ],
  });
  expect(multi.json).toMatchObject({
    results: [{ indexUid: "both", estimatedTotalHits: 60 }, { indexUid: "v2" }],
  });
  const federated = await call("POST", "/multi-search", {
    federation: { facetsByIndex: { both: ["genre"] }, mergeFacets: {}, limit: 1000 },
    queries: [
      { indexUid: "v1", q: "film 1" },
      { indexUid: "both", q: "film" },
    ],
  });
  const found = (federated.json as { hits: { _federation: { queriesPosition: number } }[] }).hits;
  expect(found).toHaveLength(60);
  expect(new Set(found.map((hit) => hit._federation.queriesPosition))).toEqual(new Set([0, 1]));
  expect(federated.json).toMatchObject({ facetDistribution: { genre: { comedy: 40, noir: 20 } } });
});

test.for<[string, string, unknown]>([
  ["POST", "/indexes/both/documents", [{ id: 1 }]],
  ["DELETE", "/indexes/both/documents/1", undefined],
  ["PATCH", "/indexes/both/settings", { sortableAttributes: [] }],
  ["GET", "/indexes/both/settings", undefined],
  ["GET", "/indexes/both/documents", undefined],
  ["GET", "/indexes/both/stats", undefined],
  ["GET", "/indexes/both", undefined],
  ["DELETE", "/indexes/films", undefined],
  ["PATCH", "/indexes/films", { uid: "other" }],
  ["POST", "/swap-indexes", [{ indexes: ["films", "v2"] }]],
])("refused by an alias: %s %s", async ([method, path, body]) => {
  const refused = await call(method, path, body);
  expect([refused.status, codeOf(refused)]).toEqual([400, "miroir_alias_refused"]);
  expect(refused.json).toMatchObject({ type: "invalid_request", link: expect.any(String) });
});

test("no index gets an alias' name, and no alias an index's", async () => {
  const created = await call("POST", "/indexes", { uid: "films" });
  expect([created.status, codeOf(created)]).toEqual([409, "index_already_exists"]);
  const renamed = await call("PATCH", "/indexes/v2", { uid: "films" });
  expect([renamed.status, codeOf(renamed)]).toEqual([409, "index_already_exists"]);
  const named = await admin("PUT", "aliases/v1", { indexes: ["v2"] });
  expect([named.status, codeOf(named)]).toEqual([409, "miroir_topology_conflict"]);
});

test.for<[string, string, unknown, number, string]>([
  ["PUT", "aliases/new", { indexes: ["none"] }, 404, "index_not_found"],
  ["PUT", "aliases/new", { indexes: [] }, 400, "bad_request"],
  ["PUT", "aliases/new", { indexes: ["v1", "v1"] }, 400, "bad_request"],
  ["PUT", "aliases/n%20w", { indexes: ["v1"] }, 400, "invalid_index_uid"],
  ["PUT", "aliases/new", { indexes: ["films"] }, 409, "miroir_topology_conflict"],
  ["DELETE", "aliases/none", undefined, 404, "miroir_alias_not_found"],
])("%s %s %j: %i", async ([method, path, body, status, code]) => {
  const refused = await admin(method, path, body);
  expect([refused.status, codeOf(refused)]).toEqual([status, code]);
});

test("the OpenAPI document has the routes of aliases", async () => {
  const { json } = await admin("GET", "openapi.json");
  const { paths } = json as { paths: Record<string, object> };
  expect(Object.keys(paths["/_miroir/aliases"] ?? {})).toEqual(["get", "patch"]);
  expect(Object.keys(paths["/_miroir/aliases/{alias}"] ?? {})).toEqual(["put", "delete"]);
});

test("a flip on an epoch that is over is refused", async () => {
  const etag = (await admin("GET", "aliases")).headers.get("ETag") ?? "";
  const flip = async () =>
    await admin("PUT", "aliases/films", { indexes: ["v1"] }, { "If-Match": etag });
  expect((await flip()).status).toBe(200);
  expect(codeOf(await flip())).toBe("miroir_topology_conflict");
});

test("keys are asked about the name that is used, and not about the index behind it", async () => {
  const forAlias = bearer((await keyFor("films")).key);
  expect((await call("POST", "/indexes/films/search", {}, forAlias)).status).toBe(200);
  expect(codeOf(await call("POST", "/indexes/v1/search", {}, forAlias))).toBe("invalid_api_key");
  const written = await call("POST", "/indexes/films/documents", [{ id: 901 }], forAlias);
  const { taskUid } = written.json as { taskUid: number };
  expect((await call("GET", `/tasks/${taskUid}`, undefined, forAlias)).status).toBe(200);
  await finished(call("DELETE", "/indexes/v1/documents/901"));
  const forIndex = bearer((await keyFor("v1")).key);
  expect(codeOf(await call("POST", "/indexes/films/search", {}, forIndex))).toBe("invalid_api_key");
});

test.for<[string, unknown, number[] | undefined]>([
  ["the alias' rule", { films: { filter: "tenant = 1" } }, [1]],
  ["the rule of the index behind it", { "*": null, v1: { filter: "tenant = 0" } }, [0]],
  ["both", { films: { filter: "tenant = 1" }, v1: { filter: "tenant = 0" } }, []],
  ["no rule for the alias", { v1: null }, undefined],
])("a tenant token: %s", async ([, rules, tenants]) => {
  const headers = bearer(tokenOf(await keyFor("*"), rules));
  const answer = await call("POST", "/indexes/films/search", { limit: 50 }, headers);
  if (tenants === undefined) {
    expect(codeOf(answer)).toBe("invalid_api_key");
    return;
  }
  const found = (answer.json as { hits: { tenant: number }[] }).hits;
  expect([...new Set(found.map(({ tenant }) => tenant))]).toEqual(tenants);
  const queries = [{ indexUid: "films", limit: 50 }];
  const multi = await call("POST", "/multi-search", { queries }, headers);
  expect(multi.json).toMatchObject({ results: [{ hits: { length: found.length } }] });
});

test("each index of an alias of several has the token's rule for it as well", async () => {
  const rules = { both: null, v1: { filter: "tenant = 0" } };
  const headers = bearer(tokenOf(await keyFor("*"), rules));
  for (const [path, body] of [
    ["/indexes/both/search", { limit: 100 }],
    ["/multi-search", { federation: { limit: 100 }, queries: [{ indexUid: "both" }] }],
  ] as const) {
    const answer = await call("POST", path, body, headers);
    const found = (answer.json as { hits: { tenant: number; version: number }[] }).hits;
    expect(found.filter(({ version }) => version === 1).every(({ tenant }) => tenant === 0)).toBe(
      true,
    );
    expect(found).toHaveLength(45);
  }
});

test("without its index an alias leads nowhere, and makes none", async () => {
  await finished(call("POST", "/indexes/short/documents", [{ id: 1 }]));
  await lead("brief", "short");
  await lead("wide", "short", "v2");
  await finished(call("DELETE", "/indexes/short"));
  expect((await admin("GET", "aliases")).json).toMatchObject({
    results: expect.arrayContaining([
      { name: "brief", indexes: ["short"], missing: ["short"] },
      { name: "wide", indexes: ["short", "v2"], missing: ["short"] },
    ]),
  });
  expect(codeOf(await call("POST", "/indexes/brief/search", {}))).toBe("index_not_found");
  expect(codeOf(await call("POST", "/indexes/wide/search", {}))).toBe("index_not_found");
  for (const write of [
    call("POST", "/indexes/brief/documents", [{ id: 1 }]),
    call("PATCH", "/indexes/brief/settings", { sortableAttributes: ["id"] }),
  ]) {
    expect(await finished(write)).toMatchObject({
      status: "failed",
      error: { code: "index_not_found", message: "Index `brief` not found." },
    });
  }
  await finished(call("POST", "/indexes/short/documents", [{ id: 2 }]));
  expect(await hits("brief", {})).toEqual([{ id: 2 }]);
});

test("a swap of indexes is a flip of what their aliases stand for", async () => {
  await finished(call("POST", "/swap-indexes", [{ indexes: ["v1", "v2"] }]));
  expect(await hits("films", { limit: 1 })).toMatchObject([{ version: 2 }]);
  await finished(call("POST", "/swap-indexes", [{ indexes: ["v1", "v2"] }]));
});

test("an index asked for by two names in one federated search shows its documents once", async () => {
  const ask = (names: readonly string[], over: object = {}) =>
    call("POST", "/multi-search", {
      federation: { limit: 100, ...over },
      queries: [
        { indexUid: names[0], q: "film", filter: "genre = noir" },
        { indexUid: names[1], q: "film", federationOptions: { weight: 0.5 } },
      ],
    });
  interface Answer {
    readonly hits: readonly { readonly id: number; readonly _federation: { indexUid: string } }[];
    readonly estimatedTotalHits: number;
    readonly facetsByIndex?: Record<string, unknown>;
    readonly facetDistribution?: unknown;
  }
  const [own, both] = await Promise.all(
    [
      ["v1", "v1"],
      ["films", "v1"],
    ].map(async (names) => (await ask(names)).json as Answer),
  );
  expect(both?.estimatedTotalHits).toBe(30);
  expect(both?.hits.map(({ id }) => id)).toEqual(own?.hits.map(({ id }) => id));
  expect(both?.hits.map(({ _federation }) => _federation.indexUid)).toEqual([
    ...Array.from({ length: 10 }, () => "films"),
    ...Array.from({ length: 20 }, () => "v1"),
  ]);
  const genres = { comedy: 20, noir: 10 };
  const facetsByIndex = { films: ["genre"], v1: ["genre"] };
  const found = (await ask(["films", "v1"], { facetsByIndex })).json as Answer;
  expect(found.facetsByIndex).toMatchObject({
    films: { distribution: { genre: genres } },
    v1: { distribution: { genre: genres } },
  });
  const merged = (await ask(["films", "v1"], { facetsByIndex, mergeFacets: {} })).json as Answer;
  expect(merged.facetDistribution).toEqual({ genre: genres });
});
