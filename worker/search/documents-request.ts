/**
 * What a node is asked for its documents: `documents/fetch` with the proxy header, so that every
 * document comes with the values that it was sorted by.
 */
import type { DocumentId } from "../core/ids.ts";
import type { CoverPart } from "../core/placement/covering-set.ts";
import type { DocumentsQuery } from "../core/query/parse-documents.ts";
import { conjoin, partConditions } from "../core/query/plan.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import type { ScatterRequest } from "./scatter.ts";

export type { DocumentOptions, DocumentsQuery } from "../core/query/parse-documents.ts";

export interface FetchWindow {
  readonly offset: number;
  readonly limit: number;
  readonly ids?: readonly DocumentId[];
  /** Sort values and ids, without the rest of the documents. */
  readonly isKeysOnly?: boolean;
}

/** The request to one node: its own documents from `offset` on, with what they are sorted by. */
export function fetchRequest(
  index: IndexEntry,
  part: CoverPart,
  query: DocumentsQuery,
  window: FetchWindow,
): ScatterRequest {
  const body: Record<string, unknown> = {
    offset: window.offset,
    limit: window.limit,
    sort: nodeSort(index, query.sort),
  };
  const keys = index.primaryKey === undefined ? [] : [index.primaryKey];
  const fields = window.isKeysOnly === true ? keys : query.fields;
  if (fields !== null) body["fields"] = fields;
  if (query.retrieveVectors && window.isKeysOnly !== true) body["retrieveVectors"] = true;
  if (window.ids !== undefined) body["ids"] = window.ids;
  const filter = conjoin(query.filter, partConditions(part));
  if (filter !== null) body["filter"] = filter;
  return {
    method: "POST",
    path: `/indexes/${encodeURIComponent(index.physical)}/documents/fetch`,
    headers: { "content-type": "application/json", "meili-proxy-search": "true" },
    body: JSON.stringify(body),
  };
}

/** The client's criteria, and the primary key last: no two documents are equal by it. */
export function nodeSort(index: IndexEntry, sort: readonly string[] | null): readonly string[] {
  const { primaryKey } = index;
  return primaryKey === undefined ? (sort ?? []) : [...(sort ?? []), `${primaryKey}:asc`];
}
