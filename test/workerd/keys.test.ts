import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";

import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { TopologyLease } from "../../worker/cluster/topology-lease.ts";
import { KEY_MISS_BELIEVED_MS } from "../../worker/core/limits.ts";
import { call, finished, KEY } from "./miroir.ts";

interface Key {
  readonly uid: string;
  readonly key: string;
  readonly name: string | null;
}

const PERMANENT = { actions: ["search"], indexes: ["*"], expiresAt: null };
const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
const secretOf = (uid: string) => createHmac("sha256", KEY).update(uid).digest("hex");

async function create(part: object = {}): Promise<Key> {
  const { status, json } = await call("POST", "/keys", { ...PERMANENT, ...part });
  expect(status).toBe(201);
  return json as Key;
}

function tokenOf({ uid, key }: Key, searchRules: unknown, hash = "256"): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${part({ alg: `HS${hash}`, typ: "JWT" })}.${part({ apiKeyUid: uid, searchRules })}`;
  return `${signed}.${createHmac(`sha${hash}`, key).update(signed).digest("base64url")}`;
}

const results = async (path: string, token = KEY) =>
  ((await call("GET", path, undefined, bearer(token))).json as { results: unknown[] }).results;

test("the default keys are there from the start, and work", async () => {
  const { json } = await call("GET", "/keys?limit=1000");
  const { results: keys } = json as { results: Key[] };
  expect(keys.slice(-4).map(({ name }) => name)).toEqual([
    "Default Search API Key",
    "Default Admin API Key",
    "Default Read-Only Admin API Key",
    "Default Chat API Key",
  ]);
  for (const { uid, key } of keys) expect(key).toBe(secretOf(uid));
  const admin = keys.find(({ name }) => name === "Default Admin API Key");
  const answer = await call("GET", "/version", undefined, bearer(admin?.key ?? ""));
  expect(answer.status).toBe(200);
});

test("a key is created, found by uid and by key, renamed, and gone", async () => {
  const uid = "6062abda-a5aa-4414-ac91-ecd7944c0f8d";
  const expiresAt = "2050-01-01T00:00:00.5+02:00";
  const created = await call("POST", "/keys", { ...PERMANENT, uid: uid.toUpperCase(), expiresAt });
  expect(created).toMatchObject({
    status: 201,
    json: { name: null, description: null, key: secretOf(uid), uid, ...PERMANENT, expiresAt },
  });
  expect(Object.keys(created.json as object)).toEqual([
    "name",
    "description",
    "key",
    "uid",
    "actions",
    "indexes",
    "expiresAt",
    "createdAt",
    "updatedAt",
  ]);
  expect(await call("POST", "/keys", { ...PERMANENT, uid })).toMatchObject({
    status: 409,
    json: {
      code: "api_key_already_exists",
      message: `\`uid\` field value \`${uid}\` is already an existing API key.`,
    },
  });
  for (const named of [uid, secretOf(uid), secretOf(uid).toUpperCase(), `urn:uuid:${uid}`]) {
    expect((await call("GET", `/keys/${named}`)).text).toBe(created.text);
  }
  const renamed = await call("PATCH", `/keys/${secretOf(uid)}`, { name: "n" });
  expect(renamed).toMatchObject({ status: 200, json: { name: "n", description: null, expiresAt } });
  expect(await call("DELETE", `/keys/${secretOf(uid)}`)).toMatchObject({ status: 204, text: "" });
  for (const method of ["GET", "DELETE"]) {
    expect(await call(method, `/keys/${uid}`)).toMatchObject({
      status: 404,
      json: { code: "api_key_not_found", message: `API key \`${uid}\` not found.` },
    });
  }
  expect((await call("PATCH", "/keys/nope", {})).json).toMatchObject({
    message: "API key `nope` not found.",
  });
});

test("the list is paged, newest first", async () => {
  const names = ["first", "second", "third"];
  for (const name of names) await create({ name });
  const { json } = await call("GET", "/keys?offset=1&limit=2");
  const page = json as { results: Key[]; offset: number; limit: number; total: number };
  expect(page.results.map(({ name }) => name)).toEqual(["second", "first"]);
  expect(page).toMatchObject({ offset: 1, limit: 2 });
  expect(page.total).toBeGreaterThanOrEqual(7);
});

test("a key stops at its expiry", async () => {
  const { key } = await create({ expiresAt: new Date(Date.now() + 400).toISOString() });
  const search = async () => (await call("POST", "/indexes/none/search", {}, bearer(key))).status;
  expect(await search()).toBe(404);
  await expect.poll(search).toBe(403);
});

test("a deleted key is refused by every isolate once its deletion is answered", async () => {
  const { uid, key } = await create();
  const cluster = env.CLUSTER.getByName("cluster");
  expect((await call("GET", "/indexes/none/search", undefined, bearer(key))).status).toBe(404);
  const elsewhere = "another isolate's lease";
  await cluster.snapshot(elsewhere, undefined);
  let isAnswered = false;
  const deletion = call("DELETE", `/keys/${uid}`).then((answer) => {
    isAnswered = true;
    return answer;
  });
  await expect
    .poll(async () => (await cluster.keys()).some((known) => known.uid === uid))
    .toBe(false);
  expect(isAnswered).toBe(false);
  await cluster.releaseLease(elsewhere);
  expect((await deletion).status).toBe(204);
  expect((await call("GET", "/indexes/none/search", undefined, bearer(key))).status).toBe(403);
});

