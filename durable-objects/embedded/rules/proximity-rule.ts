/** Words that stand near each other, in the order of the query, are better. */
import { DocSet } from "../doc-set.ts";
import { fieldOf, type Place, type WordId } from "../index/vocabulary.ts";
import type { SearchContext } from "../search/context.ts";
import { PROXIMITY_MAX } from "../search/limits.ts";
import { forwardDistance, phraseDocs } from "../search/proximity.ts";
import type { QueryGraph } from "../search/query-graph.ts";
import { partKey, type TermPart, width } from "../search/term.ts";
import { partPhrases, partPrefix, partWords, prefixWords } from "../search/term-docs.ts";
import { type Condition, graphRule } from "./graph-rule.ts";
import type { RankingRule } from "./rule.ts";
import { partCondition } from "./word-rules.ts";

/** One word that may stand at the border between two terms. */
interface Border {
  readonly word: WordId;
  /** Documents it may be taken from, when it belongs to a phrase. */
  readonly within: DocSet | null;
  readonly forward: boolean;
  readonly backward: boolean;
}

interface Near {
  /** `[d]`: documents where the right term follows the left at distance d. */
  readonly forward: readonly DocSet[];
  readonly backward: readonly DocSet[];
}

function border(
  context: SearchContext,
  word: string,
  options: Omit<Border, "word">,
): readonly Border[] {
  const id = context.index.vocabulary.id(word);
  return id === undefined ? [] : [{ word: id, ...options }];
}

function leftBorders(context: SearchContext, part: TermPart): Border[] {
  const single = { within: null, forward: true, backward: true };
  const words = partWords(context, part).flatMap(({ word }) => border(context, word, single));
  const phrases = partPhrases(context, part).flatMap(({ id, words: typed }) => {
    const last = typed.at(-1) ?? null;
    if (last === null) return [];
    const within = phraseDocs(context, id, typed);
    return border(context, last, { within, forward: true, backward: false });
  });
  return [...words, ...phrases];
}

function rightBorders(context: SearchContext, part: TermPart): Border[] {
  const single = { within: null, forward: true, backward: true };
  const words = partWords(context, part).flatMap(({ word }) => border(context, word, single));
  const phrases = partPhrases(context, part).flatMap(({ id, words: typed }) => {
    const first = typed[0] ?? null;
    if (first === null) return [];
    const within = phraseDocs(context, id, typed);
    return border(context, first, { within, forward: true, backward: false });
  });
  // As Meilisearch does: of words found by a common prefix, only the prefix itself may stand before.
  const prefix = partPrefix(part);
  const prefixed = prefixWords(context, part).flatMap(({ word }) =>
    border(context, word, { within: null, forward: true, backward: word === prefix }),
  );
  return [...words, ...phrases, ...prefixed];
}

interface Placed {
  readonly border: Border;
  readonly places: readonly Place[];
}

function placesOf(context: SearchContext, doc: number, word: WordId): Place[] {
  const places: Place[] = [];
  context.index.vocabulary.places(doc, word, (place) => places.push(place));
  return places;
}

/** Distances between all words of two terms, over the documents of the universe. */
class NearDocs implements Near {
  readonly forward: DocSet[];
  readonly backward: DocSet[];
  private readonly context: SearchContext;
  private readonly byAttribute: boolean;

  constructor(context: SearchContext) {
    this.context = context;
    this.byAttribute = context.index.settings.proximityPrecision === "byAttribute";
    this.forward = Array.from({ length: PROXIMITY_MAX }, () => context.emptySet());
    this.backward = Array.from({ length: PROXIMITY_MAX }, () => context.emptySet());
  }

  compute(left: readonly Border[], right: readonly Border[], universe: DocSet): void {
    const { vocabulary } = this.context.index;
    const leftByDoc = new Map<number, Placed[]>();
    for (const one of left) {
      for (const doc of vocabulary.docs(one.word)) {
        if (!universe.has(doc) || one.within?.has(doc) === false) continue;
        const placed = { border: one, places: placesOf(this.context, doc, one.word) };
        const known = leftByDoc.get(doc);
        if (known === undefined) leftByDoc.set(doc, [placed]);
        else known.push(placed);
      }
    }
    for (const one of right) {
      for (const doc of vocabulary.docs(one.word)) {
        const before = leftByDoc.get(doc);
        if (before === undefined || one.within?.has(doc) === false) continue;
        const placed = { border: one, places: placesOf(this.context, doc, one.word) };
        for (const other of before) this.compare(doc, other, placed);
      }
    }
  }

  private compare(doc: number, left: Placed, right: Placed): void {
    if (this.byAttribute) {
      this.compareFields(doc, left, right);
      return;
    }
    const ahead = forwardDistance(left.places, right.places);
    if (ahead < PROXIMITY_MAX) this.forward[ahead]?.add(doc);
    if (!left.border.backward || !right.border.backward) return;
    const behind = forwardDistance(right.places, left.places);
    if (behind < PROXIMITY_MAX) this.backward[behind]?.add(doc);
  }

  private compareFields(doc: number, left: Placed, right: Placed): void {
    const fields = new Set(left.places.map(fieldOf));
    const together = right.places.some((place) => {
      const field = fieldOf(place);
      return fields.has(field) && !this.context.isRestrictedFrom(field);
    });
    if (!together) return;
    for (const set of this.forward) set.add(doc);
    if (left.border.backward && right.border.backward)
      for (const set of this.backward) set.add(doc);
  }
}

function nearDocs(context: SearchContext, from: TermPart, to: TermPart, universe: DocSet): Near {
  const near = new NearDocs(context);
  near.compute(leftBorders(context, from), rightBorders(context, to), universe);
  return near;
}

export function proximityRule(context: SearchContext): RankingRule<QueryGraph> {
  return graphRule({
    conditions: (from, to, universe) => {
      const joined = width(to) - 1;
      if (from === null || from.last + 1 !== to.first) return [partCondition(context, to, joined)];
      let near: Near | null = null;
      const conditions: Condition[] = [];
      for (let gap = 0; gap < PROXIMITY_MAX - 1; gap += 1) {
        conditions.push({
          key: `near:${partKey(from)}>${partKey(to)}:${gap}`,
          cost: joined + gap,
          step: { from, to },
          resolve: (rest) => {
            near ??= nearDocs(context, from, to, universe);
            const docs = (near.forward[gap + 1] ?? new DocSet()).clone();
            if (gap > 0) docs.unite(near.backward[gap] ?? new DocSet());
            return docs.intersect(rest);
          },
        });
      }
      conditions.push(partCondition(context, to, joined + PROXIMITY_MAX - 1));
      return conditions;
    },
    score: (rank) => ({ kind: "proximity", rank }),
  });
}
