/**
 * Requests that read, add and delete documents. Types, ranges, ids and the syntax of `sort` are
 * checked here; what depends on the index's settings is checked by `check-documents.ts`.
 */
import { anything, boolean, count, list, nullable, text } from "../decode/decoders.ts";
import { fill, Optional, Required } from "../decode/fields.ts";
import { type Json, jsonText } from "../decode/json.ts";
import { anyText, booleanParam, countParam, listParam } from "../decode/param-decoders.ts";
import { fillParams, OptionalParam, ParamMistake, type Params } from "../decode/params.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import { StarListParam } from "../decode/star-params.ts";
import { readDeleteBatch } from "../documents/delete.ts";
import { ApiError } from "../errors/api-error.ts";
import { parseFilterSyntax } from "../filter/parse.ts";
import { filterOf, requiredFilterOf } from "../filter/shape.ts";
import { filterOfParam } from "../filter/shape-param.ts";
import type { DocumentId } from "../ids.ts";
import { clientDocumentId } from "./client-document-id.ts";
import { type EnabledFeatures, refuseUseNetwork } from "./features.ts";
import { sortList } from "./parse-search-params.ts";
import type { Filter } from "./search-query.ts";
import { parseSortCriterion } from "./sort-criterion.ts";

export const DOCUMENTS_LIMIT_DEFAULT = 20;

/** What to show of each document. */
export interface DocumentOptions {
  /** Null for all fields. */
  readonly fields: readonly string[] | null;
  readonly retrieveVectors: boolean;
}

/** A page of documents. */
export interface DocumentsQuery extends DocumentOptions {
  readonly offset: number;
  readonly limit: number;
  readonly filter: Filter | null;
  /** In canonical text form; null for no restriction. */
  readonly ids: readonly DocumentId[] | null;
  readonly sort: readonly string[] | null;
}

/** The parameters of `GET /indexes/{indexUid}/documents`. */
export function parseDocumentsParams(params: Params): DocumentsQuery {
  const offset = new OptionalParam(countParam(), 0, "invalid_document_offset");
  const limit = new OptionalParam(countParam(), DOCUMENTS_LIMIT_DEFAULT, "invalid_document_limit");
  const { fields, retrieveVectors, useNetwork } = optionParams();
  const ids = new OptionalParam<readonly string[] | null>(
    listParam(anyText),
    null,
    "invalid_document_ids",
  );
  const filter = new OptionalParam<string | null>(anyText, null, "invalid_document_filter");
  const sort = new OptionalParam<string | null>(anyText, null, "invalid_document_sort");
  const slots = { offset, limit, fields, retrieveVectors, ids, filter, sort, useNetwork };
  fillParams(slots, params);
  return {
    offset: offset.value,
    limit: limit.value,
    fields: fields.value,
    retrieveVectors: retrieveVectors.value,
    ids: idsOf(ids.value),
    sort: checkedSort(sort.value === null ? null : sortList(sort.value)),
    filter: filterOfParam(filter.value, "invalid_document_filter"),
  };
}

/** The body of `POST /indexes/{indexUid}/documents/fetch`. */
export function parseDocumentsBody(body: string, enabled: EnabledFeatures = {}): DocumentsQuery {
  const texts = nullable(list(text));
  const slots = {
    offset: new Optional(count, 0, "invalid_document_offset"),
    limit: new Optional(count, DOCUMENTS_LIMIT_DEFAULT, "invalid_document_limit"),
    fields: new Optional(texts, null, "invalid_document_fields"),
    retrieveVectors: new Optional(boolean, false, "invalid_document_retrieve_vectors"),
    ids: new Optional(nullable(list(anything)), null, "invalid_document_ids"),
    filter: new Optional<Json>(anything, null, "invalid_document_filter"),
    sort: new Optional(texts, null, "invalid_document_sort"),
    useNetwork: new Optional(nullable(boolean), null, "invalid_document_use_network"),
  };
  fill(slots, parseJson(body), Place.root());
  refuseUseNetwork(slots.useNetwork.value, enabled);
  return {
    offset: slots.offset.value,
    limit: slots.limit.value,
    fields: slots.fields.value,
    retrieveVectors: slots.retrieveVectors.value,
    ids: idsOf(slots.ids.value),
    sort: checkedSort(slots.sort.value),
    filter: filterOf(slots.filter.value, "invalid_document_filter"),
  };
}

/** The parameters of `GET /indexes/{indexUid}/documents/{documentId}`. */
export function parseDocumentParams(params: Params): DocumentOptions {
  const slots = optionParams();
  fillParams(slots, params);
  return { fields: slots.fields.value, retrieveVectors: slots.retrieveVectors.value };
}