test("a created key is known to every isolate once its creation is answered", async () => {
  const cluster = () => env.CLUSTER.getByName("cluster");
  const elsewhere = new TopologyLease();
  await elsewhere.keys(cluster);
  const { uid } = await create();
  const known = async (maxAgeMs?: number) =>
    (await elsewhere.keys(cluster, maxAgeMs)).some((key) => key.uid === uid);
  expect(await known(KEY_MISS_BELIEVED_MS)).toBe(true);
  expect(await known()).toBe(true);
  const released = elsewhere.drop();
  if (released !== undefined) await cluster().releaseLease(released);
});

test("a key of some indexes sees those alone", async () => {
  for (const uid of ["shop-a", "shop-b", "other"])
    await finished(call("POST", "/indexes", { uid }));
  const actions = ["indexes.get", "stats.get", "tasks.get", "indexes.create"];
  const { key } = await create({ actions, indexes: ["shop*"] });
  expect(await results("/indexes", key)).toMatchObject([{ uid: "shop-a" }, { uid: "shop-b" }]);
  const { json } = await call("GET", "/stats", undefined, bearer(key));
  expect(Object.keys((json as { indexes: object }).indexes)).toEqual(["shop-a", "shop-b"]);
  const tasks = (await results("/tasks?limit=100", key)) as { uid: number; indexUid: string }[];
  expect(new Set(tasks.map(({ indexUid }) => indexUid))).toEqual(new Set(["shop-a", "shop-b"]));
  const [foreign] = (await results("/tasks?indexUids=other")) as { uid: number }[];
  expect((await call("GET", `/tasks/${foreign?.uid}`, undefined, bearer(key))).json).toMatchObject({
    code: "task_not_found",
  });
  expect((await call("GET", `/tasks/${tasks[0]?.uid}`, undefined, bearer(key))).status).toBe(200);
  expect((await call("GET", "/indexes/other", undefined, bearer(key))).json).toMatchObject({
    message: 'The API key cannot acces the index `other`, authorized indexes are ["shop*"].',
  });
  expect(await call("POST", "/indexes", { uid: "other2" }, bearer(key))).toMatchObject({
    status: 403,
    json: { code: "invalid_api_key", message: "The provided API key is invalid." },
  });
});

test.for([
  ["POST", "/documents", [{ id: 1 }], "documents.add"],
  ["PATCH", "/settings", { stopWords: ["a"] }, "settings.update"],
] as const)("%s %s brings an index into being only with indexes.create", async (row) => {
  const [method, path, body, action] = row;
  for (const [uid, actions, status] of [
    [`un${action.slice(0, 4)}`, [action], "failed"],
    [`ok${action.slice(0, 4)}`, [action, "indexes.create"], "succeeded"],
  ] as const) {
    const { key } = await create({ actions });
    const task = await finished(call(method, `/indexes/${uid}${path}`, body, bearer(key)));
    expect(task.status).toBe(status);
    if (status === "failed") expect(task.error).toMatchObject({ code: "index_not_found" });
    expect((await call("GET", `/indexes/${uid}`)).status).toBe(status === "failed" ? 404 : 200);
  }
});

test("a large payload without indexes.create leaves nothing behind", async () => {
  const { key } = await create({ actions: ["documents.add"] });
  const documents = Array.from({ length: 3000 }, (_, id) => ({ id, text: "x".repeat(1000) }));
  const task = await finished(call("POST", "/indexes/unmade/documents", documents, bearer(key)));
  expect(task).toMatchObject({
    status: "failed",
    details: { receivedDocuments: 3000, indexedDocuments: 0 },
    error: { code: "index_not_found" },
  });
  expect((await call("GET", "/indexes/unmade")).status).toBe(404);
});

test("a tenant token searches within its rules, on every search route", async () => {
  await finished(
    call("POST", "/indexes/rent/documents", [
      { id: 1, who: "ann", kind: "a" },
      { id: 2, who: "bob", kind: "a" },
      { id: 3, who: "bob", kind: "b" },
    ]),
  );
  await finished(call("PUT", "/indexes/rent/settings/filterable-attributes", ["who", "kind"]));
  const key = await create({ indexes: ["re*"] });
  for (const hash of ["256", "384", "512"]) {
    const token = bearer(tokenOf(key, { rent: { filter: "who = bob" } }, hash));
    const ids = async (query: object) =>
      (
        (await call("POST", "/indexes/rent/search", query, token)).json as {
          hits: { id: number }[];
        }
      ).hits
        .map(({ id }) => id)
        .toSorted((a, b) => a - b);
    expect(await ids({})).toEqual([2, 3]);
    expect(await ids({ filter: "kind = a" })).toEqual([2]);
    expect(await ids({ filter: "who = ann OR who = bob" })).toEqual([2, 3]);
    expect(await ids({ filter: [["who = ann", "kind = b"]] })).toEqual([3]);
    const listed = await call("GET", "/indexes/rent/search?q=", undefined, token);
    expect(listed.json).toMatchObject({ estimatedTotalHits: 2 });
    const facets = await call("POST", "/indexes/rent/facet-search", { facetName: "who" }, token);
    expect(facets.json).toMatchObject({ facetHits: [{ value: "bob", count: 2 }] });
  }
  const wrong = bearer(tokenOf({ ...key, key: "0".repeat(64) }, ["*"]));
  expect((await call("POST", "/indexes/rent/search", {}, wrong)).json).toMatchObject({
    code: "invalid_api_key",
    message: "Could not decode tenant token, InvalidSignature.",
  });
  const token = bearer(tokenOf(key, ["*"]));
  await call("DELETE", `/keys/${key.uid}`);
  expect((await call("POST", "/indexes/rent/search", {}, token)).status).toBe(403);
});
