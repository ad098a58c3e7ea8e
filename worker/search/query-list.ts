/** Queries of one request side by side: what they have in common, federated or not. */
import { insideQuery } from "../core/errors/inside-query.ts";
import { filterOf } from "../core/filter/shape.ts";
import type { IndexUid, ShardId } from "../core/ids.ts";
import type { EnabledFeatures } from "../core/query/features.ts";
import type { MultiSearchQuery } from "../core/query/parse-multi-search.ts";
import type { Filter, SearchQuery } from "../core/query/search-query.ts";
import type { IndexEntry } from "../core/topology/topology.ts";

/** A query whose index its caller may search. */
export interface AdmittedQuery {
  readonly asked: MultiSearchQuery;
  /** Where it stands in the request: an alias makes several of one. */
  readonly place: number;
  /** The client's filter, and what else must hold for this caller. */
  readonly restrict: (filter: Filter | null) => Filter | null;
  /** The same for one index of the alias of several that it names. */
  readonly restrictBehind: (filter: Filter | null, uid: IndexUid) => Filter | null;
}

export interface MultiSearchOptions {
  readonly requestUid: string;
  /** The experimental features that clients have switched on. */
  readonly features: EnabledFeatures;
  /** JSON of a query's metadata, where the client asked for it. */
  readonly metadataOf?: (query: SearchQuery, index: IndexEntry) => string;
  /** What queries that name a remote call this instance, by their position. */
  readonly remotes?: ReadonlyMap<number, string>;
  /** What was searched for, where a federated answer is to look like that of one search. */
  readonly q?: string;
}

/** Shards that did not answer, by index. */
export type MissingByIndex = ReadonlyMap<string, readonly ShardId[]>;

export interface MultiAnswer {
  readonly body: string;
  readonly missing: MissingByIndex;
}

/** The filter of a query; throws when the client's has a shape that none has. */
export function filterOfQuery({ asked, restrict }: AdmittedQuery): Filter | null {
  return restrict(filterOf(asked.filter, "invalid_search_filter"));
}

/** The same for one index of the alias that the query names. */
export function filterBehindQuery(
  { asked, restrictBehind }: AdmittedQuery,
  uid: IndexUid,
): Filter | null {
  return restrictBehind(filterOf(asked.filter, "invalid_search_filter"), uid);
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
