/** Indexes: list, get, create, update, delete, and their statistics. */
import type { EntryTask } from "../../durable-objects/rpc.ts";
import { acceptWrite } from "../cluster/index-writer.ts";
import { invalidKey } from "../core/keys/key-errors.ts";
import { compareText } from "../core/json/text-order.ts";
import type { Operation } from "../core/log/operation.ts";
import {
  checkIndexUid,
  parseCreateIndex,
  parsePaging,
  parseUpdateIndex,
} from "../core/query/parse-index.ts";
import { parseSwaps } from "../core/query/parse-swap.ts";
import type { IndexUid } from "../core/ids.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import type { Call } from "../http/call.ts";
import { jsonValue, visibleIndex } from "../http/call.ts";
import { operationResponse, summaryResponse } from "../http/summary-response.ts";
import { requireFreeName, requireIndexNames } from "./alias-names.ts";
import type { Route } from "./route.ts";

const INDEX = "/indexes/:indexUid";

export const indexRoutes: readonly Route[] = [
  { method: "GET", path: "/indexes", action: "indexes.get", serve: list },
  { method: "POST", path: "/indexes", action: "indexes.create", serve: create },
  {
    method: "GET",
    path: INDEX,
    action: "indexes.get",
    serve: async (call) =>
      jsonValue(view(visibleIndex(await call.topology(), checkIndexUid(call.uid)))),
  },
  { method: "PATCH", path: INDEX, action: "indexes.update", serve: update },
  { method: "DELETE", path: INDEX, action: "indexes.delete", serve: remove },
  { method: "POST", path: `${INDEX}/compact`, action: "indexes.compact", serve: compact },
  { method: "POST", path: "/swap-indexes", action: "indexes.swap", serve: swap },
];

function view({ uid, createdAt, updatedAt, primaryKey }: IndexEntry): object {
  return {
    uid,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
    primaryKey: primaryKey ?? null,
  };
}

async function list(call: Call): Promise<Response> {
  const { offset, limit } = parsePaging(call.query);
  const { indexes } = await call.topology();
  const sorted = [...indexes.values()]
    .filter(({ uid }) => call.access.allows(uid))
    .toSorted((a, b) => compareText(a.uid, b.uid));
  const results = sorted.slice(offset, offset + limit).map(view);
  return jsonValue({ results, offset, limit, total: sorted.length });
}

async function create(call: Call): Promise<Response> {
  const { uid, primaryKey } = parseCreateIndex(await call.jsonText());
  if (!call.access.mayCreate(uid)) throw invalidKey();
  await requireFreeName(call, uid);
  const details = JSON.stringify({ primaryKey });
  return await write(
    call,
    uid,
    "indexCreation",
    details,
    { kind: "createIndex", primaryKey },
    true,
  );
}

async function update(call: Call): Promise<Response> {
  const uid = checkIndexUid(call.uid);
  const { primaryKey, newUid } = parseUpdateIndex(await call.jsonText());
  if (newUid !== null) {
    return await rename(call, uid, newUid, primaryKey);
  }
  const details = JSON.stringify({ primaryKey });
  const operation: Operation =
    primaryKey === null ? { kind: "pass" } : { kind: "setPrimaryKey", primaryKey };
  return await write(call, uid, "indexUpdate", details, operation, false);
}

/** As Meilisearch does, a rename is an update of the index. */
async function rename(
  call: Call,
  uid: IndexUid,
  newUid: IndexUid,
  primaryKey: string | null,
): Promise<Response> {
  await requireIndexNames(call, [uid]);
  await requireFreeName(call, newUid);
  const accepted = await call.writes.cluster.rename({
    type: "indexUpdate",
    indexUid: uid,
    exchanges: [{ indexes: [uid, newUid], rename: true }],
    primaryKey,
    details: JSON.stringify({ primaryKey, oldIndexUid: uid, newIndexUid: newUid }),
    releasedLease: call.writes.lease.drop(),
  });
  return operationResponse("indexUpdate", uid, accepted, 202);
}

async function swap(call: Call): Promise<Response> {
  const swaps = parseSwaps(await call.jsonText());
  for (const uid of swaps.flatMap(({ indexes }) => indexes)) {
    if (!call.access.allows(uid)) throw invalidKey();
  }
  await requireIndexNames(
    call,
    swaps.flatMap(({ indexes }) => indexes),
  );
  const accepted = await call.writes.cluster.rename({
    type: "indexSwap",
    indexUid: null,
    exchanges: swaps,
    primaryKey: null,
    details: JSON.stringify({ swaps }),
    releasedLease: call.writes.lease.drop(),
  });
  return operationResponse("indexSwap", null, accepted, 202);
}

async function remove(call: Call): Promise<Response> {
  const uid = checkIndexUid(call.uid);
  await requireIndexNames(call, [uid]);
  const details = '{"deletedDocuments":null}';
  return await write(call, uid, "indexDeletion", details, { kind: "deleteIndex" }, false);
}

async function compact(call: Call): Promise<Response> {
  const uid = checkIndexUid(call.uid);
  return await write(call, uid, "indexCompaction", "{}", { kind: "compactIndex" }, false);
}

async function write(
  call: Call,
  uid: IndexUid,
  type: EntryTask["type"],
  details: string,
  operation: Operation,
  createsIndex: boolean,
): Promise<Response> {
  const task = { indexUid: uid, type, details, indexedDocuments: null, customMetadata: null };
  const accepted = await acceptWrite(call.writes, {
    uid,
    operation,
    task,
    rows: () => [],
    failure: null,
    createsIndex,
    upload: undefined,
  });
  return summaryResponse(task, accepted);
}
