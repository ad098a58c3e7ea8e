/**
 * A federated `POST /multi-search`: the hits of several queries in one list.
 *
 * Each query is searched over all shards on its own, which gives its list as one node would have it.
 * What one node does next is done here: the lists of an index become one in which each document
 * shows once, then those of all indexes. Nodes are not asked to federate: they would judge by their
 * own ranking rules whether the queries fit together, compare hits on their own scale, and send one
 * list in which the queries' own orders are lost.
 */
import { inside } from "../core/errors/inside-query.ts";
import { BUNDLE_QUERIES_MAX } from "../core/limits.ts";
import { facetRules } from "../core/merge/facet-rules.ts";
import type { NodeFacets } from "../core/merge/facets.ts";
import { mergeIndexes, mergeQueries, type Federated } from "../core/merge/federation.ts";
import {
  mergedFacets,
  shownFacets,
  withoutRejected,
  type ShownFacets,
} from "../core/merge/federation-facets.ts";
import { federatedText, renderFederatedHit } from "../core/merge/federation-response.ts";
import { federatedHit, type FederatedHit } from "../core/merge/federation-score.ts";
import type { Hit } from "../core/merge/hit.ts";
import { semanticHits } from "../core/merge/hybrid.ts";
import { neededHits, pageOf } from "../core/merge/page-window.ts";
import { FacetOrders, insideFacets } from "../core/query/check-federated.ts";
import type { Federation } from "../core/query/parse-multi-search.ts";
import { refusePersonalization } from "../core/query/parse-search.ts";
import { searchKind } from "../core/query/search-kind.ts";
import type { Window } from "../core/query/search-query.ts";
import { TypoMaxima } from "../core/ranking/recompute-score.ts";
import { keptPins, withPins, type Pinned } from "../core/rules/place-pins.ts";
import type { IndexUid } from "../core/ids.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import {
  candidatesOf,
  facetsOfHits,
  listedCandidates,
  listsCandidates,
  type RankedQuery,
} from "./federated-candidates.ts";
import {
  inOrder,
  MissingShards,
  type AdmittedQuery,
  type MultiAnswer,
  type MultiSearchOptions,
} from "./query-list.ts";
import {
  hasOneScore,
  plannedFederation,
  type IndexPlan,
  type PlannedQuery,
} from "./federated-plan.ts";
import { pinnedSearch } from "./pinned-search.ts";
import type { ReadContext } from "./read-context.ts";
import { withWordMarks } from "./word-marks.ts";
import { BundlingNodeClient } from "../nodes/bundling-node-client.ts";
import { Gate } from "../nodes/gate.ts";

export async function federatedSearch(
  read: ReadContext,
  queries: readonly AdmittedQuery[],
  federation: Federation,
  options: MultiSearchOptions,
): Promise<MultiAnswer> {
  const startedAt = read.now();
  const orders = new FacetOrders();
  const plans = plannedFederation(read, queries, federation, {
    orders,
    features: options.features,
  });
  refusePersonalization(federation.personalize);
  const ranked = await rankedQueries(read, plans);
  const results = await Promise.all(
    plans.map((plan) => indexResult(read, plan, ranked, federation.distinct)),
  );
  if (federation.mergeFacets !== null) checkFoundOrders(results, orders);
  const { distinct, window } = federation;
  const end = pageEnd(window);
  const merged = mergeIndexes(
    results.map(({ hits }) => hits),
    { distinct, limit: end },
  );
  const pins = results.flatMap((result) => result.pins).toSorted(byPosition);
  const shown = pageOf(withPins(pins, merged.hits, end), window);
  const page = await markedPage(read, ranked, shown);
  // As Meilisearch does: with pins, hits before the page count too.
  const counted = pins.length === 0 ? page : merged.hits;
  const scales = new Map(ranked.map(({ scale }) => [scale.position, scale]));
  const missing = new MissingShards();
  for (const { scale, ranked: found } of ranked) missing.add(scale.index.uid, found.missing);
  const total = results.reduce((sum, result) => sum + result.total, 0) - merged.rejected.length;
  const asked = ranked.map(({ scale }) => scale.query);
  const isByWordsAlone = asked.every((query) => searchKind(query) === "keyword");
  const elapsedMs = read.now() - startedAt;
  const body = federatedText({
    hits: page.flatMap((hit) => {
      const scale = scales.get(hit.position);
      return scale === undefined
        ? []
        : [renderFederatedHit(hit, scale, options.remotes?.get(scale.place))];
    }),
    q: options.q,
    queryVectors: vectorsOf(ranked),
    processingTimeMs: elapsedMs,
    window,
    total: Math.max(0, total),
    ...(await facetsOf(read, results, merged, federation, orders)),
    requestUid: options.requestUid,
    metadata: metadataOf(queries, plans, options),
    semanticHitCount: isByWordsAlone ? undefined : semanticHits(counted.map(({ hit }) => hit)),
    performanceDetails: federation.showPerformanceDetails
      ? JSON.stringify({ search: `${elapsedMs.toFixed(2)}ms` })
      : undefined,
    namesRemotes: (options.remotes?.size ?? 0) > 0,
  });
  return { body, missing: missing.byIndex };
}

