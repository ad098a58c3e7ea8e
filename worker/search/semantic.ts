/**
 * Searches that rank by vectors, alone or together with words. All nodes get one vector, so that an
 * embedder is called once and similarities are comparable; where the client sent none, one node is
 * asked to embed the query first.
 */
import { ApiError } from "../core/errors/api-error.ts";
import { chooseDistinct } from "../core/merge/distinct.ts";
import type { Hit } from "../core/merge/hit.ts";
import { isGoodEnough, mergeHybrid } from "../core/merge/hybrid.ts";
import { take } from "../core/merge/merge-hits.ts";
import { readNodeAnswer } from "../core/merge/node-answer.ts";
import { droppableWords } from "../core/query/frequency-levels.ts";
import { federatedRequest, nodeQuery } from "../core/query/plan.ts";
import { keywordQuery, searchKind, semanticQuery } from "../core/query/search-kind.ts";
import type { SearchQuery } from "../core/query/search-query.ts";
import type { TypoMaxima } from "../core/ranking/recompute-score.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { wantedFacets, type Ranked } from "./candidates.ts";
import { distinctCandidates } from "./distinct-candidates.ts";
import { withoutExcludedWords } from "./excluded-words.ts";
import { frequencySearch } from "./frequency-search.ts";
import { gather } from "./gather.ts";
import { hybridDistinctTotal } from "./hybrid-candidates.ts";
import { rankedSearch } from "./ranked-search.ts";
import type { ReadContext } from "./read-context.ts";
import { plannedCover, scatter } from "./scatter.ts";

export interface SemanticRanked extends Ranked {
  /** The vector that was searched for; undefined when words were enough. */
  readonly vector: readonly number[] | undefined;
  /** A query of which every candidate matches all words, where the client's is not one. */
  readonly widest?: string;
}

type Hybrid = NonNullable<SearchQuery["hybrid"]>;

/**
 * The first `limit` hits of any search, by what its query asks to rank by. `goodEnough` is how many
 * good hits by words make vectors unnecessary.
 */
export async function searchByKind(
  read: ReadContext,
  index: IndexEntry,
  query: SearchQuery,
  limit: number,
  maxima: TypoMaxima,
  goodEnough = limit,
): Promise<SemanticRanked> {
  const kind = searchKind(query);
  if (query.hybrid === null || kind === "keyword") {
    const asked = keywordQuery(query);
    const showsScores = query.showRankingScore || query.showRankingScoreDetails;
    const seen = (hit: Hit): void => {
      if (showsScores) maxima.see(hit);
    };
    const words = droppableWords(asked, index.settings);
    if (words !== undefined) {
      const ranked = await frequencySearch(read, index, nodeQuery(asked, limit), words, seen);
      if (ranked !== undefined) return { ...ranked, vector: undefined };
    }
    const ranked = await rankedSearch(read, index, asked, limit, seen);
    return { ...ranked, vector: undefined };
  }
  if (kind === "semantic") return await semanticSearch(read, index, query, query.hybrid, limit);
  return await hybridSearch(read, index, query, query.hybrid, limit, maxima, goodEnough);
}

/** The hits nearest to the query's vector. */
export async function semanticSearch(
  read: ReadContext,
  index: IndexEntry,
  query: SearchQuery,
  { embedder }: Hybrid,
  limit: number,
): Promise<SemanticRanked> {
  const vector = query.vector ?? (await embed(read, index, query, embedder));
  const asked = semanticQuery(query, embedder, vector);
  return { ...(await rankedSearch(read, index, asked, limit)), vector };
}

