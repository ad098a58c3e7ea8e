/** The routes under `/indexes/{uid}/documents`. */
import {
  boolean,
  count,
  list,
  nullable,
  text as textField,
} from "../../../worker/core/decode/decoders.ts";
import { fill, Optional, Required } from "../../../worker/core/decode/fields.ts";
import { isArray, type Json, JsonNumber, jsonText } from "../../../worker/core/decode/json.ts";
import { parseJson } from "../../../worker/core/decode/payload.ts";
import { Place } from "../../../worker/core/decode/place.ts";
import { ApiError } from "../../../worker/core/errors/api-error.ts";
import { filterOf } from "../../../worker/core/filter/shape.ts";
import { keepMembers } from "../../../worker/core/json/text-scanner.ts";
import type { EnabledFeatures } from "../../../worker/core/query/features.ts";
import { parseSortCriterion } from "../../../worker/core/query/sort-criterion.ts";
import { sortedByBytes } from "../../../worker/core/settings/attribute-patterns.ts";
import { DocSet } from "../doc-set.ts";
import { addDocuments, deleteDocuments, type Addition } from "../engine/document-writes.ts";
import { sentDocuments } from "../engine/document-payload.ts";
import { nodeFilter } from "../engine/filters.ts";
import { joined, vectorsText } from "../engine/hits.ts";
import type { NodeIndex } from "../engine/node-index.ts";
import { checkIndexUid, type NodeState } from "../engine/node-state.ts";
import type { Tasks } from "../engine/tasks.ts";
import { filteredDocs } from "../filter/evaluate.ts";
import { selectText } from "../format/fields.ts";
import { VECTORS_FIELD } from "../index/schema.ts";
import { bucketSort } from "../rules/bucket-sort.ts";
import { type ScoreDetail, weightedScoreValues } from "../rules/score-details.ts";
import { geoSortRule, sortRule } from "../rules/sort-rules.ts";
import type { SortCriterion } from "../search/search.ts";
import { answer, isProxied, type NodeAnswer, type NodeExchange } from "./exchange.ts";

export interface DocumentRoutes {
  readonly state: NodeState;
  readonly tasks: Tasks;
  readonly now: () => string;
  readonly enabled: EnabledFeatures;
}

const ACCEPTED = 202;

export function addRoute(routes: DocumentRoutes, exchange: NodeExchange, uid: string): NodeAnswer {
  checkIndexUid(uid);
  const { params } = exchange;
  const documents = sentDocuments(exchange.headers.get("content-type") ?? "", exchange.body);
  const addition: Addition = {
    documents,
    method: exchange.method === "PUT" ? "update" : "replace",
    primaryKey: params.get("primaryKey"),
    skipCreation: params.get("skipCreation") === "true",
  };
  const { state, tasks, now } = routes;
  const received = `${documents.length}`;
  const summary = tasks.enqueue({
    type: "documentAdditionOrUpdate",
    indexUid: uid,
    customMetadata: params.get("customMetadata"),
    failed: { receivedDocuments: received, indexedDocuments: "0" },
    prepare: () => void state.getOrCreate(uid, now()),
    run: () => {
      const index = state.get(uid);
      const indexed = addDocuments(index, addition);
      touch(routes, index);
      return { receivedDocuments: received, indexedDocuments: `${indexed}` };
    },
  });
  return answer(summary, ACCEPTED);
}

function touch({ state, now }: DocumentRoutes, index: NodeIndex): void {
  index.record = { ...index.record, updatedAt: now() };
  state.save(index);
}

interface Deletion {
  readonly providedIds: number | null;
  readonly originalFilter: string;
  readonly delete: (index: NodeIndex) => number;
}

function deleteRoute(
  routes: DocumentRoutes,
  exchange: NodeExchange,
  uid: string,
  deletion: Deletion,
): NodeAnswer {
  const { state, tasks } = routes;
  const details = (deleted: number): Record<string, string> => {
    if (deletion.providedIds === null) return { deletedDocuments: `${deleted}` };
    return {
      providedIds: `${deletion.providedIds}`,
      deletedDocuments: `${deleted}`,
      originalFilter: deletion.originalFilter,
    };
  };
  const summary = tasks.enqueue({
    type: "documentDeletion",
    indexUid: uid,
    customMetadata: exchange.params.get("customMetadata"),
    failed: details(0),
    run: () => {
      const index = state.get(uid);
      const deleted = deletion.delete(index);
      touch(routes, index);
      return details(deleted);
    },
  });
  return answer(summary, ACCEPTED);
}

