/** The admin API as an operator's program meets it: keys, epochs, nodes, plans, mistakes. */
import { beforeAll, expect, test } from "vitest";

import { call, finished, KEY } from "./miroir.ts";

interface Reply {
  readonly epoch: number;
  readonly operation: { readonly id: number; readonly state: string } | null;
}

const admin = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
  call(method, `/_miroir/${path}`, body, headers);
const codeOf = ({ json }: { json: unknown }) => (json as { code?: string }).code;

async function keyFor(actions: readonly string[]): Promise<string> {
  const made = await call("POST", "/keys", { actions, indexes: ["*"], expiresAt: null });
  expect(made.status).toBe(201);
  return (made.json as { key: string }).key;
}

beforeAll(async () => {
  await finished(call("POST", "/indexes/books/documents", [{ id: 1 }, { id: 2 }]));
});

test.for<[string[], number, number]>([
  [["miroir.*"], 200, 200],
  [["*"], 200, 200],
  [["miroir.get"], 200, 403],
  [["*.get"], 403, 403],
  [["search", "indexes.*"], 403, 403],
])("a key with %j reads with %i and changes with %i", async ([actions, reads, changes]) => {
  const headers = { Authorization: `Bearer ${await keyFor(actions)}` };
  const read = await admin("GET", "topology", undefined, headers);
  expect(read.status).toBe(reads);
  if (reads === 403) expect(codeOf(read)).toBe("invalid_api_key");
  const change = await admin("PATCH", "nodes/n0", {}, headers);
  expect(change.status).toBe(changes);
});

test("without a key only readiness is told", async () => {
  const none = { Authorization: "" };
  const refused = await admin("GET", "topology", undefined, none);
  expect([refused.status, codeOf(refused)]).toEqual([401, "missing_authorization_header"]);
  expect(await admin("GET", "ready", undefined, none)).toMatchObject({
    status: 200,
    json: { status: "ready", unreadableShards: 0 },
  });
});

test("Meilisearch's clients see nothing of Miroir's actions", async () => {
  const made = await call("POST", "/keys", {
    actions: ["miroir.put"],
    indexes: ["*"],
    expiresAt: null,
  });
  expect([made.status, codeOf(made)]).toEqual([400, "invalid_api_key_actions"]);
  expect(made.text).toContain("expected one of `*`, `search`");
  expect(made.text).not.toMatch(/`miroir\.(\*|get)`/);
  const scoped = await call("POST", "/keys", {
    actions: ["miroir.get"],
    indexes: ["books"],
    expiresAt: null,
  });
  expect(codeOf(scoped)).toBe("index_scoped_api_key_with_global_action");
});

test("the topology shows nodes, indexes and its epoch, and no node's key", async () => {
  const { json, headers, text } = await admin("GET", "topology");
  expect(json).toMatchObject({
    nodes: [
      { id: "n0", url: "embedded://n0", state: "active", health: "healthy", group: "default" },
      { id: "n1" },
      { id: "n2" },
    ],
    indexes: [{ uid: "books", replicationFactor: 2, shards: 16, lagging: [] }],
    operations: [],
    drift: 0,
  });
  expect(headers.get("ETag")).toBe(`"${(json as Reply).epoch}"`);
  expect(text).not.toContain(KEY);
});

test("shards and groups", async () => {
  const { json } = await admin("GET", "shards?index=books");
  const { results } = json as { results: { replicas: { inSync: boolean }[] }[] };
  expect(results).toHaveLength(16);
  expect(results.every(({ replicas }) => replicas.length === 2)).toBe(true);
  expect(codeOf(await admin("GET", "shards?index=none"))).toBe("index_not_found");
  expect((await admin("GET", "groups")).json).toEqual({
    results: [{ group: "default", nodes: ["n0", "n1", "n2"], zones: [] }],
  });
});

test("a change on an epoch that is over is refused, and changes nothing", async () => {
  const { json } = await admin("GET", "topology");
  const { epoch } = json as Reply;
  const first = await admin("PATCH", "nodes/n0", { weight: 2 }, { "If-Match": `"${epoch}"` });
  expect(first.status).toBe(200);
  const second = await admin("PATCH", "nodes/n0", { weight: 3 }, { "If-Match": `"${epoch}"` });
  expect([second.status, codeOf(second)]).toEqual([409, "miroir_topology_conflict"]);
  const nodes = (await admin("GET", "nodes")).json as { results: { weight: number }[] };
  expect(nodes.results.map(({ weight }) => weight)).toEqual([2, 1, 1]);
  expect(codeOf(await admin("PATCH", "nodes/n0", {}, { "If-Match": "abc" }))).toBe("bad_request");
  await admin("PATCH", "nodes/n0", { weight: 1 });
});

