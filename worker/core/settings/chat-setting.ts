/**
 * The setting `chat` of an index: what a language model is told of it and how it searches there.
 * Kept and shown as Meilisearch does; nodes are not told, as none of them holds the whole index.
 */
import { type Decoder, keptCount, list, oneOf, text } from "../decode/decoders.ts";
import { fill, Optional, Required } from "../decode/fields.ts";
import type { Json } from "../decode/json.ts";
import type { Place } from "../decode/place.ts";
import { MATCHING_STRATEGIES, SEMANTIC_RATIO_DEFAULT } from "../query/search-defaults.ts";
import { ratio } from "../query/search-fields.ts";
import { PatchField } from "./setting-decoders.ts";
import type { ChatConfig } from "./settings.ts";
import type { ChatConfigPatch } from "./settings-patch.ts";

export function chatConfig(value: Json, at: Place): ChatConfigPatch {
  const slots = {
    description: new PatchField(text),
    documentTemplate: new PatchField(text),
    documentTemplateMaxBytes: new PatchField(keptCount),
    searchParameters: new PatchField(searchParameters),
  };
  fill(slots, value, at);
  return given(slots);
}

function searchParameters(value: Json, at: Place): Readonly<Record<string, unknown>> {
  // In the order in which they are shown.
  const slots = {
    hybrid: new PatchField<unknown>(hybrid),
    limit: new PatchField<unknown>(keptCount),
    sort: new PatchField<unknown>(list(text)),
    distinct: new PatchField<unknown>(text),
    matchingStrategy: new PatchField<unknown>(oneOf(MATCHING_STRATEGIES)),
    attributesToSearchOn: new PatchField<unknown>(list(text)),
    rankingScoreThreshold: new PatchField<unknown>(ratio("rankingScoreThreshold")),
  };
  fill(slots, value, at);
  return given(slots);
}

const hybrid: Decoder<unknown> = (value, at) => {
  const semanticRatio = new Optional(ratio("semanticRatio"), SEMANTIC_RATIO_DEFAULT);
  const embedder = new Required(text);
  fill({ semanticRatio, embedder }, value, at);
  return { semanticRatio: semanticRatio.value, embedder: embedder.value };
};

/** The members that were sent, in the order of the slots. */
function given(
  slots: Readonly<Record<string, PatchField<unknown>>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(slots).flatMap(([name, { given: sent }]) =>
      sent === undefined ? [] : [[name, sent.value] as const],
    ),
  );
}

/** The setting after a change; `null` takes a member back to its default. */
export function mergeChatConfig(
  current: ChatConfig,
  patch: ChatConfigPatch,
  fallback: ChatConfig,
): ChatConfig {
  const { description, documentTemplate, documentTemplateMaxBytes } = patch;
  return {
    description: member(current.description, description, fallback.description),
    documentTemplate: member(current.documentTemplate, documentTemplate, fallback.documentTemplate),
    documentTemplateMaxBytes: member(
      current.documentTemplateMaxBytes,
      documentTemplateMaxBytes,
      fallback.documentTemplateMaxBytes,
    ),
    searchParameters: mergedParameters(current.searchParameters, patch.searchParameters),
  };
}

const PARAMETERS = [
  "hybrid",
  "limit",
  "sort",
  "distinct",
  "matchingStrategy",
  "attributesToSearchOn",
  "rankingScoreThreshold",
];

function mergedParameters(
  current: ChatConfig["searchParameters"],
  patch: ChatConfigPatch["searchParameters"],
): ChatConfig["searchParameters"] {
  if (patch === undefined) return current;
  const merged = { ...current, ...patch };
  return Object.fromEntries(
    PARAMETERS.flatMap((name) => {
      const value = merged[name];
      return patch === null || value === undefined || value === null ? [] : [[name, value]];
    }),
  );
}

function member<T>(current: T, patch: T | null | undefined, fallback: T): T {
  return patch === undefined ? current : (patch ?? fallback);
}
