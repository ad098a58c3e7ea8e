import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { call, finished, hits } from "./miroir.ts";

async function task(write: Promise<{ status: number; json: unknown }>) {
  const { json } = await write;
  return await finished(Promise.resolve({ status: 202, json }));
}

test("a feature is off until a client switches it on, and then on for the next request", async () => {
  await finished(call("POST", "/indexes/f/documents", [{ id: 1, a: "xyz" }]));
  await finished(call("PATCH", "/indexes/f/settings", { filterableAttributes: ["a"] }));
  const search = { filter: "a CONTAINS y" };
  expect((await call("POST", "/indexes/f/search", search)).json).toMatchObject({
    code: "feature_not_enabled",
  });
  const on = await call("PATCH", "/experimental-features", { containsFilter: true });
  expect(on.json).toMatchObject({ containsFilter: true, network: false });
  expect(await hits("f", search)).toHaveLength(1);
  await call("PATCH", "/experimental-features", { containsFilter: false });
  expect((await call("POST", "/indexes/f/search", search)).status).toBe(400);
});

test("chat workspaces are kept, changed and shown without their key", async () => {
  expect((await call("GET", "/chats")).json).toMatchObject({ code: "feature_not_enabled" });
  await call("PATCH", "/experimental-features", { chatCompletions: true });
  expect((await call("GET", "/chats/a/settings")).json).toMatchObject({ code: "chat_not_found" });
  const patch = { source: "mistral", apiKey: "sk-abcdefgh", prompts: { system: "hi" } };
  const changed = await call("PATCH", "/chats/a/settings", patch);
  expect(changed.json).toMatchObject({ source: "mistral", apiKey: "skXXXX...", orgId: null });
  const shown = await call("GET", "/chats/a/settings");
  expect(shown.json).toEqual(changed.json);
  expect(shown.json).toMatchObject({ prompts: { system: "hi" } });
  expect((await call("PATCH", "/chats/a/settings", { source: "vLlm" })).json).toMatchObject({
    code: "bad_request",
    message: "vLlm requires setting a valid `baseUrl`",
  });
  expect((await call("GET", "/chats")).json).toMatchObject({ results: [{ uid: "a" }], total: 1 });
  const reset = await call("DELETE", "/chats/a/settings");
  expect(reset.json).toMatchObject({ source: "openAi", apiKey: null });
  expect((await call("DELETE", "/chats/a")).status).toBe(204);
  expect((await call("GET", "/chats/a")).json).toMatchObject({ code: "chat_not_found" });
  await call("PATCH", "/experimental-features", { chatCompletions: false });
});

test("the network is a setting; queries may name this instance, and no other", async () => {
  await finished(call("POST", "/indexes/net/documents", [{ id: 1 }]));
  await call("PATCH", "/experimental-features", { network: true });
  expect((await call("PATCH", "/network", { leader: "a" })).status).toBe(451);
  const remotes = { a: { url: "http://a" }, b: { url: "http://b", searchApiKey: "s" } };
  expect((await call("PATCH", "/network", { self: "a", remotes })).json).toMatchObject({
    self: "a",
    remotes: {
      a: { url: "http://a", searchApiKey: null, writeApiKey: null, status: "available" },
      b: { url: "http://b", searchApiKey: "s", writeApiKey: null, status: "available" },
    },
    leader: null,
  });
  const patched = await call("PATCH", "/network", { remotes: { b: null } });
  expect(Object.keys((patched.json as { remotes: object }).remotes)).toEqual(["a"]);
  expect((await call("GET", "/network")).json).toEqual(patched.json);
  expect((await call("PATCH", "/network", { remotes: { c: {} } })).json).toMatchObject({
    code: "missing_network_url",
  });
  const federated = (remote: string) =>
    call("POST", "/multi-search", {
      federation: {},
      queries: [{ indexUid: "net", q: "", federationOptions: { remote } }],
    });
  expect((await federated("a")).json).toMatchObject({
    hits: [{ id: 1, _federation: { indexUid: "net", remote: "a" } }],
    remoteErrors: {},
  });
  expect((await federated("zz")).json).toMatchObject({
    code: "invalid_multi_search_remote",
    message:
      "Inside `.queries[0]`: Invalid `.federation_options.remote`: remote `zz` is not registered",
  });
  await call("PATCH", "/network", { self: null, remotes: null });
  await call("PATCH", "/experimental-features", { network: false });
});

test("a task that waits shows its documents, one that is over has none", async () => {
  await call("PATCH", "/experimental-features", { getTaskDocumentsRoute: true });
  await finished(call("POST", "/indexes/shown/documents", [{ id: 0 }]));
  // Behind something that takes the nodes a while, so that it waits.
  const many = Array.from({ length: 3000 }, (_, id) => ({ id, text: "some words to index" }));
  await call("POST", "/indexes/shown/documents", many);
  const waiting = call("POST", "/indexes/shown/documents", [{ id: 1, a: "ä" }, { id: 2 }]);
  const { taskUid } = (await waiting).json as { taskUid: number };
  const { status, text, headers } = await call("GET", `/tasks/${taskUid}/documents`);
  if (status === 200) {
    expect(headers.get("Content-Type")).toBe("application/x-ndjson");
    expect(text.trim().split("\n").sort()).toEqual(['{"id":1,"a":"ä"}', '{"id":2}']);
  }
  await finished(waiting);
  expect((await call("GET", `/tasks/${taskUid}/documents`)).json).toMatchObject({
    code: "task_file_not_found",
  });
  await call("PATCH", "/experimental-features", { getTaskDocumentsRoute: false });
});

