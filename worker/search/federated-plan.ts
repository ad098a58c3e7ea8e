/**
 * What a federated search will ask, judged before any node is asked: everything that Meilisearch
 * refuses, in its order and with its texts.
 */
import { inside, insideQuery } from "../core/errors/inside-query.ts";
import type { IndexUid, PhysicalUid } from "../core/ids.ts";
import { compareText } from "../core/json/text-order.ts";
import { neededHits } from "../core/merge/page-window.ts";
import { checkFacets } from "../core/query/check-attributes.ts";
import {
  checkFederatedQuery,
  type FacetOrders,
  insideFacets,
  namedFacets,
  unusedIndexNote,
} from "../core/query/check-federated.ts";
import { checkSearch, checkSearchSyntax } from "../core/query/check-search.ts";
import { checkSearchKind } from "../core/query/check-vector.ts";
import type { EnabledFeatures } from "../core/query/features.ts";
import type { Federation } from "../core/query/parse-multi-search.ts";
import type { RuledQuery } from "../core/query/canonical-rules.ts";
import { RuleCompatibility } from "../core/query/rule-compatibility.ts";
import { searchKind } from "../core/query/search-kind.ts";
import type { Filter, SearchQuery, Window } from "../core/query/search-query.ts";
import { parseSortCriterion } from "../core/query/sort-criterion.ts";
import { sortedField } from "../core/settings/ranking-rule.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { filterOfQuery, type AdmittedQuery } from "./query-list.ts";
import { indexOf } from "./queried-index.ts";
import type { ReadContext } from "./read-context.ts";

/** A query with what was found out about it before it is searched. */
export interface PlannedQuery {
  readonly index: IndexEntry;
  readonly position: number;
  /** Where the client asked for it. */
  readonly place: number;
  readonly weight: number;
  /** What one node searches for it. */
  readonly query: SearchQuery;
  /** Hits of it that can come into the merged list. */
  readonly limit: number;
}

/** The queries of one index, by whichever of its names. */
export interface IndexPlan {
  readonly index: IndexEntry;
  /** Of all names together. */
  readonly facets: readonly string[] | null;
  /** Those by which facets are asked for. */
  readonly facetNames: readonly IndexUid[];
  readonly queries: readonly PlannedQuery[];
}

/** An index that is asked for by an alias too is still one: its documents show and count once. */
function byIndexAlone(plans: readonly IndexPlan[]): readonly IndexPlan[] {
  const merged = new Map<PhysicalUid, IndexPlan>();
  for (const plan of plans) {
    const known = merged.get(plan.index.physical);
    merged.set(plan.index.physical, known === undefined ? plan : joined(known, plan));
  }
  return [...merged.values()];
}

function joined(known: IndexPlan, plan: IndexPlan): IndexPlan {
  const facets = [...new Set([...(known.facets ?? []), ...(plan.facets ?? [])])];
  return {
    index: known.index,
    facets: known.facets === null && plan.facets === null ? null : facets,
    facetNames: [...known.facetNames, ...plan.facetNames],
    queries: [...known.queries, ...plan.queries].toSorted((a, b) => a.position - b.position),
  };
}

/** Everything that can be refused without asking a node, in Meilisearch's order. */
export function plannedFederation(
  read: ReadContext,
  queries: readonly AdmittedQuery[],
  federation: Federation,
  { orders, features }: { readonly orders: FacetOrders; readonly features: EnabledFeatures },
): readonly IndexPlan[] {
  const filters = queries.map((admitted) =>
    insideQuery(admitted.place, () => judgedFilter(admitted, features)),
  );
  const placeOf = (position: number): number => queries[position]?.place ?? position;
  const byIndex = new Map<IndexUid, number[]>();
  for (const [position, { asked, place }] of queries.entries()) {
    insideQuery(place, () => checkFederatedQuery(asked, federation, features));
    const known = byIndex.get(asked.indexUid);
    if (known === undefined) byIndex.set(asked.indexUid, [position]);
    else known.push(position);
  }
  const compatibility = new RuleCompatibility();
  const plans = [...byIndex]
    .sort(([a], [b]) => compareText(a, b))
    .map(([uid, positions]) => {
      const first = placeOf(positions[0] ?? 0);
      const index = insideQuery(first, () => indexOf(read.topology, uid));
      const facets = federation.facetsByIndex.get(uid) ?? null;
      const isMerged = federation.mergeFacets !== null;
      insideQuery(first, () => {
        inside(insideFacets(uid), "", () => {
          if (isMerged) orders.add(uid, index.settings, namedFacets(facets ?? [], index.settings));
        });
      });
      const own = positions.map((position) =>
        insideQuery(placeOf(position), () =>
          plannedQuery(index, queries[position], filters[position] ?? null, {
            position,
            federation,
            facets,
            compatibility,
            features,
          }),
        ),
      );
      insideQuery(first, () =>
        inside(insideFacets(uid), "", () => checkFacets(facets ?? [], index.settings)),
      );
      return { index, facets, facetNames: facets === null ? [] : [uid], queries: own };
    });
  checkUnusedFacets(read, federation, byIndex, orders);
  return byIndexAlone(plans);
}