/** The lists of all queries, searched side by side. */
async function rankedQueries(
  read: ReadContext,
  plans: readonly IndexPlan[],
): Promise<readonly RankedQuery[]> {
  const queries = plans.flatMap((plan) => plan.queries);
  const several = new Set(
    plans.flatMap(({ index, queries: own }) => (own.length > 1 ? [index.physical] : [])),
  );
  const abort = new AbortController();
  const signal =
    read.signal === undefined ? abort.signal : AbortSignal.any([read.signal, abort.signal]);
  const gate = new Gate(BUNDLE_QUERIES_MAX);
  const alone = { ...read, signal };
  const bundled = { ...alone, nodes: new BundlingNodeClient(read.nodes, signal) };
  const searches = queries.map((planned) =>
    gate.run(() =>
      rankedQuery(
        hasOneScore(planned) ? bundled : alone,
        planned,
        several.has(planned.index.physical),
      ),
    ),
  );
  return await inOrder(searches, abort, (at) => queries[at]?.place ?? at);
}

async function rankedQuery(
  read: ReadContext,
  planned: PlannedQuery,
  isOneOfSeveral: boolean,
): Promise<RankedQuery> {
  const { index, query, position, place, weight, limit } = planned;
  const maxima = new TypoMaxima();
  // Scores are needed whether the client wants to see them or not.
  const scored = { ...query, showRankingScore: true };
  const ranked = await pinnedSearch(read, index, scored, limit, maxima);
  const listed =
    isOneOfSeveral && listsCandidates(query)
      ? await listedCandidates(read, index, query, ranked.hits)
      : undefined;
  return { scale: { index, query, position, place, weight, maxima }, ranked, limit, listed };
}

interface IndexResult {
  readonly index: IndexEntry;
  readonly facets: readonly string[] | null;
  readonly facetNames: readonly IndexUid[];
  /** Those that are not pinned. */
  readonly hits: readonly FederatedHit[];
  /** By position. */
  readonly pins: readonly Pinned<FederatedHit>[];
  readonly total: number;
  /** Facets of the candidates; undefined when none were asked for. */
  readonly found: NodeFacets | undefined;
}

/** The queries of one index as one list, in which each document shows once. */
async function indexResult(
  read: ReadContext,
  plan: IndexPlan,
  ranking: readonly RankedQuery[],
  distinct: string | null,
): Promise<IndexResult> {
  const { index, facets, facetNames } = plan;
  const own = ranking.filter(({ scale }) => scale.index.physical === index.physical);
  const limit = plan.queries[0]?.limit ?? 0;
  const lists = own.map(({ scale, ranked }) => ranked.hits.map((hit) => federatedHit(hit, scale)));
  const { hits, rejected } = mergeQueries(lists, {
    primaryKey: index.primaryKey ?? "",
    distinct,
    limit,
  });
  const counted = await candidatesOf(
    read,
    index,
    own,
    facets,
    rejected.map(({ hit }) => hit),
  );
  const pinned = own.flatMap(({ scale, ranked }) =>
    ranked.pins.map(({ position, hit }) => ({ position, hit: federatedHit(hit, scale) })),
  );
  const pins = keptPins(pinned.toSorted(byPosition), hits.length, limit);
  return {
    index,
    facets,
    facetNames,
    hits: hits.slice(0, limit - pins.length),
    pins,
    total: counted.total,
    found: counted.facets,
  };
}

