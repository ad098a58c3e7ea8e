/**
 * Documents similar to one: its vectors are read from a replica of its shard, and their neighbours
 * searched on all shards.
 */
import { ApiError } from "../core/errors/api-error.ts";
import { NodeError } from "../core/errors/scrub.ts";
import type { DocumentId, ShardId } from "../core/ids.ts";
import { readDocumentsAnswer } from "../core/merge/documents.ts";
import type { Hit } from "../core/merge/hit.ts";
import { hitIdentity } from "../core/merge/hybrid.ts";
import { documentVectors, renderSimilar, similarity, similarPage } from "../core/merge/similar.ts";
import { shardOf } from "../core/placement/hash.ts";
import { isOneOf, not } from "../core/query/conditions.ts";
import { nodeQuery, type NodeQuery } from "../core/query/plan.ts";
import { SEMANTIC_PLACEHOLDER } from "../core/query/search-kind.ts";
import type { Filter } from "../core/query/search-query.ts";
import { shardCount, type IndexEntry } from "../core/topology/topology.ts";
import { fetchRequest } from "./documents-request.ts";
import { gather } from "./gather.ts";
import { nearest, type Nearest } from "./nearest.ts";
import type { ReadAnswer } from "./read-answer.ts";
import type { ReadContext } from "./read-context.ts";
import { scatter } from "./scatter.ts";

export interface SimilarQuery {
  readonly id: DocumentId;
  readonly embedder: string;
  readonly offset: number;
  readonly limit: number;
  readonly filter: Filter | null;
  readonly attributesToRetrieve: readonly string[] | null;
  readonly retrieveVectors: boolean;
  readonly showRankingScore: boolean;
  readonly showRankingScoreDetails: boolean;
  readonly rankingScoreThreshold: number | null;
}

export async function similarDocuments(
  read: ReadContext,
  index: IndexEntry,
  query: SimilarQuery,
  /** What the client may see of the document itself, where a tenant token restricts it. */
  visible: Filter | null = null,
): Promise<ReadAnswer> {
  const startedAt = read.now();
  try {
    const vectors = await vectorsOf(read, index, query, visible);
    const found = await neighbours(read, index, query, vectors);
    const candidates = Math.min(found.total, index.settings.pagination.maxTotalHits);
    const { hits, total } = similarPage(found.hits, query, candidates);
    return {
      body: similarBody(hits, query, total, read.now() - startedAt),
      missing: found.missing,
    };
  } catch (error) {
    throw asSimilarError(error);
  }
}

/** The vectors of the document; `not_found_similar_id` when the client cannot see it. */
async function vectorsOf(
  read: ReadContext,
  index: IndexEntry,
  { id, embedder }: SimilarQuery,
  visible: Filter | null,
): Promise<readonly (readonly number[])[]> {
  const notFound = new ApiError("not_found_similar_id", `Document \`${id}\` not found.`);
  if (index.primaryKey === undefined) throw notFound;
  const wanted = {
    offset: 0,
    limit: 1,
    fields: [index.primaryKey],
    filter: visible,
    ids: [id],
    sort: null,
    retrieveVectors: true,
  };
  const shard = shardOf(id, shardCount(index));
  const { answers } = await scatter(
    read,
    index,
    (part) => fetchRequest(index, part, wanted, wanted),
    [shard],
  );
  for (const { text } of answers) {
    const [document] = readDocumentsAnswer(text).results;
    if (document !== undefined) return documentVectors(text.slice(...document), embedder);
  }
  throw notFound;
}

/**
 * The neighbours of any of the vectors, by the nearest of them. One Meilisearch compares the n-th
 * vector with n-th vectors only; that differs where documents have several vectors per embedder.
 */
async function neighbours(
  read: ReadContext,
  index: IndexEntry,
  query: SimilarQuery,
  vectors: readonly (readonly number[])[],
): Promise<Nearest> {
  const wanted = query.offset + query.limit;
  const found: Nearest[] = [];
  for (const vector of vectors) {
    found.push(await nearest(read, index, neighbourQuery(index, query, vector, wanted), wanted));
  }
  const [first] = found;
  if (first === undefined) {
    // Without a vector it has no neighbours, only candidates.
    const { total, missing } = await gather(read, index, neighbourQuery(index, query, null, 0));
    return { hits: [], total, missing };
  }
  if (found.length === 1) return first;
  const missing = [...new Set<ShardId>(found.flatMap((each) => each.missing))];
  return { ...first, hits: nearestOfAll(found, index.primaryKey ?? ""), missing };
}

function nearestOfAll(found: readonly Nearest[], primaryKey: string): readonly Hit[] {
  const score = (hit: Hit): number => similarity(hit) ?? 0;
  const all = found.flatMap(({ hits }) => hits).sort((a, b) => score(b) - score(a));
  const seen = new Set<string>();
  return all.filter((hit) => {
    const identity = hitIdentity(hit, primaryKey);
    const isNew = !seen.has(identity);
    seen.add(identity);
    return isNew;
  });
}

function neighbourQuery(
  index: IndexEntry,
  query: SimilarQuery,
  vector: readonly number[] | null,
  wanted: number,
): NodeQuery {
  const { embedder, filter, attributesToRetrieve, retrieveVectors } = query;
  const search = {
    ...SEMANTIC_PLACEHOLDER,
    hybrid: vector === null ? null : { embedder, semanticRatio: 1 },
    vector,
    filter,
    attributesToRetrieve,
    retrieveVectors,
  };
  const others = not(isOneOf(index.primaryKey ?? "", [query.id]));
  return { ...nodeQuery(search, wanted), conditions: [others] };
}

function similarBody(
  hits: readonly Hit[],
  query: SimilarQuery,
  total: number,
  elapsedMs: number,
): string {
  const { id, limit, offset } = query;
  const texts = hits.map((hit) => renderSimilar(hit, query));
  const time = Math.max(0, Math.round(elapsedMs));
  return `{"hits":[${texts.join(",")}],"id":${JSON.stringify(id)},"processingTimeMs":${time},"limit":${limit},"offset":${offset},"estimatedTotalHits":${total}}`;
}

/** Nodes are asked by search and by fetch; what they refuse is told in the terms of `similar`. */
function asSimilarError(error: unknown): unknown {
  if (!(error instanceof NodeError)) return error;
  const code = error.code.replace(/^invalid_(?:search|document)_/, "invalid_similar_");
  const link = `https://docs.meilisearch.com/errors#${code}`;
  return new NodeError(error.status, { ...error.body(), code, link }, error.retryAfterSeconds);
}
