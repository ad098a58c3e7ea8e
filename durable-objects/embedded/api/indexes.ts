/** The routes of indexes, their settings and statistics. */
import { nullable, text as textField } from "../../../worker/core/decode/decoders.ts";
import { fill, Optional, Required } from "../../../worker/core/decode/fields.ts";
import { parseJson } from "../../../worker/core/decode/payload.ts";
import { Place } from "../../../worker/core/decode/place.ts";
import { ApiError } from "../../../worker/core/errors/api-error.ts";
import { sortedByBytes } from "../../../worker/core/settings/attribute-patterns.ts";
import { DEFAULT_SETTINGS } from "../../../worker/core/settings/settings.ts";
import { isArray, type Json, jsonText } from "../../../worker/core/decode/json.ts";
import { humanSize } from "../../../worker/core/tasks/human-size.ts";
import type { NodeIndex } from "../engine/node-index.ts";
import { checkIndexUid } from "../engine/node-state.ts";
import { settingsAfter, settingsPatch } from "../engine/settings-update.ts";
import type { DocumentRoutes } from "./documents.ts";
import { answer, type NodeAnswer, type NodeExchange } from "./exchange.ts";

const ACCEPTED = 202;
const LIST_LIMIT = 20;
/** Meilisearch counts its store in pages of this size. */
const PAGE_BYTES = 4096;

function view({ record }: NodeIndex): string {
  const { uid, createdAt, updatedAt, primaryKey } = record;
  return JSON.stringify({ uid, createdAt, updatedAt, primaryKey });
}

export function listIndexes(routes: DocumentRoutes, { params }: NodeExchange): NodeAnswer {
  const all = routes.state.list();
  const offset = Number(params.get("offset") ?? 0);
  const limit = Number(params.get("limit") ?? LIST_LIMIT);
  const results = all.slice(offset, offset + limit).map(view);
  return answer(
    `{"results":[${results.join(",")}],"offset":${offset},"limit":${limit},"total":${all.length}}`,
  );
}

export function getIndex(index: NodeIndex): NodeAnswer {
  return answer(view(index));
}

export function createIndex(
  { state, tasks, now }: DocumentRoutes,
  exchange: NodeExchange,
): NodeAnswer {
  const uid = new Required(textField, "invalid_index_uid", "missing_index_uid");
  const primaryKey = new Optional(nullable(textField), null, "invalid_index_primary_key");
  fill({ uid, primaryKey }, parseJson(exchange.body), Place.root());
  checkIndexUid(uid.value);
  const details = { primaryKey: JSON.stringify(primaryKey.value) };
  const summary = tasks.enqueue({
    type: "indexCreation",
    indexUid: uid.value,
    customMetadata: null,
    failed: details,
    run: () => {
      const index = state.create(uid.value, now());
      index.record = { ...index.record, primaryKey: primaryKey.value };
      state.save(index);
      return details;
    },
  });
  return answer(summary, ACCEPTED);
}

export function updateIndex(
  { state, tasks, now }: DocumentRoutes,
  exchange: NodeExchange,
  uid: string,
): NodeAnswer {
  const primaryKey = new Optional(nullable(textField), null, "invalid_index_primary_key");
  fill({ primaryKey }, parseJson(exchange.body), Place.root());
  const details = { primaryKey: JSON.stringify(primaryKey.value) };
  const summary = tasks.enqueue({
    type: "indexUpdate",
    indexUid: uid,
    customMetadata: null,
    failed: details,
    run: () => {
      const index = state.get(uid);
      const own = index.record.primaryKey;
      if (own !== null && own !== primaryKey.value && index.documentCount > 0) {
        throw new ApiError(
          "index_primary_key_already_exists",
          `Index already has a primary key: \`${own}\`.`,
        );
      }
      index.record = { ...index.record, primaryKey: primaryKey.value ?? own, updatedAt: now() };
      state.save(index);
      return details;
    },
  });
  return answer(summary, ACCEPTED);
}

export function deleteIndex({ state, tasks }: DocumentRoutes, uid: string): NodeAnswer {
  const summary = tasks.enqueue({
    type: "indexDeletion",
    indexUid: uid,
    customMetadata: null,
    failed: { deletedDocuments: "0" },
    run: () => ({ deletedDocuments: `${state.delete(uid)}` }),
  });
  return answer(summary, ACCEPTED);
}