export function clearRoute(
  routes: DocumentRoutes,
  exchange: NodeExchange,
  uid: string,
): NodeAnswer {
  return deleteRoute(routes, exchange, uid, {
    providedIds: null,
    originalFilter: "null",
    delete: (index) => index.clear(),
  });
}

export function deleteOneRoute(
  routes: DocumentRoutes,
  exchange: NodeExchange,
  uid: string,
  id: string,
): NodeAnswer {
  return deleteRoute(routes, exchange, uid, {
    providedIds: 1,
    originalFilter: "null",
    delete: (index) => deleteDocuments(index, [id]),
  });
}

export function deleteBatchRoute(
  routes: DocumentRoutes,
  exchange: NodeExchange,
  uid: string,
): NodeAnswer {
  const body = parseJson(exchange.body);
  if (!isArray(body))
    throw new ApiError("malformed_payload", "The json payload provided is malformed.");
  const ids = body.map((id) => (typeof id === "string" ? id : jsonText(id)));
  return deleteRoute(routes, exchange, uid, {
    providedIds: ids.length,
    originalFilter: "null",
    delete: (index) => deleteDocuments(index, ids),
  });
}

export function deleteByFilterRoute(
  routes: DocumentRoutes,
  exchange: NodeExchange,
  uid: string,
): NodeAnswer {
  const filter = new Required<Json>(
    (value) => value,
    "invalid_document_filter",
    "missing_document_filter",
  );
  fill({ filter }, parseJson(exchange.body), Place.root());
  const value = filterOf(filter.value, "invalid_document_filter");
  const context = { code: "invalid_document_filter", indexUid: uid, normalForm: false } as const;
  return deleteRoute(routes, exchange, uid, {
    providedIds: 0,
    originalFilter: JSON.stringify(jsonText(filter.value)),
    delete: (index) => {
      const parsed = nodeFilter(index.search, value, context, routes.enabled);
      const docs = filteredDocs(index.search, parsed).toArray();
      return deleteDocuments(
        index,
        docs.map((doc) => index.idOf(doc)),
      );
    },
  });
}

interface Listing {
  readonly offset: number;
  readonly limit: number;
  readonly fields: readonly string[] | null;
  readonly ids: readonly string[] | null;
  readonly filter: Json;
  readonly sort: readonly string[] | null;
  readonly retrieveVectors: boolean;
}

const LIST_LIMIT = 20;

function idText(value: Json): string {
  if (typeof value === "string") return value;
  return value instanceof JsonNumber ? value.text : jsonText(value);
}

function listingOfBody(body: string): Listing {
  const fields = {
    offset: new Optional(count, 0, "invalid_document_offset"),
    limit: new Optional(count, LIST_LIMIT, "invalid_document_limit"),
    fields: new Optional(nullable(list(textField)), null, "invalid_document_fields"),
    retrieveVectors: new Optional(boolean, false, "invalid_document_retrieve_vectors"),
    ids: new Optional(nullable(list(idText)), null, "invalid_document_ids"),
    filter: new Optional<Json>((value) => value, null, "invalid_document_filter"),
    sort: new Optional(nullable(list(textField)), null, "invalid_document_sort"),
  };
  fill(fields, parseJson(body), Place.root());
  return {
    offset: fields.offset.value,
    limit: fields.limit.value,
    fields: fields.fields.value,
    ids: fields.ids.value,
    filter: fields.filter.value,
    sort: fields.sort.value,
    retrieveVectors: fields.retrieveVectors.value,
  };
}

function listParam(params: URLSearchParams, name: string): readonly string[] | null {
  const value = params.get(name);
  return value === null || value === "" ? null : value.split(",");
}

function listingOfParams(params: URLSearchParams): Listing {
  return {
    offset: Number(params.get("offset") ?? 0),
    limit: Number(params.get("limit") ?? LIST_LIMIT),
    fields: listParam(params, "fields"),
    ids: listParam(params, "ids"),
    filter: params.get("filter"),
    sort: listParam(params, "sort"),
    retrieveVectors: params.get("retrieveVectors") === "true",
  };
}

