/** POST `/multi-search`. */
import { v7 } from "uuid";

import { insideQuery } from "../core/errors/inside-query.ts";
import type { Access } from "../core/keys/access.ts";
import { invalidKey } from "../core/keys/key-errors.ts";
import { parseMultiSearch, type MultiSearchQuery } from "../core/query/parse-multi-search.ts";
import type { SearchQuery } from "../core/query/search-query.ts";
import { searchedRemote } from "../core/network/network.ts";
import { storedNetwork } from "../instance/stored-network.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { jsonText, type Call } from "../http/call.ts";
import { federatedSearch } from "../search/federated-search.ts";
import {
  checkForeignIndexes,
  federatedWithForeignDocuments,
  resultsWithForeignDocuments,
} from "../search/foreign-documents.ts";
import type { ReadContext } from "../search/read-context.ts";
import { multiSearch, type AdmittedQuery, type MissingByIndex } from "../search/multi-search.ts";
import type { Route } from "./route.ts";

export const multiSearchRoutes: readonly Route[] = [
  { method: "POST", path: "/multi-search", action: "search", serve: serveMultiSearch },
];

async function serveMultiSearch(call: Call): Promise<Response> {
  const { queries, federation } = parseMultiSearch(await call.jsonText());
  const features = await call.features();
  const remotes =
    federation !== null && features.network ? await searchedRemotes(call, queries) : new Map();
  const local = queries.map((query, position) => (remotes.has(position) ? atHome(query) : query));
  const admitted = admittedQueries(local, call.access);
  const read = await call.read();
  const options = {
    requestUid: v7(),
    features,
    remotes,
    ...(wantsMetadata(call) ? { metadataOf } : {}),
  };
  if (features.foreignKeys) checkJoins(read, queries);
  const { body, missing } =
    federation === null
      ? await multiSearch(read, admitted, options)
      : await federatedSearch(read, admitted, federation, options);
  const headers = degradedHeader(missing);
  if (!features.foreignKeys) return jsonText(body, 200, headers);
  const reader = { read, allows: (uid: string) => call.access.allows(uid) };
  const joined =
    federation === null
      ? await resultsWithForeignDocuments(reader, body)
      : await federatedWithForeignDocuments(reader, body);
  return jsonText(joined, 200, headers);
}

function checkJoins(read: ReadContext, queries: readonly MultiSearchQuery[]): void {
  for (const [position, { indexUid }] of queries.entries()) {
    const index = read.topology.indexes.get(indexUid);
    if (index !== undefined) insideQuery(position, () => checkForeignIndexes(read, index));
  }
}

/** What queries that name a remote call this instance, by their position. */
async function searchedRemotes(
  call: Call,
  queries: readonly MultiSearchQuery[],
): Promise<ReadonlyMap<number, string>> {
  const found = new Map<number, string>();
  if (!queries.some(({ federationOptions }) => (federationOptions?.remote ?? null) !== null)) {
    return found;
  }
  const network = await storedNetwork(call.values);
  for (const [position, { federationOptions }] of queries.entries()) {
    const remote = insideQuery(position, () =>
      searchedRemote(network, federationOptions?.remote ?? null),
    );
    if (remote !== undefined) found.set(position, remote);
  }
  return found;
}

function atHome(query: MultiSearchQuery): MultiSearchQuery {
  const { federationOptions } = query;
  if (federationOptions === null) return query;
  return { ...query, federationOptions: { ...federationOptions, remote: null } };
}

/**
 * As Meilisearch does: whether the caller may search the index of each query is judged before
 * anything else about any of them.
 */
function admittedQueries(
  queries: readonly MultiSearchQuery[],
  access: Access,
): readonly AdmittedQuery[] {
  return queries.map((asked, position) => {
    const uid = String(asked.indexUid);
    insideQuery(position, () => {
      if (!access.allows(uid)) throw invalidKey();
    });
    return {
      asked,
      restrict: (filter) => access.restrict(filter, uid, "invalid_search_filter"),
    };
  });
}

function wantsMetadata(call: Call): boolean {
  const wanted = call.request.headers.get("Meili-Include-Metadata") ?? "";
  return ["true", "1"].includes(wanted.toLowerCase());
}

/** JSON of what is known about one query: which one of which index it was. */
function metadataOf(query: SearchQuery, index: IndexEntry): string {
  return JSON.stringify({
    ...(query.q === null ? {} : { query: query.q }),
    queryUid: v7(),
    indexUid: index.uid,
    ...(index.primaryKey === undefined ? {} : { primaryKey: index.primaryKey }),
  });
}

/** Which shards of which indexes the answer lacks. */
function degradedHeader(missing: MissingByIndex): Readonly<Record<string, string>> {
  if (missing.size === 0) return {};
  const shards = [...missing].flatMap(([uid, ids]) => ids.map((id) => `${uid}/${id}`));
  return { "X-Miroir-Degraded": `shards=${shards.join(",")}` };
}
