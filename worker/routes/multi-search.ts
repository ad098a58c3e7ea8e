/** POST `/multi-search`. */
import { v7 } from "uuid";

import { insideQuery } from "../core/errors/inside-query.ts";
import { invalidKey } from "../core/keys/key-errors.ts";
import {
  parseMultiSearch,
  type Federation,
  type MultiSearchQuery,
} from "../core/query/parse-multi-search.ts";
import type { SearchQuery } from "../core/query/search-query.ts";
import { searchedRemote } from "../core/network/network.ts";
import { storedNetwork } from "../instance/stored-network.ts";
import { namedIndex, severalIndexes } from "../core/topology/aliases.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import type { Call } from "../http/call.ts";
import { multiResponse } from "../http/multi-response.ts";
import { filterBehind, restrictedFilter, type Asker } from "../http/restricted-filter.ts";
import { federatedSearch } from "../search/federated-search.ts";
import {
  checkForeignIndexes,
  federatedWithForeignDocuments,
  resultsWithForeignDocuments,
} from "../search/foreign-documents.ts";
import type { ReadContext } from "../search/read-context.ts";
import { multiSearch } from "../search/multi-search.ts";
import type { AdmittedQuery } from "../search/query-list.ts";
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
  const read = await call.read();
  const admitted = admittedQueries(local, { access: call.access, topology: read.topology });
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
      : await federatedSearch(
          read,
          admitted.flatMap(eachIndex(read)),
          { ...federation, facetsByIndex: facetsOfEachIndex(read, federation.facetsByIndex) },
          options,
        );
  if (!features.foreignKeys) return multiResponse({ body, missing });
  const reader = { read, allows: (uid: string) => call.access.allows(uid) };
  const joined =
    federation === null
      ? await resultsWithForeignDocuments(reader, body)
      : await federatedWithForeignDocuments(reader, body);
  return multiResponse({ body: joined, missing });
}

/** As a federated search has it: a query to an alias of several indexes is one to each of them. */
function eachIndex({ topology }: ReadContext): (query: AdmittedQuery) => readonly AdmittedQuery[] {
  return (query) =>
    severalIndexes(topology, query.asked.indexUid)?.map((indexUid) => ({
      ...query,
      asked: { ...query.asked, indexUid },
      restrict: (filter) => query.restrictBehind(filter, indexUid),
    })) ?? [query];
}

function facetsOfEachIndex(
  { topology }: ReadContext,
  facets: Federation["facetsByIndex"],
): Federation["facetsByIndex"] {
  const behind = [...facets].flatMap(([name, asked]) =>
    (severalIndexes(topology, name) ?? []).map((uid) => [uid, asked] as const),
  );
  const named = [...facets].filter(([name]) => severalIndexes(topology, name) === undefined);
  return new Map([...behind, ...named]);
}

function checkJoins(read: ReadContext, queries: readonly MultiSearchQuery[]): void {
  for (const [position, { indexUid }] of queries.entries()) {
    const index = namedIndex(read.topology, indexUid);
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
  asker: Asker,
): readonly AdmittedQuery[] {
  const code = "invalid_search_filter";
  return queries.map((asked, place) => {
    const { indexUid: name } = asked;
    insideQuery(place, () => {
      if (!asker.access.allows(name)) throw invalidKey();
    });
    return {
      asked,
      place,
      restrict: (filter) => restrictedFilter(asker, filter, name, code),
      restrictBehind: (filter, uid) => filterBehind(asker, filter, { alias: name, uid }, code),
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