const byPosition = (a: Pinned<unknown>, b: Pinned<unknown>): number => a.position - b.position;

/** Orders of facets that only the documents tell: those below a name, or matched by a pattern. */
function checkFoundOrders(results: readonly IndexResult[], orders: FacetOrders): void {
  for (const { index, facetNames, found } of results) {
    for (const uid of facetNames) {
      inside(insideFacets(uid), "", () => {
        orders.add(uid, index.settings, found?.values.keys() ?? []);
      });
    }
  }
}

interface ResponseFacets {
  readonly mergedFacets: ShownFacets | undefined;
  readonly facetsByIndex: ReadonlyMap<string, ShownFacets>;
}

async function facetsOf(
  read: ReadContext,
  results: readonly IndexResult[],
  merged: Federated,
  { mergeFacets }: Federation,
  orders: FacetOrders,
): Promise<ResponseFacets> {
  const asked = results.filter(({ facets }) => facets !== null);
  const shown = asked.map(({ index, found, total }) =>
    shownFacets(found, facetRules(index.settings), total),
  );
  const rejected = await Promise.all(
    asked.map(({ index, facets }) => {
      const hits = merged.rejected.filter((hit) => hit.index.physical === index.physical);
      return facetsOfHits(read, index, hits, facets);
    }),
  );
  const none = { values: new Map(), ranges: new Map() };
  if (mergeFacets === null) {
    const facetsByIndex = new Map(
      asked.flatMap(({ index, facetNames }, at) => {
        const own = withoutRejected(
          shown[at] ?? shownFacets(undefined, facetRules(index.settings), 0),
          rejected[at] ?? none,
        );
        return facetNames.map((uid) => [String(uid), own] as const);
      }),
    );
    return { mergedFacets: undefined, facetsByIndex };
  }
  if (asked.length === 0) return { mergedFacets: undefined, facetsByIndex: new Map() };
  const whole = mergedFacets(
    shown,
    (facet) => orders.orderOf(facet),
    mergeFacets.maxValuesPerFacet,
  );
  return {
    mergedFacets: rejected.reduce(withoutRejected, whole),
    facetsByIndex: new Map(),
  };
}

/** Hits with the words of their queries marked, also those that were not found by them. */
async function markedPage(
  read: ReadContext,
  ranked: readonly RankedQuery[],
  page: readonly FederatedHit[],
): Promise<readonly FederatedHit[]> {
  const marked = new Map<FederatedHit, Hit>();
  for (const { scale } of ranked) {
    const own = page.filter(({ position }) => position === scale.position);
    const hits = own.map(({ hit }) => hit);
    const found = await withWordMarks(read, scale.index, scale.query, hits);
    for (const [at, hit] of own.entries()) marked.set(hit, found[at] ?? hit.hit);
  }
  return page.map((hit) => ({ ...hit, hit: marked.get(hit) ?? hit.hit }));
}

/** How many hits of the whole list the page reaches to. */
function pageEnd(window: Window): number {
  return neededHits(window, Infinity);
}

/** Undefined when no query retrieves vectors. */
function vectorsOf(
  ranked: readonly RankedQuery[],
): ReadonlyMap<number, readonly number[]> | undefined {
  if (!ranked.some(({ scale }) => scale.query.retrieveVectors)) return undefined;
  return new Map(
    ranked.flatMap(({ scale, ranked: { vector } }) =>
      scale.query.retrieveVectors && vector !== undefined ? [[scale.place, vector] as const] : [],
    ),
  );
}

function metadataOf(
  queries: readonly AdmittedQuery[],
  plans: readonly IndexPlan[],
  { metadataOf: describe }: MultiSearchOptions,
): string | undefined {
  if (describe === undefined) return undefined;
  const planned = new Map(
    plans.flatMap((plan) => plan.queries.map((query) => [query.position, query] as const)),
  );
  const texts = queries.flatMap((_, position) => {
    const found = planned.get(position);
    return found === undefined ? [] : [describe(found.query, found.index)];
  });
  return `[${texts.join(",")}]`;
}