test("webhooks are created up to their limit, changed and deleted", async () => {
  const made = await call("POST", "/webhooks", { url: "http://hook", headers: { a: "1" } });
  expect(made.status).toBe(201);
  const { uuid } = made.json as { uuid: string };
  const changed = await call("PATCH", `/webhooks/${uuid}`, { headers: { a: null, b: "2" } });
  expect(changed.json).toEqual({ uuid, isEditable: true, url: "http://hook", headers: { b: "2" } });
  for (let count = 1; count < 20; count += 1)
    await call("POST", "/webhooks", { url: "http://hook" });
  expect((await call("POST", "/webhooks", { url: "http://hook" })).json).toMatchObject({
    code: "invalid_webhooks",
  });
  const { results } = (await call("GET", "/webhooks")).json as { results: { uuid: string }[] };
  for (const webhook of results) {
    expect((await call("DELETE", `/webhooks/${webhook.uuid}`)).status).toBe(204);
  }
  expect((await call("GET", `/webhooks/${uuid}`)).status).toBe(404);
});

test("a task enters the outbox when it ends, and only while somebody listens", async () => {
  const owed = async (): Promise<number> =>
    Number(await env.TASKS.prepare("SELECT COUNT(*) AS n FROM webhook_outbox").first("n"));
  await finished(call("POST", "/indexes/w/documents", [{ id: 1 }]));
  expect(await owed()).toBe(0);
  await env.TASKS.prepare(
    "INSERT INTO webhooks VALUES ('11111111-1111-4111-8111-111111111111', 'bad:', '{}', 0)",
  ).run();
  await finished(call("POST", "/indexes/w/documents", [{ id: 2 }]));
  await finished(call("DELETE", "/indexes/not-there"));
  expect(await owed()).toBe(2);
  await env.TASKS.prepare("DELETE FROM webhooks").run();
});

test("a compaction is a task with sizes, and fails for an index that is not there", async () => {
  await finished(call("POST", "/indexes/c/documents", [{ id: 1 }]));
  const done = await finished(call("POST", "/indexes/c/compact"));
  expect(done.details).toHaveProperty("preCompactionSize");
  const failed = await finished(call("POST", "/indexes/nowhere/compact"));
  expect([failed.status, failed.error?.code]).toEqual(["failed", "index_not_found"]);
});

test("fields are listed without the mark, with what the settings make of them", async () => {
  await finished(
    call("POST", "/indexes/fields/documents", [
      { id: 1, b: 1 },
      { id: 2, c: 1 },
    ]),
  );
  await finished(call("PATCH", "/indexes/fields/settings", { sortableAttributes: ["c"] }));
  const { json } = await call("POST", "/indexes/fields/fields", {});
  const { results, total } = json as {
    results: { name: string; sortable: object }[];
    total: number;
  };
  expect(total).toBe(3);
  expect(results.map(({ name }) => name)).toEqual(["b", "c", "id"]);
  // The nodes sort by the primary key too; the client has not asked for that.
  expect(results.map(({ sortable }) => sortable)).toEqual([
    { enabled: false },
    { enabled: true },
    { enabled: false },
  ]);
});

test("a dump holds every document and the settings", async () => {
  await finished(
    call(
      "POST",
      "/indexes/d/documents",
      Array.from({ length: 300 }, (_, id) => ({ id, big: 2 ** 40 })),
    ),
  );
  const done = await task(call("POST", "/dumps"));
  expect(done.status).toBe("succeeded");
  const uid = String(done.details["dumpUid"]);
  const stored = await env.DUMPS.get(`${uid}.dump`);
  const tar = await new Response(stored?.body.pipeThrough(new DecompressionStream("gzip"))).text();
  expect(tar).toContain('"dumpVersion":"V6"');
  expect(tar.match(/"big":1099511627776}/g)).toHaveLength(300);
  expect(tar).not.toContain("_miroir_shard");
  // What was staged on the way is gone.
  expect((await env.DUMPS.list({ prefix: "staging/" })).objects).toEqual([]);
});

test("metrics count requests while the feature is on", async () => {
  expect((await call("GET", "/metrics")).json).toMatchObject({ code: "feature_not_enabled" });
  await call("PATCH", "/experimental-features", { metrics: true });
  const { text, headers } = await call("GET", "/metrics");
  expect(headers.get("Content-Type")).toContain("text/plain");
  expect(text).toContain('meilisearch_nb_tasks{kind="statuses",value="enqueued"} 0');
  expect(text).toContain('miroir_node_healthy{node="n0"} 1');
  await call("PATCH", "/experimental-features", { metrics: false });
});
