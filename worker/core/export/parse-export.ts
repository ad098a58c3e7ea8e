/** The body of `POST /export`: where to, and which indexes how. */
import { anything, asObject, boolean, type Decoder, nullable, text } from "../decode/decoders.ts";
import { fill, Optional } from "../decode/fields.ts";
import { type Json, JsonNumber, jsonText } from "../decode/json.ts";
import { unexpected, wrongKind } from "../decode/mistakes.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import { compareText } from "../json/text-order.ts";
import { maskSecret } from "../settings/mask-secret.ts";
import { humanSize } from "../tasks/human-size.ts";
import { readByteSize } from "./byte-size.ts";

export interface ExportedIndexes {
  /** The client's filter as JSON text; null for all documents. */
  readonly filter: string | null;
  /** Settings are sent also to an index that is there. */
  readonly overrideSettings: boolean;
}

export interface ExportRequest {
  readonly url: string;
  readonly apiKey: string | null;
  /** Bytes of documents that one request may carry. */
  readonly payloadSize: number | null;
  /** By pattern of index uids. */
  readonly indexes: Readonly<Record<string, ExportedIndexes>>;
}

const ALL: ExportRequest["indexes"] = { "*": { filter: null, overrideSettings: false } };

export function parseExport(body: string): ExportRequest {
  const url = new Optional(text, "", "invalid_export_url");
  const apiKey = new Optional<string | null>(nullable(text), null, "invalid_export_api_key");
  const payloadSize = new Optional<number | null>(
    nullable(byteSize),
    null,
    "invalid_export_payload_size",
  );
  const indexes = new Optional<ExportRequest["indexes"] | null>(nullable(patterns), null);
  fill({ url, apiKey, payloadSize, indexes }, parseJson(body), Place.root());
  return {
    url: url.value,
    apiKey: apiKey.value,
    payloadSize: payloadSize.value,
    indexes: indexes.value ?? ALL,
  };
}

const PATTERN = /^(\*|[A-Za-z0-9_-]{1,400}\*?)$/;

const patterns: Decoder<ExportRequest["indexes"]> = (value, at) => {
  const found = [...asObject(value, at)].map(([pattern, member]) => {
    if (!PATTERN.test(pattern)) {
      throw unexpected(
        at,
        `the key "${pattern}" could not be deserialized into the key type \`meilisearch_types::index_uid_pattern::IndexUidPattern\``,
      );
    }
    return [pattern, indexOptions(member, at.key(pattern))] as const;
  });
  return Object.fromEntries(found);
};

function indexOptions(value: Json, at: Place): ExportedIndexes {
  const filter = new Optional<Json>(anything, null, "invalid_export_index_filter");
  const overrideSettings = new Optional(boolean, false, "invalid_export_index_override_settings");
  fill({ filter, overrideSettings }, value, at);
  return {
    filter: filter.value === null ? null : jsonText(filter.value),
    overrideSettings: overrideSettings.value,
  };
}

const byteSize: Decoder<number> = (value, at) => {
  if (value instanceof JsonNumber && value.kind === "positive") return value.value;
  if (typeof value !== "string") throw wrongKind(value, at, "a positive integer", "a string");
  const read = readByteSize(value);
  if (typeof read === "number") return read;
  throw unexpected(at, read.mistake);
};

/** The details of an export's task; with counts once it is over. */
export function exportDetails(
  { url, apiKey, payloadSize, indexes }: ExportRequest,
  matched?: ReadonlyMap<string, ExportedIndexes & { readonly documents: number }>,
): string {
  const head = JSON.stringify({
    url,
    ...(apiKey === null ? {} : { apiKey: maskSecret(apiKey) }),
    ...(payloadSize === null ? {} : { payloadSize: humanSize(payloadSize) }),
  });
  const entries =
    matched === undefined
      ? inOrder(indexes).map(([pattern, options]) => optionsText(pattern, options, ""))
      : [...matched].map(([uid, options]) =>
          // As Meilisearch does: this name is written in another case than all others.
          optionsText(uid, options, `,"matched_documents":${options.documents}`),
        );
  return `${head.slice(0, -1)},"indexes":{${entries.join(",")}}}`;
}

function optionsText(
  name: string,
  { filter, overrideSettings }: ExportedIndexes,
  more: string,
): string {
  return `${JSON.stringify(name)}:{"filter":${filter ?? "null"},"overrideSettings":${overrideSettings}${more}}`;
}

/** As Meilisearch does: patterns count in the order of their bytes, and not as they were sent. */
function inOrder(indexes: ExportRequest["indexes"]): readonly [string, ExportedIndexes][] {
  return Object.entries(indexes).toSorted(([a], [b]) => compareText(a, b));
}

/** The options of the first pattern that means an index; undefined when none does. */
export function optionsOf({ indexes }: ExportRequest, uid: string): ExportedIndexes | undefined {
  const found = inOrder(indexes).find(
    ([pattern]) =>
      pattern === uid || (pattern.endsWith("*") && uid.startsWith(pattern.slice(0, -1))),
  );
  return found?.[1];
}
