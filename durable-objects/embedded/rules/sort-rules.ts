/** Rules by value: `attribute:asc|desc`, distance from a point, nearness to a vector. */
import { DocSet } from "../doc-set.ts";
import type { FacetValue } from "../facets/column.ts";
import { distanceBetween, type Point } from "../index/geo.ts";
import type { SearchIndex } from "../index/search-index.ts";
import { similarity } from "../index/vectors.ts";
import type { Bucket, Iteration, RankingRule } from "./rule.ts";
import type { ScoreDetail } from "./score-details.ts";

/** Groups of documents prepared once, then all that is left with `rest`'s score. */
class PreparedIteration<Q, Score> implements Iteration<Q> {
  private readonly query: Q;
  private readonly groups: readonly { readonly docs: readonly number[]; readonly score: Score }[];
  private readonly scoreOf: (score: Score | null) => ScoreDetail;
  private at = 0;

  constructor(
    query: Q,
    groups: readonly { readonly docs: readonly number[]; readonly score: Score }[],
    scoreOf: (score: Score | null) => ScoreDetail,
  ) {
    this.query = query;
    this.groups = groups;
    this.scoreOf = scoreOf;
  }

  next(universe: DocSet): Bucket<Q> {
    while (this.at < this.groups.length) {
      const group = this.groups[this.at];
      this.at += 1;
      const docs = group?.docs.filter((doc) => universe.has(doc)) ?? [];
      if (group === undefined || docs.length === 0) continue;
      const set = DocSet.of(docs, universe.capacity);
      return { query: this.query, docs: set, score: this.scoreOf(group.score) };
    }
    return { query: this.query, docs: universe.clone(), score: this.scoreOf(null) };
  }
}

interface Group<Score> {
  readonly docs: number[];
  readonly score: Score;
}

function valueGroups(
  index: SearchIndex,
  field: string,
  ascending: boolean,
  universe: DocSet,
): Group<FacetValue>[] {
  const ranks = index.columns.get(field)?.ranks(ascending);
  if (ranks === undefined) return [];
  const byRank = new Map<number, number[]>();
  for (const doc of universe.toArray()) {
    const rank = ranks.rankOf[doc] ?? -1;
    if (rank === -1) continue;
    const known = byRank.get(rank);
    if (known === undefined) byRank.set(rank, [doc]);
    else known.push(doc);
  }
  const order = Float64Array.from(byRank.keys()).sort();
  const groups: Group<FacetValue>[] = [];
  for (const rank of order) {
    const value = ranks.values[rank];
    if (value !== undefined) groups.push({ docs: byRank.get(rank) ?? [], score: value });
  }
  return groups;
}

export function sortRule<Q>(index: SearchIndex, field: string, ascending: boolean): RankingRule<Q> {
  const displayed = index.settings.displayedAttributes;
  const hidden = !displayed.includes("*") && !displayed.includes(field);
  return {
    start: (universe, query) =>
      new PreparedIteration(query, valueGroups(index, field, ascending, universe), (value) => ({
        kind: "sort",
        field,
        ascending,
        hidden,
        value,
      })),
  };
}

/** As Meilisearch does: fewer documents than this are compared by whole metres only. */
const EXACT_DISTANCES_MIN = 1000;
const GEO_BUCKET_MAX = 1000;
const SAME_PLACE_M = 1;

interface Located {
  readonly doc: number;
  readonly point: Point;
  readonly distance: number;
}

function locatedDocs(
  index: SearchIndex,
  target: Point,
  ascending: boolean,
  universe: DocSet,
): Located[] {
  const located: Located[] = [];
  for (const doc of universe.toArray()) {
    const point = index.points.get(doc);
    if (point !== undefined) located.push({ doc, point, distance: distanceBetween(target, point) });
  }
  const exact = located.length >= EXACT_DISTANCES_MIN;
  const key = (one: Located): number => (exact ? one.distance : Math.floor(one.distance));
  located.sort((a, b) => key(a) - key(b) || a.doc - b.doc);
  return ascending ? located : located.toReversed();
}

/** As Meilisearch does: documents within a metre of the first of a group are as far as it. */
function geoGroups(located: readonly Located[]): Group<Point>[] {
  const groups: Group<Point>[] = [];
  let first: Located | undefined;
  for (const one of located) {
    const group = groups.at(-1);
    const near = first !== undefined && Math.abs(first.distance - one.distance) <= SAME_PLACE_M;
    if (group !== undefined && near && group.docs.length < GEO_BUCKET_MAX) {
      group.docs.push(one.doc);
      continue;
    }
    first = one;
    groups.push({ docs: [one.doc], score: one.point });
  }
  return groups;
}

export function geoSortRule<Q>(
  index: SearchIndex,
  target: Point,
  ascending: boolean,
): RankingRule<Q> {
  return {
    start: (universe, query) => {
      const groups = geoGroups(locatedDocs(index, target, ascending, universe));
      return new PreparedIteration(query, groups, (point) => ({
        kind: "geoSort",
        target,
        ascending,
        point,
      }));
    },
  };
}

function vectorGroups(
  index: SearchIndex,
  embedder: string,
  target: Float32Array,
  universe: DocSet,
): Group<number>[] {
  const bySimilarity = new Map<number, number[]>();
  for (const doc of universe.toArray()) {
    const embeddings = index.vectors.get(doc)?.get(embedder)?.embeddings ?? [];
    if (embeddings.length === 0) continue;
    const nearest = Math.max(...embeddings.map((vector) => similarity(target, vector)));
    const known = bySimilarity.get(nearest);
    if (known === undefined) bySimilarity.set(nearest, [doc]);
    else known.push(doc);
  }
  return [...bySimilarity].toSorted(([a], [b]) => b - a).map(([score, docs]) => ({ score, docs }));
}

export function vectorRule<Q>(
  index: SearchIndex,
  embedder: string,
  target: Float32Array,
): RankingRule<Q> {
  return {
    start: (universe, query) =>
      new PreparedIteration(query, vectorGroups(index, embedder, target, universe), (nearest) => ({
        kind: "vector",
        similarity: nearest,
      })),
  };
}
