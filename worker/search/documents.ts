/**
 * Reading stored documents: one by its id, from a replica of its shard, or pages of them over all
 * shards in a stable order, the client's criteria and then the primary key.
 *
 * What is held is bounded. A page near the top costs one round of whole documents. A page further
 * down is found by keys first (see `document-windows.ts`), and then only its own documents are
 * read, in chunks; a page whose documents are larger than DOCUMENTS_TEXT_MAX is refused.
 */
import { ApiError } from "../core/errors/api-error.ts";
import type { DocumentId } from "../core/ids.ts";
import { DOCUMENTS_DIRECT_MAX } from "../core/limits.ts";
import {
  cleanDocument,
  documentList,
  documentsBody,
  readDocumentsAnswer,
} from "../core/merge/documents.ts";
import { mergeRanked, take } from "../core/merge/merge-hits.ts";
import type { CoverPart } from "../core/placement/covering-set.ts";
import { shardOf } from "../core/placement/hash.ts";
import { shardCount, type IndexEntry } from "../core/topology/topology.ts";
import { deepPage } from "./deep-documents.ts";
import {
  fetchRequest,
  nodeSort,
  type DocumentOptions,
  type DocumentsQuery,
} from "./documents-request.ts";
import { sortsWithoutPlaces } from "./placeless-nodes.ts";
import { inShardOrder, type ReadAnswer } from "./read-answer.ts";
import type { ReadContext } from "./read-context.ts";
import { scatter, type Answered, type ScatterRequest } from "./scatter.ts";

/** What a document id can be; anything else is not found, and never becomes part of a path. */
const DOCUMENT_ID = /^[A-Za-z0-9_-]{1,511}$/;

/** One document as the client stored it; `document_not_found` when there is none. */
export async function getDocument(
  read: ReadContext,
  index: IndexEntry,
  id: DocumentId,
  options: DocumentOptions,
): Promise<string> {
  if (index.primaryKey === undefined || !DOCUMENT_ID.test(id)) throw documentNotFound(id);
  const parameters = new URLSearchParams();
  if (options.fields !== null) parameters.set("fields", options.fields.join(","));
  if (options.retrieveVectors) parameters.set("retrieveVectors", "true");
  const search = parameters.size === 0 ? "" : `?${parameters.toString()}`;
  const path = `/indexes/${encodeURIComponent(index.physical)}/documents/${id}${search}`;
  const shard = shardOf(id, shardCount(index));
  const { answers } = await scatter(read, index, () => ({ method: "GET", path }), [shard]);
  const [answer] = answers;
  if (answer === undefined) throw documentNotFound(id);
  return cleanDocument(answer.text, 0, answer.text.length);
}

export function documentNotFound(id: string): ApiError {
  return new ApiError("document_not_found", `Document \`${id}\` not found.`);
}

/** A page of documents, as `GET /documents` and `POST /documents/fetch` answer it. */
export async function fetchDocuments(
  context: ReadContext,
  index: IndexEntry,
  query: DocumentsQuery,
): Promise<ReadAnswer> {
  const read = sortsWithoutPlaces(context, index, query.sort);
  // Documents give an index its primary key: without one there are none.
  if (index.primaryKey === undefined) return { body: documentsBody([], query, 0), missing: [] };
  if (query.ids !== null) return await documentsById(read, index, query, query.ids);
  if (query.offset + query.limit > DOCUMENTS_DIRECT_MAX) return await deepPage(read, index, query);
  const { answers, missing } = await scatter(read, index, (part) =>
    fetchRequest(index, part, query, { offset: 0, limit: query.offset + query.limit }),
  );
  return { body: mergedPage(index, answers, query), missing };
}

async function documentsById(
  read: ReadContext,
  index: IndexEntry,
  query: DocumentsQuery,
  ids: readonly DocumentId[],
): Promise<ReadAnswer> {
  const shards = new Map(ids.map((id) => [id, shardOf(id, shardCount(index))]));
  const wanted = [...new Set(shards.values())].sort((a, b) => a - b);
  if (wanted.length === 0) return { body: documentsBody([], query, 0), missing: [] };
  const request = (part: CoverPart): ScatterRequest => {
    const held = new Set(part.shards);
    const own = [...shards].flatMap(([id, shard]) => (held.has(shard) ? [id] : []));
    const limit = Math.min(query.offset + query.limit, own.length);
    return fetchRequest(index, part, query, { offset: 0, limit, ids: own });
  };
  const { answers, missing } = await scatter(read, index, request, wanted);
  return { body: mergedPage(index, answers, query), missing };
}

function mergedPage(
  index: IndexEntry,
  answers: readonly Answered[],
  query: DocumentsQuery,
): string {
  const sort = nodeSort(index, query.sort);
  const read = inShardOrder(answers).map(({ text }) => readDocumentsAnswer(text));
  const lists = read.map((answer, list) => documentList(answer, list, sort));
  const merged = take(mergeRanked(lists), query.offset + query.limit).slice(query.offset);
  const documents = merged.map(({ text, start, end }) => cleanDocument(text, start, end));
  const total = read.reduce((sum, answer) => sum + answer.total, 0);
  return documentsBody(documents, query, total);
}