/** The storage keeps itself compact: nothing is done, and the sizes are those of the documents. */
export function compactIndex({ state, tasks }: DocumentRoutes, uid: string): NodeAnswer {
  const summary = tasks.enqueue({
    type: "indexCompaction",
    indexUid: uid,
    customMetadata: null,
    failed: {},
    run: () => {
      const size = JSON.stringify(humanSize(state.get(uid).documentBytes));
      return { preCompactionSize: size, postCompactionSize: size };
    },
  });
  return answer(summary, ACCEPTED);
}

export function getSettings(index: NodeIndex): NodeAnswer {
  return answer(JSON.stringify(index.settings));
}

const SETS = new Set([
  "sortableAttributes",
  "stopWords",
  "nonSeparatorTokens",
  "separatorTokens",
  "dictionary",
]);

/** A setting as the task shows it: sets are told in order. */
function detailText(name: string, value: Json): string {
  if (!SETS.has(name) || !isArray(value)) return jsonText(value);
  return JSON.stringify(
    sortedByBytes(value.flatMap((text) => (typeof text === "string" ? [text] : []))),
  );
}

export function changeSettings(
  { state, tasks, now }: DocumentRoutes,
  exchange: NodeExchange,
  uid: string,
): NodeAnswer {
  checkIndexUid(uid);
  const isReset = exchange.method === "DELETE";
  const patch = isReset ? new Map() : settingsPatch(parseJson(exchange.body));
  // What does not depend on the index is refused at once, as a bad request.
  settingsAfter(DEFAULT_SETTINGS, patch);
  const details = Object.fromEntries(
    [...patch].map(([name, value]) => [name, detailText(name, value)]),
  );
  const summary = tasks.enqueue({
    type: "settingsUpdate",
    indexUid: uid,
    customMetadata: null,
    failed: details,
    ...(isReset ? {} : { prepare: () => void state.getOrCreate(uid, now()) }),
    run: () => {
      const index = state.get(uid);
      index.changeSettings(isReset ? DEFAULT_SETTINGS : settingsAfter(index.settings, patch));
      index.record = { ...index.record, updatedAt: now() };
      state.save(index);
      return details;
    },
  });
  return answer(summary, ACCEPTED);
}

function statsText(index: NodeIndex): string {
  const { documentCount, documentBytes, search } = index;
  const raw = Math.ceil(documentBytes / PAGE_BYTES) * PAGE_BYTES;
  const fields = sortedByBytes(search.fieldCounts.keys()).map(
    (field) => `${JSON.stringify(field)}:${search.fieldCounts.get(field) ?? 0}`,
  );
  let embeddings = 0;
  let embedded = 0;
  for (const byEmbedder of search.vectors.values()) {
    let own = 0;
    for (const vectors of byEmbedder.values()) own += vectors.embeddings.length;
    embeddings += own;
    if (own > 0) embedded += 1;
  }
  const members = [
    `"numberOfDocuments":${documentCount}`,
    `"rawDocumentDbSize":${raw}`,
    `"avgDocumentSize":${documentCount === 0 ? 0 : Math.floor(documentBytes / documentCount)}`,
    `"isIndexing":false`,
    // Whether it was asked for or not: only Miroir reads it, and the documents are all that is measured.
    `"internalDatabaseSizes":{"documents":${raw}}`,
    `"numberOfEmbeddings":${embeddings}`,
    `"numberOfEmbeddedDocuments":${embedded}`,
    `"fieldDistribution":{${fields.join(",")}}`,
  ];
  return `{${members.join(",")}}`;
}

export function indexStats(index: NodeIndex): NodeAnswer {
  return answer(statsText(index));
}

export function nodeStats({ state }: DocumentRoutes): NodeAnswer {
  const indexes = state.list();
  const bytes = indexes.reduce((sum, index) => sum + index.documentBytes, 0);
  const last =
    indexes
      .map((index) => index.record.updatedAt)
      .toSorted()
      .at(-1) ?? null;
  const parts = indexes.map((index) => `${JSON.stringify(index.record.uid)}:${statsText(index)}`);
  return answer(
    `{"databaseSize":${bytes},"usedDatabaseSize":${bytes},"lastUpdate":${JSON.stringify(last)},"indexes":{${parts.join(",")}}}`,
  );
}
