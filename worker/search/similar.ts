/**
 * Documents similar to one: its vectors are read from a replica of its shard, and their neighbours
 * searched on all shards.
 */
import { ApiError } from "../core/errors/api-error.ts";
import { NodeError } from "../core/errors/scrub.ts";
import type { ShardId } from "../core/ids.ts";
import { countText } from "../core/json/count-text.ts";
import { memberOf, valueText } from "../core/json/text-scanner.ts";
import { readDocumentsAnswer } from "../core/merge/documents.ts";
import {
  documentVectors,
  neighboursOf,
  renderSimilar,
  similarity,
  similarPage,
  type Neighbour,
} from "../core/merge/similar.ts";
import { slotNeighbours } from "../core/merge/slot-similarity.ts";
import { shardOf } from "../core/placement/hash.ts";
import { isOneOf, not } from "../core/query/conditions.ts";
import type { SimilarQuery } from "../core/query/parse-similar.ts";
import { nodeQuery, type NodeQuery } from "../core/query/plan.ts";
import { SEMANTIC_PLACEHOLDER } from "../core/query/search-kind.ts";
import type { Filter } from "../core/query/search-query.ts";
import { shardCount, type IndexEntry } from "../core/topology/topology.ts";
import { fetchRequest } from "./documents-request.ts";
import { gather } from "./gather.ts";
import { nearest, type Nearest } from "./nearest.ts";
import { performanceDetails } from "./performance-details.ts";
import type { ReadAnswer } from "./read-answer.ts";
import type { ReadContext } from "./read-context.ts";
import { scatter } from "./scatter.ts";
import { nodeStats } from "./stats.ts";

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
    const { page, total: candidates } = similarPage(found.neighbours, query, found.total);
    // As Meilisearch does: unlike in a search, `maxTotalHits` also bounds the total.
    const total = Math.min(candidates, index.settings.pagination.maxTotalHits);
    const details = performanceDetails(read, query, startedAt);
    return {
      body: similarBody(page, query, total, read.now() - startedAt, details),
      missing: found.missing,
    };
  } catch (error) {
    throw asSimilarError(error);
  }
}

type Vector = readonly number[];

interface Vectors {
  readonly own: readonly Vector[];
  /** Whether documents of the index may have more than one vector. */
  readonly areSeveral: boolean;
}

/** The vectors of the document; `not_found_similar_id` when the client cannot see it. */
async function vectorsOf(
  read: ReadContext,
  index: IndexEntry,
  { id, embedder }: SimilarQuery,
  visible: Filter | null,
): Promise<Vectors> {
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
  const [{ answers }, stats] = await Promise.all([
    scatter(read, index, (part) => fetchRequest(index, part, wanted, wanted), [
      shardOf(id, shardCount(index)),
    ]),
    nodeStats(read, index),
  ]);
  for (const { text } of answers) {
    const [document] = readDocumentsAnswer(text).results;
    if (document === undefined) continue;
    const vectors = memberOf(text, document[0], "_vectors");
    const own = vectors === undefined ? [] : documentVectors(valueText(text, vectors), embedder);
    const areSeveral =
      own.length > 1 ||
      stats.some((node) => node.numberOfEmbeddings > node.numberOfEmbeddedDocuments);
    return { own, areSeveral };
  }
  throw notFound;
}

interface Found extends Pick<Nearest, "total" | "missing"> {
  readonly neighbours: readonly Neighbour[];
}

async function neighbours(
  read: ReadContext,
  index: IndexEntry,
  query: SimilarQuery,
  vectors: Vectors,
): Promise<Found> {
  const wanted = query.offset + query.limit;
  const [vector] = vectors.own;
  if (vector === undefined) {
    // Without a vector it has no neighbours, only candidates.
    const { total, missing } = await gather(read, index, neighbourQuery(index, query, null, 0));
    return { neighbours: [], total, missing };
  }
  if (vectors.areSeveral) return await slotNeighbourhood(read, index, query, vectors.own);
  const asked = neighbourQuery(index, query, vector, wanted);
  const { hits, ...found } = await nearest(read, index, asked, wanted);
  return { ...found, neighbours: neighboursOf(hits) };
}

/** How much longer lists get when they do not yet prove which documents are nearest. */
const LENGTHEN_FACTOR = 4;

/**
 * The neighbours where documents have several vectors. Searches rank a document by any of its
 * vectors, so at least as high as it ranks here: what they have not listed cannot be nearer than the
 * end of their lists, and once that is far enough the nearest are known.
 */
async function slotNeighbourhood(
  read: ReadContext,
  index: IndexEntry,
  query: SimilarQuery,
  own: readonly Vector[],
): Promise<Found> {
  const { embedder: name } = query;
  const embedder = index.settings.embedders[name] ?? {};
  const target = { name, embedder, vectors: own, primaryKey: index.primaryKey ?? "" };
  const wanted = query.offset + query.limit;
  const withVectors = { ...query, retrieveVectors: true };
  for (let length = wanted; ; length *= LENGTHEN_FACTOR) {
    const found = await Promise.all(
      own.map((vector) =>
        nearest(read, index, neighbourQuery(index, withVectors, vector, length), length),
      ),
    );
    const ranked = slotNeighbours(
      found.map(({ hits }) => hits),
      target,
    );
    const ends = found.map(({ hits }) =>
      hits.length < length ? 0 : (similarity(hits.at(-1)) ?? 0),
    );
    if (wanted > 0 && (ranked[wanted - 1]?.similarity ?? 0) < Math.max(...ends)) continue;
    const missing = [...new Set<ShardId>(found.flatMap((each) => each.missing))];
    return { neighbours: ranked, total: found[0]?.total ?? 0, missing };
  }
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
  page: readonly Neighbour[],
  query: SimilarQuery,
  total: number,
  elapsedMs: number,
  performance: string | undefined,
): string {
  const { id, limit, offset } = query;
  const texts = page.map((neighbour) => renderSimilar(neighbour, query));
  const time = Math.max(0, Math.round(elapsedMs));
  const details = performance === undefined ? "" : `,"performanceDetails":${performance}`;
  return `{"hits":[${texts.join(",")}],"id":${JSON.stringify(id)},"processingTimeMs":${time},"limit":${countText(limit)},"offset":${countText(offset)},"estimatedTotalHits":${total}${details}}`;
}

/** Nodes are asked by search and by fetch; what they refuse is told in the terms of `similar`. */
function asSimilarError(error: unknown): unknown {
  if (!(error instanceof NodeError)) return error;
  const code = error.code.replace(/^invalid_(?:search|document)_/, "invalid_similar_");
  const link = `https://docs.meilisearch.com/errors#${code}`;
  const message = error.message.replace(/^Index `[^`]*`: /, "");
  return new NodeError(
    error.status,
    { message, code, type: error.type, link },
    error.retryAfterSeconds,
  );
}