/** The best of both lists; vectors are asked only when words alone are not good enough. */
export async function hybridSearch(
  read: ReadContext,
  index: IndexEntry,
  query: SearchQuery,
  { embedder, semanticRatio }: Hybrid,
  limit: number,
  maxima: TypoMaxima,
  goodEnough = limit,
): Promise<SemanticRanked> {
  const keyword = await rankedSearch(read, index, keywordQuery(query), limit, (hit) => {
    maxima.see(hit);
  });
  const byWords = { ...keyword, vector: undefined };
  const foremost = keyword.hits.slice(0, goodEnough);
  if (isGoodEnough(foremost, goodEnough, semanticRatio, maxima)) return byWords;
  const vector = query.vector ?? (await tryEmbed(read, index, query, embedder));
  if (vector === undefined) return byWords;
  const allowed = await withoutExcludedWords(read, index, query);
  const asked = semanticQuery(allowed, embedder, vector);
  const semantic = await rankedSearch(read, index, asked, limit);
  const primaryKey = index.primaryKey ?? "";
  const merged = mergeHybrid(semantic.hits, keyword.hits, semanticRatio, primaryKey, maxima);
  const missing = [...new Set([...keyword.missing, ...semantic.missing])].sort((a, b) => a - b);
  const both = { keyword, semantic };
  if (query.distinct !== null) {
    const choice = chooseDistinct(merged, query.distinct, limit);
    const { distinct } = query;
    const vectors = { ...nodeQuery(asked, limit), distinct };
    const total = await hybridDistinctTotal(read, index, distinct, {
      words: { asked: nodeQuery(keywordQuery(query), limit), hits: keyword.hits },
      vectors: { asked: vectors, hits: semantic.hits },
      choice,
    });
    const { facets } = await distinctCandidates(read, index, vectors, choice);
    return { hits: choice.hits, total, facets, missing, vector };
  }
  const candidates = await candidatesOfBoth(read, index, query, asked, limit, both);
  return { hits: take(merged, limit), ...candidates, missing, vector };
}

type Counted = Pick<Ranked, "total" | "facets">;

/**
 * Candidates of a hybrid search are those of either list. Vectors reach every document that passes
 * the filter, unless a score threshold cuts their list; then nodes are asked to count both, with a
 * ratio at which words are never good enough.
 */
async function candidatesOfBoth(
  read: ReadContext,
  index: IndexEntry,
  query: SearchQuery,
  semantic: SearchQuery,
  limit: number,
  ranked: { readonly keyword: Ranked; readonly semantic: Ranked },
): Promise<Counted> {
  const { total, facets } = ranked.semantic;
  if (query.rankingScoreThreshold === null || ranked.semantic.hits.length >= limit) {
    return { total, facets };
  }
  const embedder = semantic.hybrid?.embedder ?? "";
  const both = { ...semantic, hybrid: { embedder, semanticRatio: NEVER_WORDS_ALONE } };
  const asked = { ...nodeQuery(both, limit), exhaustive: true, details: false };
  const gathered = await gather(read, index, asked);
  return { total: gathered.total, facets: wantedFacets(index, asked, gathered) };
}

/** A ratio at which even a perfect keyword score is not good enough. */
const NEVER_WORDS_ALONE = 0.9;

/** The query's vector by one node's embedder. */
async function embed(
  read: ReadContext,
  index: IndexEntry,
  query: SearchQuery,
  embedder: string,
): Promise<readonly number[]> {
  const [part] = plannedCover(read, index).parts;
  const embedded: SearchQuery = {
    ...query,
    hybrid: { embedder, semanticRatio: 1 },
    retrieveVectors: true,
    filter: null,
    sort: null,
    rankingScoreThreshold: null,
  };
  const asked = { ...nodeQuery(embedded, 0), facets: null, distinct: null };
  const { answers } = await scatter(
    read,
    index,
    (each) => federatedRequest(index, asked, each),
    part?.shards,
  );
  for (const { text } of answers) {
    const { queryVector } = readNodeAnswer(text);
    const vector: unknown = queryVector === undefined ? undefined : JSON.parse(queryVector);
    if (Array.isArray(vector) && vector.every((value) => typeof value === "number")) return vector;
  }
  throw new ApiError("miroir_node_incompatible", "A node did not tell the vector of the query.");
}

/** As Meilisearch does: when the embedder fails, hybrid search goes by words alone. */
async function tryEmbed(
  read: ReadContext,
  index: IndexEntry,
  query: SearchQuery,
  embedder: string,
): Promise<readonly number[] | undefined> {
  try {
    return await embed(read, index, query, embedder);
  } catch (error) {
    if (error instanceof ApiError && error.code === "vector_embedding_error") return undefined;
    throw error;
  }
}