function documentText(
  index: NodeIndex,
  doc: number,
  fields: readonly string[] | null,
  retrieveVectors: boolean,
): string {
  const text = index.text(doc);
  const plain = keepMembers(text, 0, text.length, (key) => key !== VECTORS_FIELD);
  const all = fields === null || fields.includes("*");
  const chosen = all ? plain : selectText(plain, new Set(fields));
  return retrieveVectors ? withMembers(chosen, vectorsText(index, doc, text)) : chosen;
}

function withMembers(object: string, members: string): string {
  const start = object.indexOf("{") + 1;
  const own = object.slice(start, object.lastIndexOf("}")).trim();
  return `{${joined(own, members)}}`;
}

interface Ordered {
  readonly doc: number;
  readonly details: readonly ScoreDetail[];
}

/** As Meilisearch does: sorting documents needs no ranking rule, only a sortable attribute. */
function ordered(
  index: NodeIndex,
  docs: DocSet,
  sort: readonly SortCriterion[],
  needed: number,
): readonly Ordered[] {
  if (sort.length === 0) return docs.toArray(needed).map((doc) => ({ doc, details: [] }));
  const rules = sort.map((criterion) =>
    criterion.kind === "geo"
      ? geoSortRule<null>(index.search, criterion.target, criterion.ascending)
      : sortRule<null>(index.search, criterion.field, criterion.ascending),
  );
  return bucketSort(rules, docs, null, {
    limit: needed,
    evaluate: needed,
    distinct: null,
    threshold: null,
  }).hits;
}

function documentSort(index: NodeIndex, sort: readonly string[] | null): SortCriterion[] {
  return (sort ?? []).map((criterion) => {
    const parsed = parseSortCriterion(criterion, "invalid_document_sort");
    const ascending = !parsed.descending;
    const field = parsed.kind === "geo" ? "_geo" : parsed.field;
    if (!index.search.schema.isSortable(field)) throw notSortable(index, field);
    return parsed.kind === "geo"
      ? { kind: "geo", ascending, target: [parsed.lat, parsed.lng] }
      : { kind: "attribute", ascending, field };
  });
}

function notSortable(index: NodeIndex, field: string): ApiError {
  const available = sortedByBytes(index.settings.sortableAttributes);
  const hint =
    available.length === 0
      ? "This index does not have configured sortable attributes."
      : `Available sortable attributes are: \`${available.join(", ")}\`.`;
  return new ApiError("invalid_document_sort", `Attribute \`${field}\` is not sortable. ${hint}`);
}

export function listRoute(
  index: NodeIndex,
  exchange: NodeExchange,
  enabled: EnabledFeatures,
): NodeAnswer {
  const listing =
    exchange.method === "POST" ? listingOfBody(exchange.body) : listingOfParams(exchange.params);
  const context = { code: "invalid_document_filter", indexUid: null, normalForm: false } as const;
  const filterValue = filterOf(listing.filter, "invalid_document_filter");
  const docs = filteredDocs(index.search, nodeFilter(index.search, filterValue, context, enabled));
  if (listing.ids !== null) {
    docs.intersect(DocSet.of(listing.ids.flatMap((id) => index.docOf(id) ?? [])));
  }
  const { offset, limit } = listing;
  const sort = documentSort(index, listing.sort);
  const page = ordered(index, docs, sort, offset + limit).slice(offset, offset + limit);
  const proxied = isProxied(exchange);
  const results = page.map(({ doc, details }) => {
    const document = documentText(index, doc, listing.fields, listing.retrieveVectors);
    if (!proxied) return document;
    return withMembers(
      document,
      `"_federation":{"weightedScoreValues":${weightedScoreValues(details, 1)}}`,
    );
  });
  return answer(
    `{"results":[${results.join(",")}],"offset":${offset},"limit":${limit},"total":${docs.count()}}`,
  );
}

export function getRoute(index: NodeIndex, exchange: NodeExchange, id: string): NodeAnswer {
  const doc = index.docOf(id);
  if (doc === undefined) throw new ApiError("document_not_found", `Document \`${id}\` not found.`);
  const retrieveVectors = exchange.params.get("retrieveVectors") === "true";
  return answer(documentText(index, doc, listParam(exchange.params, "fields"), retrieveVectors));
}
