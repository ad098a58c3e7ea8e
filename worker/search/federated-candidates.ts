/**
 * The candidates of an index in a federated search, with their facets: of one query its own, of
 * several the documents that any of them has.
 */
import { mergeFacets, type NodeFacets } from "../core/merge/facets.ts";
import { facetRules } from "../core/merge/facet-rules.ts";
import type { FederatedHit, QueryScale } from "../core/merge/federation-score.ts";
import { chooseDistinct } from "../core/merge/distinct.ts";
import { distinctValues } from "../core/merge/distinct-values.ts";
import type { Hit } from "../core/merge/hit.ts";
import { readNodeAnswer } from "../core/merge/node-answer.ts";
import { anyOf, isOneOf, not } from "../core/query/conditions.ts";
import { nodeQuery, type NodeQuery } from "../core/query/plan.ts";
import { searchKind, SEMANTIC_PLACEHOLDER } from "../core/query/search-kind.ts";
import type { Filter, SearchQuery } from "../core/query/search-query.ts";
import { unionPlan, unionRequest, type UnionMember } from "../core/query/union-plan.ts";
import { compareSortValues } from "../core/ranking/compare-steps.ts";
import { documentKey } from "../core/ranking/document-key.ts";
import { TypoMaxima } from "../core/ranking/recompute-score.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { gather, gatheredFacets, type Gathered } from "./gather.ts";
import type { ReadContext } from "./read-context.ts";
import { scatter } from "./scatter.ts";
import type { PinnedRanked } from "./pinned-search.ts";
import { searchByKind } from "./semantic.ts";

export interface Counted {
  readonly total: number;
  readonly facets: NodeFacets | undefined;
}

/** A query with its own hits: the first that were asked for, and what they are compared by. */
export interface RankedQuery {
  readonly scale: QueryScale;
  readonly ranked: PinnedRanked;
  /** How many hits were asked for. */
  readonly limit: number;
  /** The candidates themselves, where they had to be listed. */
  readonly listed: readonly Hit[] | undefined;
}

/**
 * Whether every candidate of a query must be known. With pages, distinct and score thresholds are
 * judged for each of them; which documents those leave is not told by a filter, and other queries
 * of the index may have the same. As Meilisearch does: with vectors, `distinct` is judged for hits
 * alone.
 */
export function listsCandidates(query: SearchQuery): boolean {
  if (query.window.kind !== "page") return false;
  const kind = searchKind(query);
  if (kind === "keyword") return query.distinct !== null || query.rankingScoreThreshold !== null;
  return kind === "semantic" && query.distinct === null && query.rankingScoreThreshold !== null;
}

/**
 * The candidates of a query whose first hits are known. As Meilisearch does, of what those leave
 * each distinct value counts by its oldest document, for which the least primary key stands.
 * Undefined when there are more than nodes list, or when they do not show what is distinct.
 */
export async function listedCandidates(
  read: ReadContext,
  index: IndexEntry,
  query: SearchQuery,
  chosen: readonly Hit[],
): Promise<readonly Hit[] | undefined> {
  const { displayedAttributes, pagination } = index.settings;
  const { distinct } = query;
  const limit = pagination.maxTotalHits;
  const shown = distinct === null ? [index.primaryKey ?? "*"] : [distinct];
  if (
    !displayedAttributes.includes("*") &&
    !shown.every((name) => displayedAttributes.includes(name))
  ) {
    return undefined;
  }
  const listed = { ...query, distinct: null, attributesToRetrieve: shown, facets: null };
  const { hits } = await searchByKind(read, index, listed, limit, new TypoMaxima());
  if (hits.length >= limit) return undefined;
  if (distinct === null) return hits;
  const values = new Set(chosen.flatMap((hit) => distinctValues(hit, distinct)));
  const known = new Set(keysOf(chosen, index.primaryKey ?? ""));
  const rest = hits.filter(
    (hit) =>
      !distinctValues(hit, distinct).some((value) => values.has(value)) &&
      !known.has(documentKey(hit.steps, index.primaryKey ?? "") ?? ""),
  );
  const keyed = rest.map((hit) => ({
    hit,
    key: documentKey(hit.steps, index.primaryKey ?? "") ?? null,
  }));
  keyed.sort((a, b) => compareSortValues(a.key, b.key, true));
  const oldest = chooseDistinct(
    keyed.map(({ hit }) => hit),
    distinct,
    Infinity,
  );
  return [...chosen, ...oldest.hits];
}

/**
 * The candidates of an index's queries, without hits that `distinct` rejected of their lists. What
 * any of them pins is one.
 */
