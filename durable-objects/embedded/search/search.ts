/** One search over one index: which documents match, in which order, and what the rules say of each. */
import type { MatchingStrategy } from "../../../worker/core/query/search-query.ts";
import type { DocSet } from "../doc-set.ts";
import { customRule } from "../index/schema.ts";
import type { Point } from "../index/geo.ts";
import type { SearchIndex } from "../index/search-index.ts";
import { bucketSort, distinctDocs, type Ranking } from "../rules/bucket-sort.ts";
import { exactAttributeRule } from "../rules/exact-attribute-rule.ts";
import { attributeRankRule, wordPositionRule } from "../rules/place-rules.ts";
import { proximityRule } from "../rules/proximity-rule.ts";
import type { RankingRule } from "../rules/rule.ts";
import { geoSortRule, sortRule, vectorRule } from "../rules/sort-rules.ts";
import { exactWordsRule, removalOrder, typoRule, wordsRule } from "../rules/word-rules.ts";
import { SearchContext } from "./context.ts";
import { phraseDocs } from "./proximity.ts";
import {
  bridged,
  buildGraph,
  type BuiltGraph,
  END,
  type QueryGraph,
  START,
} from "./query-graph.ts";
import { type ParsedQuery, parseQuery } from "./query-parser.ts";
import type { Synonyms } from "./synonyms.ts";
import type { LocatedTerm } from "./term.ts";
import { termDocs } from "./term-docs.ts";

export type SortCriterion =
  | { readonly kind: "attribute"; readonly field: string; readonly ascending: boolean }
  | { readonly kind: "geo"; readonly target: Point; readonly ascending: boolean };

export interface SearchRequest {
  readonly q: string | null;
  /** The documents that pass the filter. */
  readonly universe: DocSet;
  readonly sort: readonly SortCriterion[];
  readonly distinct: string | null;
  readonly strategy: MatchingStrategy;
  readonly searchOn: readonly string[] | null;
  readonly threshold: number | null;
  readonly vector: { readonly embedder: string; readonly target: Float32Array } | null;
  readonly limit: number;
  /** Whether totals must be exact, as pages need them. */
  readonly exhaustive: boolean;
  readonly maxTotalHits: number;
}

export interface SearchOutcome extends Ranking {
  readonly context: SearchContext;
  /** Null in a search without words. */
  readonly terms: readonly LocatedTerm[] | null;
}

type CommonRule<Q> = (rule: string) => readonly RankingRule<Q>[] | null;

/** Sort rules from `sort` and the custom rules of the settings; each attribute counts once. */
function valueRules<Q>(index: SearchIndex, sort: readonly SortCriterion[]): CommonRule<Q> {
  const sorted = new Set<string>();
  const attribute = (field: string, ascending: boolean): RankingRule<Q>[] => {
    if (sorted.has(field)) return [];
    sorted.add(field);
    return [sortRule(index, field, ascending)];
  };
  return (rule) => {
    const custom = customRule(rule);
    if (custom !== undefined) return attribute(custom.field, custom.ascending);
    if (rule !== "sort") return null;
    return sort.flatMap((criterion) =>
      criterion.kind === "geo"
        ? [geoSortRule<Q>(index, criterion.target, criterion.ascending)]
        : attribute(criterion.field, criterion.ascending),
    );
  };
}

function wordRules(
  context: SearchContext,
  strategy: MatchingStrategy,
  sort: readonly SortCriterion[],
): RankingRule<QueryGraph>[] {
  const valueRule = valueRules<QueryGraph>(context.index, sort);
  const factories: Readonly<Record<string, () => RankingRule<QueryGraph>[]>> = {
    typo: () => [typoRule(context)],
    proximity: () => [proximityRule(context)],
    attribute: () => [attributeRankRule(context), wordPositionRule(context)],
    attributeRank: () => [attributeRankRule(context)],
    wordPosition: () => [wordPositionRule(context)],
    exactness: () => [exactAttributeRule(context), exactWordsRule(context)],
  };
  const used = new Set(strategy === "all" ? ["words"] : []);
  return [...new Set(context.index.settings.rankingRules)].flatMap((rule) => {
    const factory = factories[rule];
    if (factory === undefined && rule !== "words") return valueRule(rule) ?? [];
    // As Meilisearch does: `words` comes before the first rule that needs it.
    const words = used.has("words") ? [] : [wordsRule(context, strategy)];
    used.add("words");
    return factory === undefined ? words : [...words, ...factory()];
  });
}

