/** The embedders of a settings body: types and unknown fields; sense is checked by `check-embedder.ts`. */
import {
  anything,
  boolean,
  keptCount,
  type Decoder,
  dictionary,
  nullable,
  number,
  oneOf,
  text,
} from "../decode/decoders.ts";
import { fill, Required } from "../decode/fields.ts";
import { floatDisplay, nearestFloat32 } from "../decode/float-text.ts";
import { type Json, plainValue } from "../decode/json.ts";
import { unexpected } from "../decode/mistakes.ts";
import type { Place } from "../decode/place.ts";
import { EMBEDDER_SOURCES, type EmbedderField, SHOWN_FIELDS } from "./embedder-fields.ts";
import { PatchField, sortedRecord } from "./setting-decoders.ts";
import type { EmbedderPatch, PatchOf } from "./settings-patch.ts";

const raw: Decoder<unknown> = (value) => plainValue(value);
const headers: Decoder<unknown> = (value, at) => sortedRecord(dictionary(text)(value, at));
const fragments: Decoder<unknown> = (value, at) =>
  sortedRecord(dictionary(nullable(fragment))(value, at));

function fragment(value: Json, at: Place): { readonly value: unknown } {
  const inner = new Required<Json>(anything);
  fill({ value: inner }, value, at, { ignoreUnknown: true });
  return { value: plainValue(inner.value) };
}

function distribution(value: Json, at: Place): { readonly mean: number; readonly sigma: number } {
  const mean = new Required(number);
  const sigma = new Required(number);
  fill({ mean, sigma }, value, at);
  const shift = { mean: nearestFloat32(mean.value), sigma: nearestFloat32(sigma.value) };
  if (shift.mean < 0 || shift.mean > 1) {
    throw unexpected(
      at,
      `the distribution mean must be in the range [0, 1], got ${floatDisplay(shift.mean)}`,
    );
  }
  if (shift.sigma <= 0 || shift.sigma > 1) {
    throw unexpected(
      at,
      `the distribution sigma must be in the range ]0, 1], got ${floatDisplay(shift.sigma)}`,
    );
  }
  return shift;
}

const FIELD_DECODERS: Readonly<Record<EmbedderField, Decoder<unknown>>> = {
  source: oneOf(EMBEDDER_SOURCES),
  model: text,
  revision: text,
  pooling: oneOf(["useModel", "forceCls", "forceMean"]),
  apiKey: text,
  dimensions: keptCount,
  binaryQuantized: boolean,
  documentTemplate: text,
  documentTemplateMaxBytes: keptCount,
  url: text,
  indexingFragments: fragments,
  searchFragments: fragments,
  request: raw,
  response: raw,
  headers,
  searchEmbedder: (value, at) => embedderOf(value, at, SUB_EMBEDDER_FIELDS, NESTED_DECODERS),
  indexingEmbedder: (value, at) => embedderOf(value, at, SUB_EMBEDDER_FIELDS, NESTED_DECODERS),
  distribution,
};

/** Half an embedder knows no halves: what is sent there is refused later, with a reason. */
const NESTED_DECODERS = { ...FIELD_DECODERS, searchEmbedder: raw, indexingEmbedder: raw };

/** In the order in which messages list the fields of half an embedder. */
const SUB_EMBEDDER_FIELDS = [
  ...SHOWN_FIELDS.filter(
    (field) =>
      field !== "binaryQuantized" &&
      field !== "searchEmbedder" &&
      field !== "indexingEmbedder" &&
      field !== "distribution",
  ),
  "distribution",
  "binaryQuantized",
  "searchEmbedder",
  "indexingEmbedder",
] as const satisfies readonly EmbedderField[];

function embedderOf(
  value: Json,
  at: Place,
  fields: readonly EmbedderField[],
  decoders: Readonly<Record<EmbedderField, Decoder<unknown>>>,
): EmbedderPatch {
  const slots: Record<string, PatchField<unknown>> = {};
  for (const field of fields) slots[field] = new PatchField(decoders[field]);
  fill(slots, value, at);
  const patch: Record<string, unknown> = {};
  for (const field of fields) {
    const given = slots[field]?.given;
    if (given !== undefined) patch[field] = given.value;
  }
  return patch;
}

export const embedders: Decoder<PatchOf<"embedders">> = (value, at) =>
  sortedRecord(
    dictionary(
      nullable((embedder, place) => embedderOf(embedder, place, SHOWN_FIELDS, FIELD_DECODERS)),
    )(value, at),
  );
