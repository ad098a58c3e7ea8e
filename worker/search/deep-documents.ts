/**
 * A page far down in the documents of an index, in three rounds: how many documents each node has,
 * the sort values and ids around where the page must be, and the page's documents alone.
 *
 * Places in a node's list mean something only for the same shards, so all rounds use one cover: when
 * a node fails on the way, the rounds begin again without it. Under a client's sort, lists are read
 * from their start: as Meilisearch does, sorting leaves out documents whose value is null, yet
 * counts them when it skips to an offset. That depth is what DOCUMENT_KEYS_MAX bounds; in the order
 * of the primary key every depth costs the same.
 */
import { ApiError } from "../core/errors/api-error.ts";
import type { DocumentId, ShardId } from "../core/ids.ts";
import { members } from "../core/json/text-scanner.ts";
import { DOCUMENT_CHUNK, DOCUMENT_KEYS_MAX, DOCUMENTS_TEXT_MAX } from "../core/limits.ts";
import {
  fromStart,
  locatePage,
  pageWindows,
  type KeyWindow,
} from "../core/merge/document-windows.ts";
import {
  cleanDocument,
  documentList,
  documentsBody,
  readDocumentsAnswer,
  type DocumentEntry,
} from "../core/merge/documents.ts";
import { hitId } from "../core/merge/hit-id.ts";
import type { RankedList } from "../core/merge/merge-hits.ts";
import type { CoverPart } from "../core/placement/covering-set.ts";
import { compareSteps } from "../core/ranking/compare-steps.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import {
  fetchRequest,
  nodeSort,
  type DocumentsQuery,
  type FetchWindow,
} from "./documents-request.ts";
import type { ReadAnswer } from "./read-answer.ts";
import type { ReadContext } from "./read-context.ts";
import { plannedCover, scatter } from "./scatter.ts";

/** How often a page is begun anew because the cover changed under it. */
const BEGINNINGS_MAX = 4;
/** How much further around each further look at the keys goes. */
const SPREAD_FACTOR = 4;

/** The page at any depth; memory is that of the page, not of what is before it. */
export async function deepPage(
  read: ReadContext,
  index: IndexEntry,
  query: DocumentsQuery,
): Promise<ReadAnswer> {
  let entry = index;
  for (let beginning = 0; beginning < BEGINNINGS_MAX; beginning += 1) {
    const rounds = new PageRounds(read, entry, query);
    const answer = await rounds.run();
    if (answer !== undefined) return answer;
    entry = { ...entry, lagging: [...entry.lagging, ...rounds.silent] };
  }
  throw new ApiError(
    "miroir_shard_unavailable",
    `Nodes of index \`${index.uid}\` came and went while its documents were read.`,
  );
}

const signature = (part: CoverPart): string => part.shards.join(",");

class PageRounds {
  readonly #read: ReadContext;
  readonly #index: IndexEntry;
  readonly #query: DocumentsQuery;
  readonly #parts: readonly CoverPart[];
  readonly #missing: readonly ShardId[];
  /** Nodes of the cover that did not answer. */
  readonly silent = new Set<CoverPart["node"]>();

  constructor(read: ReadContext, index: IndexEntry, query: DocumentsQuery) {
    // Loads change while rounds go on; the cover must not.
    const loads = new Map(read.topology.nodes.map(({ id }) => [id, read.load?.(id) ?? 0]));
    this.#read = { ...read, load: (node) => loads.get(node) ?? 0 };
    this.#index = index;
    this.#query = query;
    const { parts, missing } = plannedCover(read, index);
    this.#parts = parts.toSorted((a, b) => (a.shards[0] ?? 0) - (b.shards[0] ?? 0));
    this.#missing = missing;
  }

  /** The page, or undefined when a node of the cover failed. */
  async run(): Promise<ReadAnswer | undefined> {
    const counts = await this.#ask(() => ({ offset: 0, limit: 0 }));
    if (counts === undefined) return undefined;
    const totals = counts.map((text) => readDocumentsAnswer(text).total);
    const page = await this.#locate(totals);
    if (page === undefined) return undefined;
    const documents = await this.#documents(page);
    if (documents === undefined) return undefined;
    const total = totals.reduce((sum, count) => sum + count, 0);
    return { body: documentsBody(documents, this.#query, total), missing: this.#missing };
  }

  /** One answer per part, or undefined when not every part of the cover answered for itself. */
  async #ask(
    window: (place: number) => FetchWindow | undefined,
  ): Promise<readonly string[] | undefined> {
    const places = new Map(this.#parts.map((part, place) => [signature(part), place]));
    const { answers } = await scatter(this.#read, this.#index, (part) => {
      const place = places.get(signature(part));
      const asked = place === undefined ? undefined : window(place);
      return fetchRequest(this.#index, part, this.#query, asked ?? { offset: 0, limit: 0 });
    });
    const texts = new Map(answers.map(({ part, text }) => [signature(part), text]));
    const found = this.#parts.flatMap((part) => {
      const text = texts.get(signature(part));
      if (text === undefined) this.silent.add(part.node);
      return text === undefined ? [] : [text];
    });
    return found.length === this.#parts.length ? found : undefined;
  }