function judgedFilter(admitted: AdmittedQuery, features: EnabledFeatures): Filter | null {
  const filter = filterOfQuery(admitted);
  checkSearchSyntax(admitted.asked.search(NO_WINDOW, filter), features);
  return filter;
}

const NO_WINDOW: Window = { kind: "slice", offset: 0, limit: 0 };

function plannedQuery(
  index: IndexEntry,
  admitted: AdmittedQuery | undefined,
  filter: Filter | null,
  options: {
    readonly position: number;
    readonly federation: Federation;
    readonly facets: readonly string[] | null;
    readonly compatibility: RuleCompatibility;
    readonly features: EnabledFeatures;
  },
): PlannedQuery {
  if (admitted === undefined) throw new Error("every position has a query");
  const { position, federation, facets, compatibility, features } = options;
  const { settings } = index;
  const limit = neededHits(federation.window, settings.pagination.maxTotalHits);
  const window: Window =
    federation.window.kind === "page"
      ? { kind: "page", page: 1, hitsPerPage: limit }
      : { kind: "slice", offset: 0, limit };
  const asked = admitted.asked.search(window, filter);
  const query = { ...asked, distinct: federation.distinct ?? asked.distinct };
  checkSearchKind(query, settings.embedders, features);
  const sort = query.sort?.map((text) => parseSortCriterion(text, "invalid_search_sort")) ?? null;
  compatibility.add(
    {
      rankingRules: settings.rankingRules,
      sort,
      matchingStrategy: query.matchingStrategy,
      kind: ruleKind(query),
    },
    admitted.place,
    index.uid,
  );
  checkSearch({ ...query, facets: null }, index, features);
  return {
    index,
    position,
    place: admitted.place,
    weight: admitted.asked.federationOptions?.weight ?? 1,
    query: { ...query, facets, distinct: query.distinct ?? settings.distinctAttribute },
    limit,
  };
}

function ruleKind(query: SearchQuery): RuledQuery["kind"] {
  if (searchKind(query) === "semantic") return "vector";
  return query.q !== null && query.q.trim() !== "" ? "keyword" : "placeholder";
}

/** As Meilisearch does: facets are judged also where no query searches the index. */
function checkUnusedFacets(
  read: ReadContext,
  federation: Federation,
  used: ReadonlyMap<IndexUid, unknown>,
  orders: FacetOrders,
): void {
  const unused = [...federation.facetsByIndex].filter(([uid]) => !used.has(uid));
  for (const [uid, facets] of unused.sort(([a], [b]) => compareText(a, b))) {
    inside(insideFacets(uid), unusedIndexNote(uid), () => {
      const { settings } = indexOf(read.topology, uid);
      if (federation.mergeFacets !== null) {
        orders.add(uid, settings, namedFacets(facets ?? [], settings));
      }
      checkFacets(facets ?? [], settings);
    });
  }
}

/**
 * Whether the ranking score is all that hits are compared by, but for values: when no rule that
 * sorts by a value comes between relevancy rules.
 */
export function hasOneScore({ index, query }: PlannedQuery): boolean {
  if (searchKind(query) !== "keyword") return false;
  const isRelevancy = index.settings.rankingRules
    .filter((rule) => rule !== "sort" || query.sort !== null)
    .map((rule) => rule !== "sort" && sortedField(rule) === undefined);
  const first = isRelevancy.indexOf(true);
  return !isRelevancy.slice(Math.max(first, 0), isRelevancy.lastIndexOf(true)).includes(false);
}
