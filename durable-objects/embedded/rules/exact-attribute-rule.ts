/**
 * Three buckets: documents with an attribute that is exactly the query, that starts with it, and the
 * rest. First part of the rule `exactness`.
 */
import type { DocSet } from "../doc-set.ts";
import { fieldOf, type FieldId, positionOf } from "../index/vocabulary.ts";
import type { SearchContext } from "../search/context.ts";
import { COUNTED_WORDS_MAX } from "../search/limits.ts";
import type { QueryGraph } from "../search/query-graph.ts";
import { exactTerm, type TermPart } from "../search/term.ts";
import { bucketedPosition } from "./place-rules.ts";
import type { Bucket, Iteration, RankingRule } from "./rule.ts";
import type { MatchType } from "./score-details.ts";

interface TypedTerm {
  readonly words: readonly (string | null)[];
  readonly first: number;
  readonly firstId: number;
  readonly length: number;
}

function typedTerm(part: TermPart): TypedTerm | null {
  const exact = exactTerm(part);
  if (exact === null) return null;
  const words = exact.kind === "phrase" ? exact.phrase.words : [exact.word];
  return { words, first: part.first, firstId: part.firstId, length: part.last - part.first + 1 };
}

/** The terms as typed, in order; null when a word of the query is missing among them. */
function typedTerms(graph: QueryGraph): TypedTerm[] | null {
  const byId = new Map<number, TypedTerm>();
  for (const { part } of graph.nodes) {
    const term = part === null ? null : typedTerm(part);
    if (term !== null && !byId.has(term.firstId)) byId.set(term.firstId, term);
  }
  const terms = [...byId.values()].toSorted((a, b) => a.firstId - b.firstId);
  const complete = terms.length > 0 && terms.every((term, at) => term.firstId === at);
  return complete ? terms : null;
}

/** Documents of the universe in which every typed word stands at its place, in any attribute. */
function startingDocs(
  context: SearchContext,
  terms: readonly TypedTerm[],
  universe: DocSet,
): number[] {
  const { vocabulary } = context.index;
  let candidates: readonly number[] | null = null;
  for (const term of terms) {
    for (const [offset, word] of term.words.entries()) {
      if (word === null) continue;
      const id = vocabulary.id(word);
      if (id === undefined) return [];
      const place = bucketedPosition(term.first + offset);
      candidates = (candidates ?? vocabulary.docs(id)).filter((doc) => {
        let stands = false;
        if (universe.has(doc)) {
          vocabulary.places(doc, id, (found) => {
            stands ||= bucketedPosition(positionOf(found)) === place;
          });
        }
        return stands;
      });
    }
  }
  return [...(candidates ?? [])];
}

/** Attributes of the document that hold every typed word. */
function fieldsWithAll(
  context: SearchContext,
  doc: number,
  terms: readonly TypedTerm[],
): FieldId[] {
  const { vocabulary } = context.index;
  let common: FieldId[] | null = null;
  for (const word of terms.flatMap((term) => term.words)) {
    const id = word === null ? undefined : vocabulary.id(word);
    if (id === undefined) continue;
    const fields = new Set<FieldId>();
    vocabulary.places(doc, id, (place) => fields.add(fieldOf(place)));
    common = common === null ? [...fields] : common.filter((field) => fields.has(field));
  }
  return (common ?? []).filter((field) => !context.isRestrictedFrom(field));
}

class ExactAttributeIteration implements Iteration<QueryGraph> {
  private readonly graph: QueryGraph;
  private readonly pending: { readonly docs: DocSet; readonly matchType: MatchType }[] = [];

  constructor(context: SearchContext, universe: DocSet, graph: QueryGraph) {
    this.graph = graph;
    const terms = typedTerms(graph);
    if (terms === null) return;
    const whole = context.emptySet();
    const starts = context.emptySet();
    const words = terms.reduce((sum, term) => sum + term.length, 0);
    for (const doc of startingDocs(context, terms, universe)) {
      for (const field of fieldsWithAll(context, doc, terms)) {
        const count = context.index.vocabulary.wordCount(doc, field);
        const isWhole = words <= COUNTED_WORDS_MAX && count === words;
        (isWhole ? whole : starts).add(doc);
      }
    }
    this.pending.push({ docs: whole, matchType: "exactMatch" });
    this.pending.push({ docs: starts, matchType: "matchesStart" });
  }

  next(universe: DocSet): Bucket<QueryGraph> {
    const best = this.pending.shift();
    const matchType = best?.matchType ?? "noExactMatch";
    const docs = best === undefined ? universe.clone() : best.docs.clone().intersect(universe);
    return { query: this.graph, docs, score: { kind: "exactAttribute", matchType } };
  }
}

export function exactAttributeRule(context: SearchContext): RankingRule<QueryGraph> {
  return { start: (universe, graph) => new ExactAttributeIteration(context, universe, graph) };
}
