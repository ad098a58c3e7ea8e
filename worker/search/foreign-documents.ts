/**
 * Fills the documents of other indexes into a search response, after everything else is done: one
 * read by ids per foreign index. Only for indexes with foreign keys, while clients have the feature
 * switched on.
 */
import { indexNotFound } from "../cluster/index-writer.ts";
import { ApiError } from "../core/errors/api-error.ts";
import { foreignIds, hydratedHit } from "../core/foreign/hydration.ts";
import { documentId, indexUid } from "../core/ids.ts";
import { DOCUMENTS_DIRECT_MAX } from "../core/limits.ts";
import { readDocumentsAnswer } from "../core/merge/documents.ts";
import { elements, keepMembers, memberOf, stringAt, valueText } from "../core/json/text-scanner.ts";
import type { ForeignKey } from "../core/settings/settings.ts";
import { namedIndex } from "../core/topology/aliases.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { fetchDocuments } from "./documents.ts";
import type { ReadContext } from "./read-context.ts";

const DOCUMENT_ID = /^[A-Za-z0-9_-]{1,511}$/;

/** The index of a foreign key; one that is missing fails the search, as Meilisearch does. */
function foreignIndex(read: ReadContext, { foreignIndexUid }: ForeignKey): IndexEntry {
  const uid = indexUid(foreignIndexUid);
  const index = namedIndex(read.topology, uid);
  if (index !== undefined) return index;
  throw new ApiError("index_not_found", indexNotFound(uid).message);
}

/** What may be filled in: a caller sees no document of an index that its key does not cover. */
export interface ForeignReader {
  readonly read: ReadContext;
  readonly allows: (uid: string) => boolean;
}

/** A response body whose hits are of the index `indexOf` says for each, filled in. */
export async function withForeignDocuments(
  { read, allows }: ForeignReader,
  body: string,
  indexOf: (hit: string) => IndexEntry | undefined,
): Promise<string> {
  const list = memberOf(body, 0, "hits");
  if (list === undefined) return body;
  let hits = elements(body, list.valueStart).map(([start, end]) => body.slice(start, end));
  const indexes = hits.map(indexOf);
  const keys = new Map(
    indexes.flatMap((index) =>
      (index?.settings.foreignKeys ?? []).map((key) => [JSON.stringify(key), key] as const),
    ),
  );
  if (keys.size === 0) return body;
  for (const [name, key] of keys) {
    const foreign = foreignIndex(read, key);
    if (!allows(foreign.uid)) continue;
    const has = (at: number): boolean =>
      (indexes[at]?.settings.foreignKeys ?? []).some((own) => JSON.stringify(own) === name);
    const ids = new Set(
      hits.flatMap((hit, at) => (has(at) ? [...foreignIds(hit, key.fieldName)] : [])),
    );
    const documents = await documentsOf(read, foreign, [...ids]);
    hits = hits.map((hit, at) =>
      has(at) ? hydratedHit(hit, key.fieldName, (id) => documents.get(id)) : hit,
    );
  }
  return `${body.slice(0, list.valueStart)}[${hits.join(",")}]${body.slice(list.valueEnd)}`;
}

/** The same for a response of several results, each with the uid of its index. */
export async function resultsWithForeignDocuments(
  reader: ForeignReader,
  body: string,
): Promise<string> {
  const list = memberOf(body, 0, "results");
  if (list === undefined) return body;
  const results: string[] = [];
  for (const [start, end] of elements(body, list.valueStart)) {
    const result = body.slice(start, end);
    const index = indexNamedIn(reader.read, result);
    const indexOfHit = (hit: string) => index ?? indexOfFederated(reader, hit);
    results.push(await withForeignDocuments(reader, result, indexOfHit));
  }
  return `${body.slice(0, list.valueStart)}[${results.join(",")}]${body.slice(list.valueEnd)}`;
}

/** The same for a federated response, whose hits say which index they are of. */
export async function federatedWithForeignDocuments(
  reader: ForeignReader,
  body: string,
): Promise<string> {
  return await withForeignDocuments(reader, body, (hit) => indexOfFederated(reader, hit));
}

function indexOfFederated({ read }: ForeignReader, hit: string): IndexEntry | undefined {
  const federation = memberOf(hit, 0, "_federation");
  return federation === undefined ? undefined : indexNamedIn(read, valueText(hit, federation));
}

function indexNamedIn({ topology }: ReadContext, text: string): IndexEntry | undefined {
  const uid = memberOf(text, 0, "indexUid");
  return uid === undefined
    ? undefined
    : namedIndex(topology, indexUid(stringAt(text, uid.valueStart, uid.valueEnd)));
}

/** The indexes that the foreign keys of an index name must be there, hits or not. */
export function checkForeignIndexes(read: ReadContext, { settings }: IndexEntry): void {
  for (const key of settings.foreignKeys) foreignIndex(read, key);
}

/** Documents as clients see them, by id. */
async function documentsOf(
  read: ReadContext,
  index: IndexEntry,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const { primaryKey } = index;
  if (primaryKey === undefined) return found;
  const wanted = ids.filter((id) => DOCUMENT_ID.test(id)).map(documentId);
  const { displayedAttributes } = index.settings;
  const showsAll = displayedAttributes.includes("*");
  const hidesKey = !showsAll && !displayedAttributes.includes(primaryKey);
  const fields = showsAll ? null : [...displayedAttributes, ...(hidesKey ? [primaryKey] : [])];
  for (let at = 0; at < wanted.length; at += DOCUMENTS_DIRECT_MAX) {
    const chunk = wanted.slice(at, at + DOCUMENTS_DIRECT_MAX);
    const query = { filter: null, sort: null, retrieveVectors: false, fields };
    const page = { offset: 0, limit: chunk.length, ids: chunk };
    const { body } = await fetchDocuments(read, index, { ...query, ...page });
    const { text, results } = readDocumentsAnswer(body);
    for (const [start, end] of results) {
      const document = text.slice(start, end);
      const id = memberOf(document, 0, primaryKey);
      if (id === undefined) continue;
      const value = valueText(document, id);
      const key = value.startsWith('"') ? stringAt(value, 0, value.length) : value;
      found.set(
        key,
        hidesKey
          ? keepMembers(document, 0, document.length, (name) => name !== primaryKey)
          : document,
      );
    }
  }
  return found;
}
