/**
 * A search that a language model asked for, in the name of the caller: its key must allow searches
 * of the index, and the filter of a tenant token holds here too. What the model did wrong it is told
 * in the text; the client hears of what failed.
 */
import { searchArguments, type SearchArguments } from "../core/chats/functions.ts";
import { asObject, isArrayValue } from "../core/decode/decoders.ts";
import { JsonNumber, type Json } from "../core/decode/json.ts";
import { parseJson } from "../core/decode/payload.ts";
import { Place } from "../core/decode/place.ts";
import { ApiError } from "../core/errors/api-error.ts";
import { documentId, indexUid } from "../core/ids.ts";
import { elements, memberOf, members } from "../core/json/text-scanner.ts";
import { readDocumentsAnswer } from "../core/merge/documents.ts";
import { hitId } from "../core/merge/hit-id.ts";
import { checkFilter } from "../core/filter/check.ts";
import { checkSearch, checkSearchSyntax } from "../core/query/check-search.ts";
import type { EnabledFeatures } from "../core/query/features.ts";
import { parseSearchBody } from "../core/query/parse-search.ts";
import type { SearchQuery } from "../core/query/search-query.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import type { Access } from "../core/keys/access.ts";
import { restrictedFilter } from "../http/restricted-filter.ts";
import { visibleIndex } from "../http/call.ts";
import { fetchDocuments } from "../search/documents.ts";
import type { ReadContext } from "../search/read-context.ts";
import { searchIndex } from "../search/search.ts";
import type { ToolAnswer } from "./conversation.ts";
import { renderedDocuments } from "./render-documents.ts";

type Document = Readonly<Record<string, unknown>>;

export interface ToolSearch {
  readonly read: () => Promise<ReadContext>;
  readonly features: EnabledFeatures;
  /** What the caller may search of an index; throws when nothing. */
  readonly access: (uid: string) => Promise<Access>;
  readonly requestUid: () => string;
}

export async function toolSearch(tools: ToolSearch, args: string): Promise<ToolAnswer> {
  const asked = searchArguments(args);
  if (typeof asked === "string") return { text: asked, sources: undefined, error: undefined };
  try {
    return await answer(tools, asked);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { message, status } = error;
    return {
      text: `the search tool call failed with ${message}`,
      sources: undefined,
      error: { type: "response_error", code: `${status}`, message, param: null },
    };
  }
}

async function answer(tools: ToolSearch, asked: SearchArguments): Promise<ToolAnswer> {
  const read = await tools.read();
  const index = visibleIndex(read.topology, indexUid(asked.indexUid));
  const query = queryOf(index, asked);
  const access = await tools.access(asked.indexUid);
  const asker = { access, topology: read.topology };
  const filter = restrictedFilter(asker, query.filter, index.uid, "invalid_search_filter");
  const restricted = { ...query, filter };
  const syntax = inIndex(index, () => checkSearchSyntax(restricted, tools.features));
  try {
    const context = { code: "invalid_search_filter", indexUid: null, normalForm: false } as const;
    if (syntax !== null) checkFilter(syntax, index.settings.filterableAttributes, context);
    checkSearch(restricted, index, tools.features, syntax);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    // As Meilisearch does: what the index does not allow is a matter between it and the model.
    const prefix = `Index \`${index.uid}\`: `;
    const text = error.message.startsWith(prefix)
      ? error.message.slice(prefix.length)
      : error.message;
    return { text, sources: [], error: undefined };
  }
  const { body } = await searchIndex(read, index, restricted, { requestUid: tools.requestUid() });
  const hits = hitTexts(body);
  const documents = await wholeDocuments(read, index, hits);
  return {
    text: renderedDocuments(documents, index.settings).join("\n"),
    sources: hits,
    error: undefined,
  };
}

function queryOf({ settings }: IndexEntry, { q, filter }: SearchArguments): SearchQuery {
  return parseSearchBody(JSON.stringify({ ...settings.chat.searchParameters, q, filter }));
}

function inIndex<T>({ uid }: IndexEntry, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "invalid_search_filter") throw error;
    throw new ApiError("invalid_search_filter", `Index \`${uid}\`: ${error.message}`);
  }
}

function hitTexts(body: string): readonly string[] {
  const hits = memberOf(body, 0, "hits");
  if (hits === undefined) return [];
  return elements(body, hits.valueStart).map(([start, end]) => body.slice(start, end));
}

function documentOf(text: string): Document {
  const found = asObject(parseJson(text), Place.root());
  return Object.fromEntries([...found].map(([name, value]) => [name, exactValue(value)]));
}

/** A value for a template, in which no digit is lost. */
function exactValue(value: Json): unknown {
  if (value instanceof JsonNumber) {
    return value.kind === "float" || Number.isSafeInteger(value.value) ? value.value : value.text;
  }
  if (value === null || typeof value !== "object") return value;
  if (isArrayValue(value)) return value.map(exactValue);
  return Object.fromEntries(
    [...asObject(value, Place.root())].map(([name, member]) => [name, exactValue(member)]),
  );
}

/** The documents of hits with all their fields: the template may use those that are not displayed. */
async function wholeDocuments(
  read: ReadContext,
  index: IndexEntry,
  hits: readonly string[],
): Promise<readonly Document[]> {
  const { primaryKey, settings } = index;
  const { displayedAttributes } = settings;
  const isHidden =
    primaryKey === undefined ||
    displayedAttributes.includes("*") ||
    !displayedAttributes.includes(primaryKey);
  if (isHidden || hits.length === 0) return hits.map(documentOf);
  const ids = hits.flatMap((hit) => hitId(hit, members(hit), primaryKey) ?? []).map(documentId);
  const page = { offset: 0, limit: ids.length, ids };
  const asked = { filter: null, sort: null, retrieveVectors: false, fields: null };
  const { text, results } = readDocumentsAnswer(
    (await fetchDocuments(read, index, { ...asked, ...page })).body,
  );
  const byId = new Map(
    results.map(([start, end]) => {
      const document = text.slice(start, end);
      return [String(hitId(document, members(document), primaryKey)), document] as const;
    }),
  );
  return ids.map((id, at) => documentOf(byId.get(String(id)) ?? hits[at] ?? "{}"));
}
