/**
 * `POST /multi-search` without federation: each query is a search of its own, by the same path and
 * with the same answer. Queries run side by side; the first in their order that fails is the answer.
 */
import { ApiError } from "../core/errors/api-error.ts";
import { insideQuery } from "../core/errors/inside-query.ts";
import { filterOf } from "../core/filter/shape.ts";
import type { ShardId } from "../core/ids.ts";
import { BUNDLE_QUERIES_MAX } from "../core/limits.ts";
import { checkSearch, checkSearchSyntax } from "../core/query/check-search.ts";
import type { EnabledFeatures } from "../core/query/features.ts";
import { ownWindow, type MultiSearchQuery } from "../core/query/parse-multi-search.ts";
import { refuseWhatOnlyOneNodeCanDo } from "../core/query/parse-search.ts";
import { searchKind } from "../core/query/search-kind.ts";
import type { Filter, SearchQuery } from "../core/query/search-query.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { indexOf } from "./queried-index.ts";
import type { ReadContext } from "./read-context.ts";
import { searchIndex } from "./search.ts";
import { BundlingNodeClient } from "../nodes/bundling-node-client.ts";
import { Gate } from "../nodes/gate.ts";

/** A query whose index its caller may search. */
export interface AdmittedQuery {
  readonly asked: MultiSearchQuery;
  /** The client's filter, and what else must hold for this caller. */
  readonly restrict: (filter: Filter | null) => Filter | null;
}

export interface MultiSearchOptions {
  readonly requestUid: string;
  /** The experimental features that clients have switched on. */
  readonly features: EnabledFeatures;
  /** JSON of a query's metadata, where the client asked for it. */
  readonly metadataOf?: (query: SearchQuery, index: IndexEntry) => string;
  /** What queries that name a remote call this instance, by their position. */
  readonly remotes?: ReadonlyMap<number, string>;
}

/** Shards that did not answer, by index. */
export type MissingByIndex = ReadonlyMap<string, readonly ShardId[]>;

export interface MultiAnswer {
  readonly body: string;
  readonly missing: MissingByIndex;
}

interface PlannedSearch {
  readonly index: IndexEntry;
  readonly query: SearchQuery;
}

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
  const { requestUid, metadataOf } = options;
  const searches = planned.map(({ index, query }) =>
    gate.run(() =>
      searchIndex(searchKind(query) === "keyword" ? bundled : alone, index, query, {
        requestUid,
        ...(metadataOf === undefined ? {} : { metadata: metadataOf(query, index) }),
      }),
    ),
  );
  const outcomes = await inOrder(searches, abort);
  const missing = new MissingShards();
  const results = outcomes.map((outcome, position) => {
    const uid = planned[position]?.index.uid ?? "";
    missing.add(uid, outcome.missing);
    return `{"indexUid":${JSON.stringify(uid)},${outcome.body.slice(1)}`;
  });
  return { body: `{"results":[${results.join(",")}]}`, missing: missing.byIndex };
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
  refuseWhatOnlyOneNodeCanDo(null, null, asked.useNetwork);
  const index = indexOf(read.topology, asked.indexUid);
  checkSearch(query, index, features, syntax);
  refuseWhatOnlyOneNodeCanDo(null, asked.personalize, null);
  return { index, query };
}

/** The filter of a query; throws when the client's has a shape that none has. */
export function filterOfQuery({ asked, restrict }: AdmittedQuery): Filter | null {
  return restrict(filterOf(asked.filter, "invalid_search_filter"));
}

/** All results, or the error of the first query that failed, with its place; the rest is stopped. */
export async function inOrder<T>(
  searches: readonly Promise<T>[],
  abort: AbortController,
  positionOf: (place: number) => number = (place) => place,
): Promise<readonly T[]> {
  // None is left unobserved while an earlier one is awaited.
  for (const search of searches) search.catch(() => undefined);
  const results: T[] = [];
  for (const [place, search] of searches.entries()) {
    try {
      results.push(await search);
    } catch (error) {
      abort.abort();
      insideQuery(positionOf(place), () => {
        throw error;
      });
    }
  }
  return results;
}

/** Gathers which shards of which indexes an answer lacks. */
export class MissingShards {
  readonly #byIndex = new Map<string, readonly ShardId[]>();

  get byIndex(): MissingByIndex {
    return this.#byIndex;
  }

  add(uid: string, shards: readonly ShardId[]): void {
    if (shards.length === 0) return;
    const known = this.#byIndex.get(uid) ?? [];
    this.#byIndex.set(
      uid,
      [...new Set([...known, ...shards])].sort((a, b) => a - b),
    );
  }
}
