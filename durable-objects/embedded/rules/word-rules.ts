/** The rules that count: `words` (how many of the query's words match), `typo`, exactness of words. */
import type { MatchingStrategy } from "../../../worker/core/query/search-query.ts";
import type { DocSet } from "../doc-set.ts";
import type { SearchContext } from "../search/context.ts";
import { phraseDocs } from "../search/proximity.ts";
import {
  type QueryGraph,
  removalOrderFrequency,
  removalOrderLast,
  wordsInPhrases,
} from "../search/query-graph.ts";
import { exactTerm, onlyExact, partKey, type TermPart, typosMax, width } from "../search/term.ts";
import { termDocs } from "../search/term-docs.ts";
import { type Condition, type GraphRuleKind, graphRule, type Skip } from "./graph-rule.ts";
import type { RankingRule } from "./rule.ts";

/** The documents that match a part at all. */
export function partCondition(context: SearchContext, to: TermPart, cost: number): Condition {
  return {
    key: `part:${partKey(to)}`,
    cost,
    step: { from: null, to },
    resolve: (universe) => universe.clone().intersect(termDocs(context, to)),
  };
}

export function removalOrder(
  context: SearchContext,
  graph: QueryGraph,
  strategy: MatchingStrategy,
): number[][] {
  if (strategy === "all") return [];
  return strategy === "last" ? removalOrderLast(graph) : removalOrderFrequency(context, graph);
}

function skipsOf(
  context: SearchContext,
  graph: QueryGraph,
  strategy: MatchingStrategy,
): ReadonlyMap<number, Skip> {
  const skips = new Map<number, Skip>();
  const removed = new Set<number>();
  for (const nodes of removalOrder(context, graph, strategy)) {
    const forbids = new Set(removed);
    for (const node of nodes) skips.set(node, { cost: 1, forbids });
    for (const node of nodes) removed.add(node);
  }
  return skips;
}

export function wordsRule(
  context: SearchContext,
  strategy: MatchingStrategy,
): RankingRule<QueryGraph> {
  const kind: GraphRuleKind = {
    conditions: (_, to) => [partCondition(context, to, 0)],
    skips: (graph) => ({
      byNode: skipsOf(context, graph, strategy),
      extraCost: Math.max(0, wordsInPhrases(graph) - 1),
    }),
    score: (rank) => ({ kind: "words", rank }),
  };
  return graphRule(kind);
}

/** As Meilisearch does: joining two query words costs two typos, joining three costs three. */
function typoBaseCost(part: TermPart): number {
  return width(part) === 1 ? 0 : width(part);
}

export function typoRule(context: SearchContext): RankingRule<QueryGraph> {
  return graphRule({
    conditions: (_, to) => {
      const base = typoBaseCost(to);
      const parts: TermPart[] = [
        { ...to, one: false, two: false },
        { ...to, zero: "none", two: false },
        { ...to, zero: "none", one: false },
      ];
      return parts
        .slice(0, typosMax(to) + 1)
        .map((part, typos) => partCondition(context, part, base + typos));
    },
    score: (rank) => ({ kind: "typo", rank }),
  });
}

function exactDocs(context: SearchContext, part: TermPart, universe: DocSet): DocSet {
  const exact = exactTerm(part);
  if (exact === null) return context.emptySet();
  const docs =
    exact.kind === "phrase"
      ? phraseDocs(context, exact.phrase.id, exact.phrase.words)
      : context.wordDocs(exact.word, "original");
  return universe.clone().intersect(docs);
}

/** How many words match as typed, neither as a prefix nor with typos. */
export function exactWordsRule(context: SearchContext): RankingRule<QueryGraph> {
  return graphRule({
    conditions: (_, to) => [
      {
        key: `exact:${partKey(to)}`,
        cost: 0,
        step: { from: null, to: { ...onlyExact(to), mandatory: true } },
        resolve: (universe) => exactDocs(context, to, universe),
      },
      partCondition(context, to, width(to)),
    ],
    score: (rank) => ({ kind: "exactWords", rank }),
  });
}