export interface AdditionParams {
  readonly primaryKey: string | null;
  /** One ASCII character. */
  readonly csvDelimiter: string | null;
  readonly customMetadata: string | null;
  /** Whether documents that do not exist yet are left out. */
  readonly skipCreation: boolean;
}

/** The parameters of `POST` and `PUT /indexes/{indexUid}/documents`. */
export function parseAdditionParams(params: Params): AdditionParams {
  const slots = {
    primaryKey: new OptionalParam<string | null>(anyText, null, "invalid_index_primary_key"),
    csvDelimiter: new OptionalParam<string | null>(
      delimiter,
      null,
      "invalid_document_csv_delimiter",
    ),
    customMetadata: customMetadataParam(),
    skipCreation: new OptionalParam<boolean>(skipCreation, false, "invalid_skip_creation"),
  };
  fillParams(slots, params);
  return {
    primaryKey: slots.primaryKey.value,
    csvDelimiter: slots.csvDelimiter.value,
    customMetadata: slots.customMetadata.value,
    skipCreation: slots.skipCreation.value,
  };
}

export interface DeletionParams {
  readonly customMetadata: string | null;
}

/** The parameters of all routes that delete documents. */
export function parseDeletionParams(params: Params): DeletionParams {
  const customMetadata = customMetadataParam();
  fillParams({ customMetadata }, params);
  return { customMetadata: customMetadata.value };
}

/**
 * The body of `POST /indexes/{indexUid}/documents/delete`: its filter, as JSON text. Only the syntax
 * counts yet: attributes that are not filterable fail the task.
 */
export function parseDeleteByFilter(body: string, enabled: EnabledFeatures = {}): string {
  const filter = new Required<Json>(anything, "invalid_document_filter", "missing_document_filter");
  fill({ filter }, parseJson(body), Place.root());
  const shaped = requiredFilterOf(filter.value, "invalid_document_filter");
  if (parseFilterSyntax(shaped, "invalid_document_filter", enabled) === null) {
    throw new ApiError("invalid_document_filter", "Sending an empty filter is forbidden.");
  }
  return jsonText(filter.value);
}

/** The body of `POST /indexes/{indexUid}/documents/delete-batch`: the ids, as texts. */
export function parseDeletedIds(body: string): readonly string[] {
  return readDeleteBatch(new TextEncoder().encode(body));
}

function optionParams() {
  return {
    fields: new StarListParam(anyText, "invalid_document_fields"),
    retrieveVectors: new OptionalParam<boolean>(
      booleanParam,
      false,
      "invalid_document_retrieve_vectors",
    ),
    useNetwork: new OptionalParam<null>(refusedNetwork, null, "invalid_document_use_network"),
  };
}

/** As Meilisearch does: no text is accepted, and the message contradicts itself. */
function refusedNetwork(value: string): never {
  throw new ApiError(
    "invalid_document_use_network",
    `Invalid value type for parameter \`useNetwork\`: expected a string, but found a string: \`${value}\``,
  );
}

function customMetadataParam(): OptionalParam<string | null> {
  return new OptionalParam<string | null>(anyText, null, "invalid_index_custom_metadata");
}

function delimiter(value: string): string {
  const characters = Array.from(value);
  if (characters.length !== 1) {
    const found =
      characters.length === 0
        ? "an empty string"
        : `the following string of ${characters.length} characters: \`${value}\``;
    throw new ParamMistake(`expected a string of one character, but found ${found}`);
  }
  if (value <= "\u007f") return value;
  throw new ApiError(
    "invalid_document_csv_delimiter",
    `csv delimiter must be an ascii character. Found: \`${value}\``,
  );
}

function skipCreation(value: string): boolean {
  if (/^true$/i.test(value)) return true;
  if (/^false$/i.test(value)) return false;
  throw new ApiError(
    "invalid_skip_creation",
    `skipCreation must be either \`true\` or \`false\`. Found: \`${value}\``,
  );
}

function idsOf(ids: readonly Json[] | null): readonly DocumentId[] | null {
  if (ids === null) return null;
  return ids.map((id, position) =>
    clientDocumentId(id, `In \`.ids[${position}]\``, "invalid_document_ids"),
  );
}

function checkedSort(sort: readonly string[] | null): readonly string[] | null {
  for (const criterion of sort ?? []) parseSortCriterion(criterion, "invalid_document_sort");
  return sort;
}