test.for<[string, string, unknown, number, string]>([
  ["POST", "nodes", { id: "n0", url: "embedded://x" }, 409, "There is a node `n0` already."],
  ["POST", "nodes", { id: "n9", url: "embedded://n0" }, 409, "Node `n0` has this url already."],
  ["POST", "nodes", { id: "n9", url: "ftp://n" }, 400, "Invalid value at `.url`: must be"],
  ["POST", "nodes", { id: "n9" }, 400, "Invalid value at `.url`"],
  ["POST", "nodes", { id: "a/b", url: "embedded://x" }, 400, "Invalid value at `.id`"],
  ["POST", "nodes", "{", 400, "The json payload provided is malformed."],
  ["PATCH", "nodes/n0", { weight: -1 }, 400, "Invalid value at `.weight`"],
  ["PATCH", "nodes/nowhere", {}, 404, "Node `nowhere` not found."],
  ["POST", "nodes/nowhere/drain", undefined, 404, "Node `nowhere` not found."],
  ["POST", "nodes/nowhere/accept-loss", undefined, 404, "Node `nowhere` not found."],
  ["POST", "nodes/n0/resume", undefined, 409, "Node `n0` is active, not draining."],
  ["POST", "nodes/n0/replace", { by: "n7" }, 409, "There is no other node `n7`."],
  ["POST", "indexes/none/replicas", { replicas: 1 }, 404, "Index `none` not found."],
  ["POST", "indexes/books/replicas", { replicas: 4 }, 409, "Group `default` has only 3 nodes"],
  ["POST", "indexes/books/replicas", {}, 400, "Invalid value at `.replicas`"],
  ["GET", "operations/77", undefined, 404, "Operation `77` not found."],
  ["GET", "operations?limit=x", undefined, 400, "Invalid value in parameter `limit`"],
  ["POST", "operations/77/pause", undefined, 404, "Operation `77` not found."],
])("%s %s %j: %i %s", async ([method, path, body, status, message]) => {
  const answer = await admin(method, path, body);
  expect(answer.status).toBe(status);
  expect((answer.json as { message: string }).message).toContain(message);
  expect(answer.json).toMatchObject({ type: "invalid_request", link: expect.any(String) });
});

test("the OpenAPI document has every route, with the schemas that bodies are checked with", async () => {
  const { json } = await admin("GET", "openapi.json");
  const { paths } = json as { paths: Record<string, Record<string, unknown>> };
  expect(Object.keys(paths)).toEqual(
    expect.arrayContaining([
      "/_miroir/topology",
      "/_miroir/nodes/{nodeId}/drain",
      "/_miroir/operations/{operationId}/cancel",
    ]),
  );
  expect(paths["/_miroir/nodes"]?.["post"]).toMatchObject({
    requestBody: {
      content: { "application/json": { schema: { required: ["id", "url"], type: "object" } } },
    },
  });
});

test("events begin with what is", async () => {
  const { exports } = await import("cloudflare:workers");
  const response = await exports.default.fetch("http://miroir/_miroir/events", {
    headers: { Authorization: `Bearer ${KEY}` },
  });
  expect(response.headers.get("Content-Type")).toBe("text/event-stream");
  const reader = response.body?.getReader();
  let text = "";
  while (!text.includes('"id":"n2"')) {
    text += new TextDecoder().decode((await reader?.read())?.value);
  }
  expect(text).toMatch(/^event: epoch\ndata: \{"epoch":\d+,"drift":0\}\n\nevent: node\n/);
  await reader?.cancel();
});

test("the write log of an index tells where it is, and takes no count that it cannot keep", async () => {
  const path = "indexes/books/writes";
  const { json } = await admin("GET", path);
  const { head } = json as { head: number };
  expect(json).toMatchObject({ index: "books", minInSync: 1, finishedTo: head, waiting: null });
  const many = await admin("PATCH", path, { minInSync: 9 });
  expect([many.status, codeOf(many)]).toEqual([400, "bad_request"]);
  const none = await admin("PATCH", path, { minInSync: 0 });
  expect([none.status, codeOf(none)]).toEqual([400, "bad_request"]);
  const gone = await admin("GET", "indexes/none/writes");
  expect([gone.status, codeOf(gone)]).toEqual([404, "index_not_found"]);
});
