/** Every kind of key on every route: the real table and the real check, with handlers that only say "served". */
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";

import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { beforeAll, expect, test } from "vitest";

import type { Env } from "../../worker/env.ts";
import { KEY_ACTIONS } from "../../worker/core/keys/actions.ts";
import { Call } from "../../worker/http/call.ts";
import { responseOf } from "../../worker/http/error-boundary.ts";
import { routes } from "../../worker/routes/table.ts";
import { call, KEY } from "./miroir.ts";
import { REFERENCE, sameNames } from "./reference-actions.ts";

const PLAIN = KEY_ACTIONS.filter((action) => !action.endsWith("*") && action !== "*.get");
/** What `*.get` reads, from the documentation of keys. */
const READS = new Set([
  "search",
  "documents.get",
  "export",
  "indexes.get",
  "tasks.get",
  "settings.get",
  "stats.get",
  "metrics.get",
  "version",
  "experimental.get",
  "network.get",
  "chats.get",
  "chatsSettings.get",
  "webhooks.get",
  "fields.post",
  "dynamicSearchRules.get",
]);
/** Routes that name no index, and that a key for one index may use: they look at its indexes. */
const LISTS = new Set([
  "GET /indexes",
  "POST /indexes",
  "POST /swap-indexes",
  "POST /multi-search",
  "GET /stats",
  "GET /tasks",
  "GET /tasks/:id",
  "GET /tasks/:id/documents",
  "POST /tasks/cancel",
  "DELETE /tasks",
  "GET /batches",
  "GET /batches/:id",
  "POST /render-template",
  "POST /chats/:id/chat/completions",
]);

type Answer = "served" | "invalid_api_key" | "missing_authorization_header";

interface Kind {
  readonly name: string;
  readonly actions: (asked: readonly string[]) => readonly string[];
  readonly indexes: readonly string[];
  readonly expect: (row: (typeof REFERENCE)[number]) => Answer;
}

const asks = (row: (typeof REFERENCE)[number]) => row.slice(2);
const answer = (isAllowed: boolean): Answer => (isAllowed ? "served" : "invalid_api_key");
/** As Meilisearch does: no word but `*` includes the action of editing documents. */
const isGrantable = (action: string) => action !== "documents.*";
const familyOf = (action: string) =>
  action === "search" ||
  !action.includes(".") ||
  action.startsWith("keys.") ||
  action.startsWith("experimental.") ||
  action.startsWith("network.") ||
  action.startsWith("fields.")
    ? action
    : `${action.split(".")[0]}.*`;
const namesIndex = (row: (typeof REFERENCE)[number]) => row[1].includes(":indexUid");

const KINDS: readonly Kind[] = [
  {
    name: "exactly the route's actions",
    actions: (asked) => asked.filter((action) => action !== "none"),
    indexes: ["*"],
    expect: (row) => answer(asks(row).every(isGrantable)),
  },
  {
    name: "all actions but the route's",
    actions: (asked) => PLAIN.filter((action) => action !== asked[0]),
    indexes: ["*"],
    expect: () => "invalid_api_key",
  },
  {
    name: "the families of the route's actions",
    actions: (asked) => asked.filter((action) => action !== "none").map(familyOf),
    indexes: ["*"],
    expect: (row) => answer(asks(row).every(isGrantable)),
  },
  { name: "*", actions: () => ["*"], indexes: ["*"], expect: () => "served" },
  {
    name: "*.get",
    actions: () => ["*.get"],
    indexes: ["*"],
    expect: (row) => answer(asks(row).every((action) => READS.has(action))),
  },
  {
    name: "read-only admin",
    actions: () => ["*.get", "keys.get"],
    indexes: ["*"],
    expect: (row) =>
      answer(asks(row).every((action) => READS.has(action) || action === "keys.get")),
  },
  {
    name: "* for the route's index",
    actions: () => ["*"],
    indexes: ["m", "x*"],
    expect: (row) => answer(namesIndex(row) || LISTS.has(`${row[0]} ${row[1]}`)),
  },
  {
    name: "* for another index",
    actions: () => ["*"],
    indexes: ["other"],
    expect: (row) => answer(LISTS.has(`${row[0]} ${row[1]}`)),
  },
  { name: "* for no index", actions: () => ["*"], indexes: [], expect: () => "invalid_api_key" },
  { name: "nothing", actions: () => [], indexes: ["*"], expect: () => "invalid_api_key" },
];

const secretOf = (uid: string) => createHmac("sha256", KEY).update(uid).digest("hex");
const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