export async function candidatesOf(
  read: ReadContext,
  index: IndexEntry,
  queries: readonly RankedQuery[],
  facets: readonly string[] | null,
  rejected: readonly Hit[],
): Promise<Counted> {
  const [only, ...others] = queries;
  if (only === undefined) return { total: 0, facets: undefined };
  // The list of one query has nothing left to reject.
  if (others.length === 0) return only.ranked;
  const { primaryKey = "" } = index;
  const pinned = [...new Set(queries.flatMap(({ ranked }) => ranked.pinned?.ids ?? []))];
  const left = [...keysOf(rejected, primaryKey), ...pinned];
  const conditions = left.length === 0 ? [] : [not(isOneOf(primaryKey, left))];
  const { filtered, worded } = unionPlan(
    queries.map((query) => unionMember(index, query)),
    conditions,
  );
  const [filteredOnes, wordedOnes, pinnedOnes] = await Promise.all([
    filtered === undefined
      ? NOTHING
      : gather(read, index, filteredQuery(filtered, facets, conditions)),
    worded.length === 0 ? NOTHING : gatherUnion(read, index, worded, facets),
    pinned.length === 0
      ? NOTHING
      : gather(read, index, filteredQuery(null, facets, [isOneOf(primaryKey, pinned)])),
  ]);
  const parts = [filteredOnes, wordedOnes, pinnedOnes];
  const total = parts.reduce((sum, part) => sum + part.total, 0);
  return {
    total: bounded(total, queries, rejected.length),
    facets: wanted(facets) ? mergeFacets(parts.map(facetsOf(index))) : undefined,
  };
}

/** A union is no smaller than its greatest part and no greater than the sum of its parts. */
function bounded(total: number, queries: readonly RankedQuery[], rejected: number): number {
  const totals = queries.map(({ ranked }) => ranked.total);
  const sum = totals.reduce((whole, each) => whole + each, 0);
  return Math.min(Math.max(total, Math.max(...totals) - rejected), sum);
}

const NOTHING: Gathered = { answers: [], total: 0, missing: [] };

/** The facets of some documents of an index. */
export async function facetsOfHits(
  read: ReadContext,
  index: IndexEntry,
  hits: readonly FederatedHit[],
  facets: readonly string[] | null,
): Promise<NodeFacets> {
  if (!wanted(facets) || hits.length === 0) return facetsOf(index)(NOTHING);
  const { primaryKey = "" } = index;
  const asked = filteredQuery(null, facets, [
    isOneOf(
      primaryKey,
      keysOf(
        hits.map(({ hit }) => hit),
        primaryKey,
      ),
    ),
  ]);
  return facetsOf(index)(await gather(read, index, asked));
}

function wanted(facets: readonly string[] | null): facets is readonly string[] {
  return facets !== null && facets.length > 0;
}

function facetsOf(index: IndexEntry): (gathered: Gathered) => NodeFacets {
  const rules = facetRules(index.settings);
  return (gathered) => gatheredFacets(gathered, rules);
}

/** A search for everything that passes a filter, counted. */
function filteredQuery(
  filter: Filter | null,
  facets: readonly string[] | null,
  conditions: readonly string[],
): NodeQuery {
  const query: SearchQuery = { ...SEMANTIC_PLACEHOLDER, filter, facets };
  return { ...nodeQuery(query, 0), conditions };
}

async function gatherUnion(
  read: ReadContext,
  index: IndexEntry,
  queries: readonly SearchQuery[],
  facets: readonly string[] | null,
): Promise<Gathered> {
  const scattered = await scatter(read, index, (part) =>
    unionRequest(index, queries, facets, part),
  );
  const answers = scattered.answers.map(({ text }) => readNodeAnswer(text));
  const total = answers.reduce((sum, answer) => sum + answer.total, 0);
  return { answers, total, missing: scattered.missing };
}

function unionMember(
  index: IndexEntry,
  { scale, ranked, limit, listed }: RankedQuery,
): UnionMember {
  const { widest } = ranked;
  const query: SearchQuery =
    widest === undefined ? scale.query : { ...scale.query, q: widest, matchingStrategy: "all" };
  const { primaryKey = "" } = index;
  const isOneOfHits = (hits: readonly Hit[]): string =>
    isOneOf(primaryKey, keysOf(hits, primaryKey));
  // A threshold that cut the list left its hits alone.
  const isCut =
    query.rankingScoreThreshold !== null &&
    ranked.hits.length < limit &&
    ranked.total === ranked.hits.length;
  const known = listed ?? (isCut ? ranked.hits : undefined);
  if (known !== undefined) return { query, hasWords: false, conditions: [isOneOfHits(known)] };
  const hasWords =
    (query.q ?? "").trim() !== "" &&
    (searchKind(query) === "keyword" || ranked.vector === undefined);
  const { distinct } = query;
  if (distinct === null) return { query, hasWords, conditions: [] };
  // Documents that share a value with a chosen hit are no candidates.
  const values = [...new Set(ranked.hits.flatMap((hit) => distinctValues(hit, distinct)))];
  if (values.length === 0) return { query, hasWords, conditions: [] };
  const others = not(isOneOf(distinct, values));
  return { query, hasWords, conditions: [anyOf([others, isOneOfHits(ranked.hits)])] };
}

function keysOf(hits: readonly Hit[], primaryKey: string): (string | number)[] {
  return hits.flatMap((hit) => documentKey(hit.steps, primaryKey) ?? []);
}
