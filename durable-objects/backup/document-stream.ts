/**
 * All documents of an index, page by page, as the client stored them. Read shard by shard, in the
 * order of the primary key. A document that nobody touches meanwhile is there exactly once: a page
 * begins among the last documents of the one before it, and steps back when those have moved.
 * A document that is written meanwhile is there as it was or as it is.
 */
import type { ShardId } from "../../worker/core/ids.ts";
import { readDocumentsAnswer, storedDocument } from "../../worker/core/merge/documents.ts";
import { memberOf, valueText } from "../../worker/core/json/text-scanner.ts";
import type { IndexEntry } from "../../worker/core/topology/topology.ts";
import { type DocumentsQuery, fetchRequest } from "../../worker/search/documents-request.ts";
import type { ReadContext } from "../../worker/search/read-context.ts";
import { plannedCover, scatter } from "../../worker/search/scatter.ts";
import { indexStats } from "../../worker/search/stats.ts";

/** What one answer of a node may hold: the memory of this. */
const PAGE_BYTES = 4_000_000;
const PAGE_DOCUMENTS_MAX = 2_000;
/** The shard mark, quotes and commas: what a document is longer than its stored form. */
const OVERHEAD_BYTES = 100;
/** Documents at the end of a page of which at least one must be left to find the place again. */
const RECENT_KEYS = 100;

export interface Source {
  /** A read that begins now, under a lease that is alive now, and the index as it is now. */
  readonly open: () => Promise<{ readonly read: ReadContext; readonly index: IndexEntry }>;
  readonly filter: DocumentsQuery["filter"];
  /** Documents of one page, if fewer than fit. */
  readonly pageDocumentsMax?: number;
}

/** Pages of documents as JSON texts; throws when a shard cannot be read. */
export async function* documentPages(source: Source): AsyncGenerator<readonly string[]> {
  const { read, index } = await source.open();
  if (index.primaryKey === undefined) return;
  const { averageDocumentSize } = await indexStats(read, index);
  const fitting = Math.floor(PAGE_BYTES / (averageDocumentSize + OVERHEAD_BYTES));
  const limit = Math.max(2, Math.min(source.pageDocumentsMax ?? PAGE_DOCUMENTS_MAX, fitting));
  const open = plannedCover(read, index).parts.map(({ shards }) => shards);
  for (let shards = open.pop(); shards !== undefined; shards = open.pop()) {
    const { documents, isWhole } = await pageOf(source, shards, 0, limit);
    if (isWhole) yield texts(documents);
    else if (shards.length > 1) {
      const middle = Math.ceil(shards.length / 2);
      open.push(shards.slice(0, middle), shards.slice(middle));
    } else yield* shardPages(source, shards, limit);
  }
}

async function* shardPages(
  source: Source,
  shard: readonly ShardId[],
  limit: number,
): AsyncGenerator<readonly string[]> {
  let seen = 0;
  let recent: readonly string[] = [];
  for (;;) {
    const { from, page } = await pageBehind(source, shard, seen, recent, limit);
    const fresh = page.documents.slice(from);
    seen = page.offset + page.documents.length;
    // A page that stepped far back may end before anything new: then the next one goes on from there.
    if (fresh.length > 0) {
      yield texts(fresh);
      recent = fresh.slice(-RECENT_KEYS).map(({ key }) => key);
    }
    if (page.isWhole) return;
  }
}

/** The page that goes on behind the last documents read, wherever they are now. */
async function pageBehind(
  source: Source,
  shard: readonly ShardId[],
  seen: number,
  recent: readonly string[],
  limit: number,
): Promise<{ readonly from: number; readonly page: Page }> {
  for (let back = 1; ; back *= 4) {
    const page = await pageOf(source, shard, Math.max(0, seen - back), limit);
    if (recent.length === 0) return { from: 0, page };
    const at = page.documents.findLastIndex(({ key }) => recent.includes(key));
    if (at !== -1) return { from: at + 1, page };
    if (page.offset === 0)
      throw new Error("the documents of a shard change faster than they are read");
  }
}

interface Document {
  readonly text: string;
  /** The primary key as JSON text. */
  readonly key: string;
}

interface Page {
  readonly documents: readonly Document[];
  readonly offset: number;
  /** Nothing comes behind it. */
  readonly isWhole: boolean;
}

async function pageOf(
  source: Source,
  shards: readonly ShardId[],
  offset: number,
  limit: number,
): Promise<Page> {
  const { read, index } = await source.open();
  const query = {
    offset,
    limit,
    fields: null,
    ids: null,
    sort: null,
    filter: source.filter,
    retrieveVectors: true,
  };
  const { answers, missing } = await scatter(
    read,
    index,
    (part) => fetchRequest(index, part, query, { offset, limit }),
    shards,
  );
  if (missing.length > 0)
    throw new Error(`shards ${missing.join(",")} have no replica that answers`);
  const key = index.primaryKey ?? "";
  const pages = answers.map(({ text }) => {
    const { results, total } = readDocumentsAnswer(text);
    const documents = results.map(([start, end]) => documentOf(text, start, end, key));
    return { documents, isWhole: total <= offset + results.length };
  });
  return {
    documents: pages.flatMap(({ documents }) => documents),
    offset,
    isWhole: pages.every(({ isWhole }) => isWhole),
  };
}

function documentOf(text: string, start: number, end: number, primaryKey: string): Document {
  const clean = storedDocument(text, start, end);
  const member = memberOf(clean, 0, primaryKey);
  // A nested key is not a member: then the whole document names itself.
  return { text: clean, key: member === undefined ? clean : valueText(clean, member) };
}

const texts = (documents: readonly Document[]): readonly string[] =>
  documents.map(({ text }) => text);
