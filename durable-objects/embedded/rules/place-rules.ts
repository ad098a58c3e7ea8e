/** The rules about where words stand: in which attribute, and how early in it. */
import { DocSet } from "../doc-set.ts";
import { fieldOf, type Place, positionOf } from "../index/vocabulary.ts";
import type { SearchContext } from "../search/context.ts";
import { phraseDocs } from "../search/proximity.ts";
import type { QueryGraph } from "../search/query-graph.ts";
import { partKey, type TermPart, width } from "../search/term.ts";
import { partPhrases, partWords, prefixWords } from "../search/term-docs.ts";
import { type Condition, graphRule } from "./graph-rule.ts";
import type { RankingRule } from "./rule.ts";

type CostOfPlace = (place: Place) => number | undefined;

/** Collects the documents of the universe by the cost of each place where the part's words stand. */
class DocsByCost {
  readonly found = new Map<number, DocSet>();
  private readonly context: SearchContext;
  private readonly costOf: CostOfPlace;

  constructor(context: SearchContext, costOf: CostOfPlace) {
    this.context = context;
    this.costOf = costOf;
  }

  addPart(part: TermPart, universe: DocSet): void {
    for (const { word } of partWords(this.context, part)) this.addWord(word, universe);
    for (const { word } of prefixWords(this.context, part)) this.addWord(word, universe);
    for (const { id, words } of partPhrases(this.context, part)) {
      // As Meilisearch does: the first word stands for the whole phrase.
      const first = words.find((word) => word !== null);
      if (first === undefined || first === null) continue;
      this.addWord(first, universe.clone().intersect(phraseDocs(this.context, id, words)));
    }
  }

  addTo(cost: number, doc: number): void {
    let docs = this.found.get(cost);
    if (docs === undefined) {
      docs = this.context.emptySet();
      this.found.set(cost, docs);
    }
    docs.add(doc);
  }

  private addWord(word: string, universe: DocSet): void {
    const { vocabulary } = this.context.index;
    const id = vocabulary.id(word);
    if (id === undefined) return;
    for (const doc of vocabulary.docs(id)) {
      if (!universe.has(doc)) continue;
      vocabulary.places(doc, id, (place) => {
        const cost = this.costOf(place);
        if (cost !== undefined) this.addTo(cost, doc);
      });
    }
  }
}

/** `costMax` is always there, also without documents: it fixes the scale of the rule's score. */
function conditionsOf(
  name: string,
  to: TermPart,
  found: ReadonlyMap<number, DocSet>,
  costMax: number | null,
): Condition[] {
  const costs = new Set(found.keys());
  if (costMax !== null) costs.add(costMax);
  return [...costs].map((cost) => ({
    key: `${name}:${partKey(to)}:${cost}`,
    cost,
    step: { from: null, to },
    resolve: (universe) => universe.clone().intersect(found.get(cost) ?? new DocSet()),
  }));
}

/** Words in attributes that come first in `searchableAttributes` are better. */
export function attributeRankRule(context: SearchContext): RankingRule<QueryGraph> {
  const { schema, vocabulary } = context.index;
  const weights = vocabulary.fields.all().map((name) => schema.weight(name));
  return graphRule({
    conditions: (_, to, universe) => {
      const docs = new DocsByCost(context, (place) => {
        const field = fieldOf(place);
        const weight = context.isRestrictedFrom(field) ? undefined : weights[field];
        return weight === undefined ? undefined : weight * width(to);
      });
      docs.addPart(to, universe);
      const costMax = schema.maxWeight > 0 ? schema.maxWeight * width(to) : null;
      return conditionsOf("attribute", to, docs.found, costMax);
    },
    score: (rank) => ({ kind: "attributeRank", rank }),
  });
}

const EXACT_POSITIONS = 16;
const SECOND_BUCKET = 24;

/** As Meilisearch does: far positions are kept only roughly. */
export function bucketedPosition(position: number): number {
  if (position < EXACT_POSITIONS) return position;
  if (position < SECOND_BUCKET) return SECOND_BUCKET;
  return 2 ** Math.ceil(Math.log2(position));
}

const DISTANCE_COSTS: readonly (readonly [upTo: number, cost: number])[] = [
  [0, 0],
  [1, 1],
  [4, 2],
  [7, 3],
  [11, 4],
  [16, 5],
  [24, 6],
  [64, 7],
  [256, 8],
  [1024, 9],
];
const DISTANCE_COST_MAX = 10;

function distanceCost(distance: number): number {
  return DISTANCE_COSTS.find(([upTo]) => distance <= upTo)?.[1] ?? DISTANCE_COST_MAX;
}

/** Words near the place that they have in the query are better. */
export function wordPositionRule(context: SearchContext): RankingRule<QueryGraph> {
  return graphRule({
    conditions: (_, to, universe) => {
      const words = width(to);
      const docs = new DocsByCost(context, (place) => {
        const distance = Math.abs(bucketedPosition(positionOf(place)) - to.first);
        let cost = 0;
        for (let word = 0; word < words; word += 1) cost += distanceCost(distance + word);
        return cost;
      });
      docs.addPart(to, universe);
      return conditionsOf("position", to, docs.found, words * DISTANCE_COST_MAX);
    },
    score: (rank) => ({ kind: "wordPosition", rank }),
  });
}
