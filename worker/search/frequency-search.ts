/**
 * A search with the strategy `frequency` over several nodes, level by level (`frequency-levels.ts`):
 * one count per word, then as many levels as the page needs. Each level leaves out what those before
 * it found, which is then all that they match. Nodes are asked for queries that have lost words, so
 * the hits are told how many of the client's words they have.
 */
import { hitIdentity } from "../core/merge/hybrid.ts";
import { mergeRanked, take } from "../core/merge/merge-hits.ts";
import { withWordsRule } from "../core/merge/rewritten-hit.ts";
import { isOneOf, not } from "../core/query/conditions.ts";
import {
  hasHole,
  keptByLevel,
  keptQuery,
  wordAlone,
  type DroppableWords,
  type QueryWord,
} from "../core/query/frequency-levels.ts";
import type { NodeQuery } from "../core/query/plan.ts";
import type { Hit } from "../core/merge/hit.ts";
import { compareSteps } from "../core/ranking/compare-steps.ts";
import { documentKey } from "../core/ranking/document-key.ts";
import { rankedAttributes, withoutMatch } from "../core/ranking/last-word.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import type { Ranked } from "./candidates.ts";
import { exactFacets } from "./exact-facets.ts";
import { gather, mergedHits } from "./gather.ts";
import type { ReadContext } from "./read-context.ts";

export interface FrequencyRanked extends Ranked {
  /** A query of which every candidate matches all words. */
  readonly widest: string;
}

/** `seen` gets every hit that was looked at. Undefined when it would take too many queries. */
export async function frequencySearch(
  read: ReadContext,
  index: IndexEntry,
  asked: NodeQuery,
  droppable: DroppableWords,
  seen: (hit: Hit) => void = () => undefined,
): Promise<FrequencyRanked | undefined> {
  const q = asked.query.q ?? "";
  const { words, phraseWords } = droppable;
  const counts = await Promise.all(words.map((word) => documentsWith(read, index, asked, q, word)));
  const levels = keptByLevel(counts, phraseWords > 0);
  if (levels === undefined) return undefined;
  const maximum = words.length + phraseWords;
  const hits: Hit[] = [];
  const missing = new Set<Ranked["missing"][number]>();
  for (const level of levels) {
    const limit = asked.limit - hits.length;
    if (limit <= 0) break;
    const matching = (level[0]?.length ?? 0) + phraseWords;
    const told = (hit: Hit): Hit => withWordsRule(hit, matching, maximum);
    const found = await Promise.all(
      level.map(async (kept) => {
        const one = withWords(asked, keptQuery(q, words, kept));
        const answer = await levelHits(read, index, one, hits, limit);
        if (!hasHole(droppable, kept)) return answer;
        return { ...answer, hits: unmatchedHits(index, answer.hits) };
      }),
    );
    for (const { missing: shards } of found) for (const shard of shards) missing.add(shard);
    const lists = found.map(({ hits: matched }) => matched.map(told));
    for (const hit of lists.flat()) seen(hit);
    hits.push(...take(eachOnce(lists, index.primaryKey ?? ""), limit));
  }
  // The last level asks least, so it has every candidate.
  const widest = keptQuery(q, words, levels.at(-1)?.[0] ?? [...words.keys()]);
  const all = withWords(asked, widest);
  const every = {
    ...all,
    limit: 0,
    details: false,
    query: { ...all.query, matchingStrategy: "all" },
  } as const;
  const counted = await gather(read, index, every);
  for (const shard of counted.missing) missing.add(shard);
  return {
    hits,
    total: counted.total,
    facets: await exactFacets(read, index, every, counted),
    missing: [...missing].sort((a, b) => a - b),
    widest,
  };
}

/**
 * The query with these words. As Meilisearch does, `words` is the first rule, so that what follows
 * it goes by the readings of the query that some document has; hits that lack words are left out.
 */
function withWords(asked: NodeQuery, q: string): NodeQuery {
  const query = { ...asked.query, q, matchingStrategy: "last" } as const;
  return { ...asked, distinct: null, exhaustive: false, query };
}

interface LevelHits {
  readonly hits: readonly Hit[];
  readonly missing: Ranked["missing"];
}

/** The first hits with all words of a query, without those that came before. */
async function levelHits(
  read: ReadContext,
  index: IndexEntry,
  asked: NodeQuery,
  before: readonly Hit[],
  limit: number,
): Promise<LevelHits> {
  const { primaryKey = "" } = index;
  const keys = before.flatMap((hit) => documentKey(hit.steps, primaryKey) ?? []);
  const left = keys.length === 0 ? [] : [not(isOneOf(primaryKey, keys))];
  const conditions = [...asked.conditions, ...left];
  const gathered = await gather(read, index, { ...asked, limit, facets: null, conditions });
  return {
    hits: mergedHits(gathered, limit).filter(hasAllWords),
    missing: gathered.missing,
  };
}

/** The hits as of a query that has lost words before others. */
function unmatchedHits({ settings }: IndexEntry, hits: readonly Hit[]): readonly Hit[] {
  const attributes = rankedAttributes(settings.searchableAttributes);
  return hits
    .map((hit): Hit => {
      const read = withoutMatch(hit, attributes);
      return read === undefined ? hit : { ...hit, ...read, isRevised: true };
    })
    .toSorted((a, b) => compareSteps(a.steps, b.steps));
}

function hasAllWords({ steps }: Hit): boolean {
  return !steps.some((step) => step.rule === "words" && step.kind === "rank" && step.value < 0);
}

/** The hits of several queries, best first; a document that several found comes at its best. */
function* eachOnce(lists: readonly (readonly Hit[])[], primaryKey: string): Generator<Hit> {
  const known = new Set<string>();
  const ranked = lists.map((list) => ({
    length: list.length,
    at: (position: number): Hit => {
      const hit = list[position];
      if (hit === undefined) throw new Error("a list has an entry at every position");
      return hit;
    },
  }));
  for (const hit of mergeRanked(ranked)) {
    const identity = hitIdentity(hit, primaryKey);
    if (known.has(identity)) continue;
    known.add(identity);
    yield hit;
  }
}

/** How many documents of the whole index a word of the query matches, the filter aside. */
async function documentsWith(
  read: ReadContext,
  index: IndexEntry,
  asked: NodeQuery,
  q: string,
  word: QueryWord,
): Promise<number> {
  const query = { ...asked.query, q: wordAlone(q, word), filter: null, sort: null };
  const { total } = await gather(read, index, {
    ...asked,
    query: { ...query, matchingStrategy: "all" },
    limit: 0,
    exhaustive: false,
    facets: null,
    distinct: null,
    conditions: [],
    details: false,
  });
  return total;
}