  async #locate(totals: readonly number[]): Promise<readonly DocumentEntry[] | undefined> {
    const sort = nodeSort(this.#index, this.#query.sort);
    let lengths = totals;
    for (let spread = 1; ; spread *= SPREAD_FACTOR) {
      const whole = lengths.reduce((sum, length) => sum + length, 0);
      if (this.#query.offset >= whole) return [];
      const slice = { ...this.#query, limit: Math.min(this.#query.limit, whole) };
      const around = pageWindows(lengths, slice, spread);
      const windows = this.#query.sort === null ? around : fromStart(around);
      const texts = await this.#keys(windows);
      if (texts === undefined) return undefined;
      const lists = texts.map((text, list) => documentList(readDocumentsAnswer(text), list, sort));
      const page = locatePage(windows, lists, slice);
      if (page !== undefined) return page;
      // A list that ended early tells how long it really is.
      lengths = windows.map(({ from, to }, list) => {
        const found = lists[list]?.length ?? 0;
        return found < to - from ? from + found : (lengths[list] ?? 0);
      });
    }
  }

  async #keys(windows: readonly KeyWindow[]): Promise<readonly string[] | undefined> {
    const keys = windows.reduce((sum, { from, to }) => sum + to - from, 0);
    if (keys > DOCUMENT_KEYS_MAX) throw pageTooLarge();
    return await this.#ask((place) => {
      const { from, to } = windows[place] ?? { from: 0, to: 0 };
      return { offset: from, limit: to - from, isKeysOnly: true };
    });
  }

  /** The page's documents in its order, read in chunks so that no answer is large. */
  async #documents(page: readonly DocumentEntry[]): Promise<readonly string[] | undefined> {
    const sort = nodeSort(this.#index, this.#query.sort);
    const documents: string[] = [];
    let held = 0;
    for (let at = 0; at < page.length; at += DOCUMENT_CHUNK) {
      const chunk = page.slice(at, at + DOCUMENT_CHUNK);
      const texts = await this.#ask((place) => {
        const ids = chunk.flatMap((entry) => (entry.list === place ? [this.#idOf(entry)] : []));
        return { offset: 0, limit: ids.length, ids };
      });
      if (texts === undefined) return undefined;
      for (const document of documentsOf(chunk, texts, sort)) {
        documents.push(document);
        held += document.length;
      }
      if (held > DOCUMENTS_TEXT_MAX) throw pageTooLarge();
    }
    return documents;
  }

  #idOf({ text, start }: DocumentEntry): DocumentId {
    const id = hitId(text, members(text, start), this.#index.primaryKey ?? "");
    if (id === undefined) throw new SyntaxError("a document without its primary key");
    return id;
  }
}

/**
 * The documents of a chunk's entries, which each answer has in the order of the entries. An entry
 * whose document is not there was deleted since its key was read.
 */
function documentsOf(
  chunk: readonly DocumentEntry[],
  texts: readonly string[],
  sort: readonly string[],
): readonly string[] {
  const lists = texts.map((text, list) => documentList(readDocumentsAnswer(text), list, sort));
  const heads = lists.map((list) => headOf(list, 0));
  return chunk.flatMap(({ list, steps }) => {
    const head = heads[list];
    const documents = lists[list];
    if (head === undefined || documents === undefined) return [];
    if (compareSteps(head.entry.steps, steps) !== 0) return [];
    heads[list] = headOf(documents, head.place + 1);
    return [cleanDocument(head.entry.text, head.entry.start, head.entry.end)];
  });
}

interface Head {
  readonly entry: DocumentEntry;
  readonly place: number;
}

function headOf(list: RankedList<DocumentEntry>, place: number): Head | undefined {
  return place < list.length ? { entry: list.at(place), place } : undefined;
}

function pageTooLarge(): ApiError {
  return new ApiError(
    "invalid_document_limit",
    "This page of documents is too deep or too large to be answered at once. Ask for a smaller `offset` or `limit`.",
  );
}