function tokenOf(uid: string, claims: object): string {
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part({ apiKeyUid: uid, ...claims })}`;
  return `${signed}.${createHmac("sha256", secretOf(uid)).update(signed).digest("base64url")}`;
}

const known = new Map<string, string>();

/** The uid of a key with these actions and indexes, created once. */
async function keyWith(actions: readonly string[], indexes: readonly string[]): Promise<string> {
  const name = JSON.stringify([actions, indexes]);
  const uid = known.get(name);
  if (uid !== undefined) return uid;
  const created = await call("POST", "/keys", { actions, indexes, expiresAt: null });
  expect(created.status).toBe(201);
  const made = (created.json as { uid: string }).uid;
  known.set(name, made);
  return made;
}

const rowOf = (method: string, path: string) =>
  REFERENCE.find(([m, p]) => m === method && p === sameNames(path));
const meilisearchRoutes = routes.filter(({ path }) => !path.startsWith("/_miroir"));

async function ask(route: (typeof routes)[number], token: string | undefined): Promise<string> {
  const surface = new Hono<{ Bindings: Env }>();
  surface.on(route.method, route.path, async (context) => {
    await Call.authorized(context, route.action);
    return new Response("served");
  });
  surface.onError((error) => responseOf(error));
  const path = route.path.replace(":indexUid", "m").replace(/:\w+/g, "1");
  const response = await surface.request(
    `http://miroir${path}`,
    {
      method: route.method,
      headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
    },
    env,
  );
  const text = await response.text();
  return response.status === 200 ? text : (JSON.parse(text) as { code: string }).code;
}

test("every route is in the reference", () => {
  expect(meilisearchRoutes.length).toBeGreaterThan(80);
  const unknown = meilisearchRoutes.filter(({ method, path }) => rowOf(method, path) === undefined);
  expect(unknown.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
});

/** What every route answered instead of what the reference says. */
async function differences(
  tokenFor: (row: (typeof REFERENCE)[number]) => string | undefined | Promise<string | undefined>,
  expected: (row: (typeof REFERENCE)[number]) => Answer,
): Promise<readonly string[]> {
  const found = [];
  for (const route of meilisearchRoutes) {
    const row = rowOf(route.method, route.path);
    if (row === undefined) continue;
    const wanted = row[2] === "none" ? "served" : expected(row);
    const got = await ask(route, await tokenFor(row));
    if (got !== wanted) found.push(`${route.method} ${route.path}: ${got}, not ${wanted}`);
  }
  return found;
}

beforeAll(async () => {
  await keyWith(["search"], ["*"]);
});

test.for(KINDS)("a key with $name", async ({ actions, indexes, expect: expected }) => {
  // What cannot be given to a key of some indexes is what such a key is refused anyway.
  const tokenFor = async (row: (typeof REFERENCE)[number]) =>
    secretOf(await keyWith(actions(asks(row)), indexes));
  expect(await differences(tokenFor, expected)).toEqual([]);
});

test("the master key", async () => {
  expect(
    await differences(
      () => KEY,
      () => "served",
    ),
  ).toEqual([]);
});

test("no key", async () => {
  expect(
    await differences(
      () => undefined,
      () => "missing_authorization_header",
    ),
  ).toEqual([]);
});

test.for(["x", "0".repeat(64), "", `${KEY} x`])("%j is nobody's key", async (token) => {
  expect(
    await differences(
      () => token,
      () => "invalid_api_key",
    ),
  ).toEqual([]);
});

test("tenant tokens search and chat, and nothing else", async () => {
  const uid = await keyWith(["*"], ["*"]);
  const isFor = (row: (typeof REFERENCE)[number]) =>
    answer(row[2] === "search" || row[2] === "chatCompletions");
  expect(await differences(() => tokenOf(uid, { searchRules: ["*"] }), isFor)).toEqual([]);
  // One for another index may still multi-search: its queries name their indexes.
  const others = (row: (typeof REFERENCE)[number]) =>
    answer(isFor(row) === "served" && !namesIndex(row));
  expect(await differences(() => tokenOf(uid, { searchRules: ["q"] }), others)).toEqual([]);
  const refused = () => "invalid_api_key" as const;
  expect(await differences(() => tokenOf(uid, { searchRules: ["*"], exp: 1 }), refused)).toEqual(
    [],
  );
  const forged = tokenOf(uid, { searchRules: ["*"] }).replace(/\.[^.]*$/, `.${"A".repeat(43)}`);
  expect(await differences(() => forged, refused)).toEqual([]);
});

test("Miroir's own routes are for the master key and keys of everything", async () => {
  const own = routes.filter(({ path }) => path.startsWith("/_miroir"));
  const all = secretOf(await keyWith(["*"], ["*"]));
  const some = secretOf(await keyWith(["*"], ["m", "x*"]));
  const reads = secretOf(await keyWith(["*.get"], ["*"]));
  for (const route of own.filter(({ action }) => action !== "none")) {
    expect(await ask(route, KEY)).toBe("served");
    expect(await ask(route, all)).toBe("served");
    expect(await ask(route, some)).toBe("invalid_api_key");
    expect(await ask(route, reads)).toBe("invalid_api_key");
  }
});
