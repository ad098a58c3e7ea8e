/**
 * `POST /multi-search` without federation: each query is a search of its own, by the same path and
 * with the same answer. Queries run side by side; the first in their order that fails is the answer.
 */
import { ApiError } from "../core/errors/api-error.ts";
import { insideQuery } from "../core/errors/inside-query.ts";
import type { IndexUid } from "../core/ids.ts";
import { BUNDLE_QUERIES_MAX } from "../core/limits.ts";
import { checkSearch, checkSearchSyntax } from "../core/query/check-search.ts";
import { type EnabledFeatures, refuseUseNetwork } from "../core/query/features.ts";
import { ownWindow } from "../core/query/parse-multi-search.ts";
import { refusePersonalization } from "../core/query/parse-search.ts";
import { searchKind } from "../core/query/search-kind.ts";
import type { SearchQuery } from "../core/query/search-query.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { searchAll, type RestrictedIndex } from "./alias-search.ts";
import { indexesOf, indexOf } from "./queried-index.ts";
import {
  filterBehindQuery,
  filterOfQuery,
  inOrder,
  MissingShards,
  type AdmittedQuery,
  type MissingByIndex,
  type MultiAnswer,
  type MultiSearchOptions,
} from "./query-list.ts";
import type { ReadContext } from "./read-context.ts";
import { searchIndex } from "./search.ts";
import { BundlingNodeClient } from "../nodes/bundling-node-client.ts";
import { Gate } from "../nodes/gate.ts";

/** A query that nothing is wrong with: over one index, or over those of an alias. */
type PlannedSearch = { readonly query: SearchQuery; readonly name: IndexUid } & (
  | { readonly kind: "one"; readonly index: IndexEntry }
  | { readonly kind: "several"; readonly indexes: readonly RestrictedIndex[] }
);

export async function multiSearch(
  read: ReadContext,
  queries: readonly AdmittedQuery[],
  options: MultiSearchOptions,
): Promise<MultiAnswer> {
  const planned = queries.map((query, position) =>
    insideQuery(position, () => plannedSearch(read, query, options.features)),
  );
  const abort = new AbortController();
  const signal =
    read.signal === undefined ? abort.signal : AbortSignal.any([read.signal, abort.signal]);
  const gate = new Gate(BUNDLE_QUERIES_MAX);
  const alone = { ...read, signal };
  const bundled = { ...alone, nodes: new BundlingNodeClient(read.nodes, signal) };
  const searches = planned.map((search) =>
    gate.run(() => searched({ alone, bundled }, search, options)),
  );
  const outcomes = await inOrder(searches, abort);
  const missing = new MissingShards();
  const results = outcomes.map((outcome, position) => {
    for (const [uid, shards] of outcome.missing) missing.add(uid, shards);
    const name = planned[position]?.name ?? "";
    return `{"indexUid":${JSON.stringify(name)},${outcome.body.slice(1)}`;
  });
  return { body: `{"results":[${results.join(",")}]}`, missing: missing.byIndex };
}

async function searched(
  { alone, bundled }: { readonly alone: ReadContext; readonly bundled: ReadContext },
  search: PlannedSearch,
  options: MultiSearchOptions,
): Promise<MultiAnswer> {
  const { query } = search;
  // A federated search bundles by itself.
  if (search.kind === "several") return await searchAll(alone, search.indexes, query, options);
  const { requestUid, metadataOf } = options;
  const { index } = search;
  const outcome = await searchIndex(
    searchKind(query) === "keyword" ? bundled : alone,
    index,
    query,
    {
      requestUid,
      ...(metadataOf === undefined ? {} : { metadata: metadataOf(query, index) }),
    },
  );
  const missing: MissingByIndex = new Map([[index.uid, outcome.missing]]);
  return { body: outcome.body, missing };
}

/** Checked in Meilisearch's order: what can be said without the index comes first. */
function plannedSearch(
  read: ReadContext,
  admitted: AdmittedQuery,
  features: EnabledFeatures,
): PlannedSearch {
  const { asked } = admitted;
  if (asked.federationOptions !== null) {
    throw new ApiError(
      "invalid_multi_search_federation_options",
      "Using `federationOptions` is not allowed in a non-federated search.\n - Hint: remove `federationOptions` from the query or add `federation` to the request.",
    );
  }
  const query = asked.search(ownWindow(asked), filterOfQuery(admitted));
  const syntax = checkSearchSyntax(query, features);
  refuseUseNetwork(asked.useNetwork, features);
  const { indexUid: name } = asked;
  const several = indexesOf(read.topology, name, (one) =>
    checkSearch(query, one, features, syntax),
  );
  if (several !== undefined) {
    refusePersonalization(asked.personalize);
    const indexes = several.map((index) => {
      return { index, filter: filterBehindQuery(admitted, index.uid) };
    });
    return { kind: "several", name, query, indexes };
  }
  const index = indexOf(read.topology, name);
  checkSearch(query, index, features, syntax);
  refusePersonalization(asked.personalize);
  return { kind: "one", name, query, index };
}
