/** API keys: list, get, create, rename and delete. */
import { v4 } from "uuid";

import { createKey, deleteKey } from "../cluster/key-writer.ts";
import { keyNotFound } from "../core/keys/key-errors.ts";
import { keyUidOf } from "../core/keys/key-uid.ts";
import { type ApiKey, keyView, type KeyUid } from "../core/keys/key.ts";
import { parseCreateKey, parseKeysPaging, parseUpdateKey } from "../core/keys/parse-key.ts";
import { pagedList } from "../core/query/parse-index.ts";
import type { Call } from "../http/call.ts";
import { jsonValue } from "../http/call.ts";
import type { Route } from "./route.ts";

const KEY = "/keys/:key";

export const keyRoutes: readonly Route[] = [
  { method: "GET", path: "/keys", action: "keys.get", serve: list },
  { method: "POST", path: "/keys", action: "keys.create", serve: create },
  { method: "GET", path: KEY, action: "keys.get", serve: get },
  { method: "PATCH", path: KEY, action: "keys.update", serve: update },
  { method: "DELETE", path: KEY, action: "keys.delete", serve: remove },
];

async function list(call: Call): Promise<Response> {
  const paging = parseKeysPaging(call.query);
  const { results, ...page } = pagedList(await call.cluster.keys(), paging);
  const views = await Promise.all(results.map((key) => viewOf(call, key)));
  return jsonValue({ results: views, ...page });
}

async function create(call: Call): Promise<Response> {
  const key = parseCreateKey(await call.jsonText(), v4(), Date.now());
  return jsonValue(await viewOf(call, await createKey(call.writes, key)), 201);
}

async function get(call: Call): Promise<Response> {
  const uid = await uidOf(call);
  const key = (await call.cluster.keys()).find((known) => known.uid === uid);
  if (key === undefined) throw keyNotFound(uid);
  return jsonValue(await viewOf(call, key));
}

async function update(call: Call): Promise<Response> {
  const patch = parseUpdateKey(await call.jsonText());
  const uid = await uidOf(call);
  const key = await call.cluster.updateKey(uid, patch);
  if (key === undefined) throw keyNotFound(uid);
  return jsonValue(await viewOf(call, key));
}

async function remove(call: Call): Promise<Response> {
  const uid = await uidOf(call);
  if (!(await deleteKey(call.writes, uid))) throw keyNotFound(uid);
  return new Response(null, { status: 204 });
}

/** The uid that the path names, by itself or by its key. */
async function uidOf(call: Call): Promise<KeyUid> {
  const named = call.param("key");
  const uid = keyUidOf(named) ?? (await call.keyring.find(await call.cluster.keys(), named))?.uid;
  if (uid === undefined) throw keyNotFound(named);
  return uid;
}

async function viewOf(call: Call, key: ApiKey): Promise<object> {
  return keyView(key, await call.keyring.secretOf(key.uid));
}
