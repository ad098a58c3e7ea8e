/**
 * Documents of an index on one node that a filter finds, page by page, as the node keeps them: the
 * shard mark and every digit included. Exact only while the node stands still: its order is then the
 * same for every page. Memory is bounded by the size of a page, which follows the documents' own.
 */
import type { NodeId, PhysicalUid } from "../../worker/core/ids.ts";
import { NODE_CALL_DEADLINE_MS } from "../../worker/core/limits.ts";
import { readDocumentsAnswer, withoutEmptyVectors } from "../../worker/core/merge/documents.ts";
import { averageDocumentSize, readIndexStats } from "../../worker/core/merge/stats.ts";
import { readNode, type NodeAccess } from "./node-access.ts";

/** What a page should hold: a copy has two of them in memory. */
const PAGE_BYTES = 4_000_000;
const PAGE_DOCUMENTS_MAX = 2_000;
/** The shard mark, and a few bytes for very small documents. */
const OVERHEAD_BYTES = 100;
const PAGE_DEADLINE_MS = 60_000;

export interface DocumentsOnNode {
  readonly node: NodeId;
  readonly physical: PhysicalUid;
  /** JSON text. */
  readonly filter: string;
}

export interface DocumentPage {
  readonly offset: number;
  readonly documents: readonly string[];
  readonly bytes: number;
  /** Documents on the node that the filter finds. */
  readonly total: number;
}

export interface PageRange {
  readonly offset: number;
  readonly limit: number;
  readonly vectors: boolean;
}

/** The pages from `offset` on; the next is read while the caller deals with the last. */
export async function* documentPages(
  access: NodeAccess,
  from: DocumentsOnNode,
  { offset, vectors }: Omit<PageRange, "limit">,
): AsyncGenerator<DocumentPage> {
  let limit = await firstLimit(access, from);
  let next: Promise<DocumentPage> | undefined = documentPage(access, from, {
    offset,
    limit,
    vectors,
  });
  try {
    while (next !== undefined) {
      const page: DocumentPage = await next;
      next = undefined;
      const end = page.offset + page.documents.length;
      if (end < page.total && page.documents.length > 0) {
        limit = nextLimit(page, limit);
        next = documentPage(access, from, { offset: end, limit, vectors });
      }
      yield page;
    }
  } finally {
    // A reader that stops early does not wait for the page that was already asked for.
    next?.catch(() => undefined);
  }
}

export async function documentPage(
  access: NodeAccess,
  { node, physical, filter }: DocumentsOnNode,
  { offset, limit, vectors }: PageRange,
): Promise<DocumentPage> {
  const retrieve = vectors ? ',"retrieveVectors":true' : "";
  const text = await readNode(access, node, {
    method: "POST",
    path: `/indexes/${physical}/documents/fetch`,
    body: `{"offset":${offset},"limit":${limit},"filter":${filter}${retrieve}}`,
    timeoutMs: PAGE_DEADLINE_MS,
  });
  const { results, total } = readDocumentsAnswer(text);
  const documents = results.map(([start, end]) => withoutEmptyVectors(text.slice(start, end)));
  return { offset, documents, bytes: text.length, total };
}

async function firstLimit(
  access: NodeAccess,
  { node, physical }: DocumentsOnNode,
): Promise<number> {
  const text = await readNode(access, node, {
    method: "GET",
    path: `/indexes/${physical}/stats`,
    timeoutMs: NODE_CALL_DEADLINE_MS,
  });
  const average = averageDocumentSize(readIndexStats(text));
  return within(PAGE_BYTES / (average + OVERHEAD_BYTES), PAGE_DOCUMENTS_MAX);
}

/** The last page tells how large documents are here; never more than twice as many at once. */
function nextLimit({ documents, bytes }: DocumentPage, limit: number): number {
  return within((documents.length * PAGE_BYTES) / bytes, Math.min(PAGE_DOCUMENTS_MAX, limit * 2));
}

function within(documents: number, most: number): number {
  return Math.max(1, Math.min(most, Math.floor(documents)));
}