function placeholderRules(index: SearchIndex, sort: readonly SortCriterion[]): RankingRule<null>[] {
  const valueRule = valueRules<null>(index, sort);
  return [...new Set(index.settings.rankingRules)].flatMap((rule) => valueRule(rule) ?? []);
}

/** Nearness to the vector takes the place of the first rule about words. */
function vectorRules(
  index: SearchIndex,
  sort: readonly SortCriterion[],
  vector: { readonly embedder: string; readonly target: Float32Array },
): RankingRule<null>[] {
  const valueRule = valueRules<null>(index, sort);
  let placed = false;
  return [...new Set(index.settings.rankingRules)].flatMap((rule) => {
    const rules = valueRule(rule);
    if (rules !== null || placed) return rules ?? [];
    placed = true;
    return [vectorRule<null>(index, vector.embedder, vector.target)];
  });
}

/** Documents that match the query with as many words left out as the strategy allows. */
function matchingDocs(
  context: SearchContext,
  graph: QueryGraph,
  strategy: MatchingStrategy,
  universe: DocSet,
): DocSet {
  const removed = new Set(removalOrder(context, graph, strategy).flat());
  const reduced = bridged(graph, removed);
  const known = new Map<number, DocSet>([[START, universe]]);
  const docsAt = (node: number): DocSet => {
    const found = known.get(node);
    if (found !== undefined) return found;
    const docs = context.emptySet();
    const { part, predecessors } = reduced.nodes[node] ?? { part: null, predecessors: [] };
    for (const before of predecessors) docs.unite(docsAt(before));
    if (part !== null) docs.intersect(termDocs(context, part));
    known.set(node, docs);
    return docs;
  };
  return docsAt(END).clone();
}

function withoutNegatives(context: SearchContext, query: ParsedQuery, universe: DocSet): DocSet {
  const kept = universe.clone();
  for (const word of query.negativeWords) kept.subtract(context.wordDocs(word, "original"));
  for (const { term } of query.negativePhrases) {
    const { phrase } = term.zero;
    if (phrase !== null) kept.subtract(phraseDocs(context, phrase.id, phrase.words));
  }
  return kept;
}

interface Prepared {
  readonly built: BuiltGraph | null;
  readonly universe: DocSet;
}

function prepare(context: SearchContext, request: SearchRequest): Prepared {
  const { q, universe } = request;
  if (request.vector !== null || q === null || q.trim() === "") return { built: null, universe };
  const query = parseQuery(context, q);
  const kept = withoutNegatives(context, query, universe);
  const built = query.terms.length === 0 ? null : buildGraph(context, query.terms);
  return { built, universe: kept };
}

function rank(context: SearchContext, request: SearchRequest, prepared: Prepared): Ranking {
  const { index } = context;
  const distinct = request.distinct ?? index.settings.distinctAttribute;
  const column = distinct === null ? null : (index.columns.get(distinct) ?? null);
  const exactTotal = request.exhaustive && request.threshold !== null;
  const options = {
    limit: request.limit,
    distinct: column,
    threshold: request.threshold,
    evaluate: exactTotal ? request.maxTotalHits : request.limit,
  };
  const ranking = ranked(context, request, prepared, options);
  if (!request.exhaustive || column === null) return ranking;
  return { ...ranking, candidates: distinctDocs(column, ranking.candidates).kept };
}

function ranked(
  context: SearchContext,
  request: SearchRequest,
  { built, universe }: Prepared,
  options: Parameters<typeof bucketSort>[3],
): Ranking {
  const { sort, strategy, vector } = request;
  if (vector !== null) {
    return bucketSort(vectorRules(context.index, sort, vector), universe, null, options);
  }
  if (built === null) {
    return bucketSort(placeholderRules(context.index, sort), universe, null, options);
  }
  const matching = matchingDocs(context, built.graph, strategy, universe);
  return bucketSort(wordRules(context, strategy, sort), matching, built.graph, options);
}

export function search(
  index: SearchIndex,
  synonyms: Synonyms,
  request: SearchRequest,
): SearchOutcome {
  const context = new SearchContext(index, synonyms, request.searchOn);
  const prepared = prepare(context, request);
  const ranking = rank(context, request, prepared);
  return { ...ranking, context, terms: prepared.built?.terms ?? null };
}

/** All documents that a search finds, without ranking them: what facet search counts. */
export function candidatesOf(
  index: SearchIndex,
  synonyms: Synonyms,
  request: SearchRequest,
): DocSet {
  const context = new SearchContext(index, synonyms, request.searchOn);
  const { built, universe } = prepare(context, request);
  if (built === null) return universe;
  return matchingDocs(context, built.graph, request.strategy, universe);
}
