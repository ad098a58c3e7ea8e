/**
 * Every setting in one table: where its sub-route is, which method changes it, which code its
 * mistakes have, how its value is read, and what it is after a change.
 */
import { boolean, type Decoder, keptCount, oneOf, text } from "../decode/decoders.ts";
import { threeLetterLocale } from "../decode/locale.ts";
import type { ErrorCode } from "../errors/codes.ts";
import { ApiError } from "../errors/api-error.ts";
import { sortedByBytes } from "./attribute-patterns.ts";
import { chatConfig, mergeChatConfig } from "./chat-setting.ts";
import { embedders } from "./embedder-decoder.ts";
import { mergeEmbedders } from "./merge-embedder.ts";
import {
  faceting,
  filterableAttributes,
  foreignKeys,
  localizedAttributes,
  pagination,
  rankingRules,
  sortedRecord,
  synonyms,
  texts,
  textSet,
  typoTolerance,
  wrongWordSizes,
} from "./setting-decoders.ts";
import {
  DEFAULT_SETTINGS,
  type IndexSettings,
  type SettingName,
  type TypoTolerance,
} from "./settings.ts";
import type { PatchOf, TypoTolerancePatch } from "./settings-patch.ts";

export interface SettingRule<Name extends SettingName> {
  /** Last segment of the sub-route. */
  readonly path: string;
  readonly method: "PUT" | "PATCH";
  readonly code: ErrorCode;
  readonly decode: Decoder<PatchOf<Name>>;
  readonly merge: (current: IndexSettings[Name], patch: PatchOf<Name>) => IndexSettings[Name];
}

export type SettingTable = { readonly [Name in SettingName]: SettingRule<Name> };

const replace = <T>(_current: unknown, patch: T): T => patch;

export const SETTINGS: SettingTable = {
  displayedAttributes: {
    path: "displayed-attributes",
    method: "PUT",
    code: "invalid_settings_displayed_attributes",
    decode: texts,
    merge: (_current, patch) => attributeList(patch),
  },
  searchableAttributes: {
    path: "searchable-attributes",
    method: "PUT",
    code: "invalid_settings_searchable_attributes",
    decode: texts,
    merge: (_current, patch) => attributeList(patch),
  },
  filterableAttributes: {
    path: "filterable-attributes",
    method: "PUT",
    code: "invalid_settings_filterable_attributes",
    decode: filterableAttributes,
    merge: replace,
  },
  sortableAttributes: {
    path: "sortable-attributes",
    method: "PUT",
    code: "invalid_settings_sortable_attributes",
    decode: textSet,
    merge: replace,
  },
  foreignKeys: {
    path: "foreign-keys",
    method: "PUT",
    code: "invalid_settings_foreign_keys",
    decode: foreignKeys,
    merge: replace,
  },
  rankingRules: {
    path: "ranking-rules",
    method: "PUT",
    code: "invalid_settings_ranking_rules",
    decode: rankingRules,
    merge: replace,
  },
  stopWords: {
    path: "stop-words",
    method: "PUT",
    code: "invalid_settings_stop_words",
    decode: textSet,
    // As Meilisearch keeps them: decomposed, but in their case.
    merge: (_current, patch) => sortedByBytes(patch.map((word) => word.normalize("NFKD"))),
  },
  nonSeparatorTokens: {
    path: "non-separator-tokens",
    method: "PUT",
    code: "invalid_settings_non_separator_tokens",
    decode: textSet,
    merge: replace,
  },
  separatorTokens: {
    path: "separator-tokens",
    method: "PUT",
    code: "invalid_settings_separator_tokens",
    decode: textSet,
    merge: replace,
  },
  dictionary: {
    path: "dictionary",
    method: "PUT",
    code: "invalid_settings_dictionary",
    decode: textSet,
    merge: replace,
  },
  synonyms: {
    path: "synonyms",
    method: "PUT",
    code: "invalid_settings_synonyms",
    decode: synonyms,
    merge: replace,
  },
  distinctAttribute: {
    path: "distinct-attribute",
    method: "PUT",
    code: "invalid_settings_distinct_attribute",
    decode: text,
    merge: replace,
  },
  proximityPrecision: {
    path: "proximity-precision",
    method: "PUT",
    code: "invalid_settings_proximity_precision",
    decode: oneOf(["byWord", "byAttribute"]),
    merge: replace,
  },
  typoTolerance: {
    path: "typo-tolerance",
    method: "PATCH",
    code: "invalid_settings_typo_tolerance",
    decode: typoTolerance,
    merge: mergeTypoTolerance,
  },
  faceting: {
    path: "faceting",
    method: "PATCH",
    code: "invalid_settings_faceting",
    decode: faceting,
    merge: mergeFaceting,
  },
  pagination: {
    path: "pagination",
    method: "PATCH",
    code: "invalid_settings_pagination",
    decode: pagination,
    merge: (current, patch) => mergeFlat(current, patch, DEFAULT_SETTINGS.pagination),
  },
  embedders: {
    path: "embedders",
    method: "PATCH",
    code: "invalid_settings_embedders",
    decode: embedders,
    merge: mergeEmbedders,
  },
  searchCutoffMs: {
    path: "search-cutoff-ms",
    method: "PUT",
    code: "invalid_settings_search_cutoff_ms",
    decode: keptCount,
    merge: replace,
  },
  localizedAttributes: {
    path: "localized-attributes",
    method: "PUT",
    code: "invalid_settings_localized_attributes",
    decode: localizedAttributes,
    merge: (_current, patch) =>
      patch.map((rule) => ({ ...rule, locales: rule.locales.map(threeLetterLocale) })),
  },
  facetSearch: {
    path: "facet-search",
    method: "PUT",
    code: "invalid_settings_facet_search",
    decode: boolean,
    merge: replace,
  },
  prefixSearch: {
    path: "prefix-search",
    method: "PUT",
    code: "invalid_settings_prefix_search",
    decode: oneOf(["indexingTime", "disabled"]),
    merge: replace,
  },
  chat: {
    path: "chat",
    method: "PATCH",
    code: "invalid_settings_index_chat",
    decode: chatConfig,
    merge: (current, patch) => mergeChatConfig(current, patch, DEFAULT_SETTINGS.chat),
  },
};

/** Each attribute once, or all. */
function attributeList(names: readonly string[]): readonly string[] {
  return names.includes("*") ? ["*"] : [...new Set(names)];
}

/** What a member is after a change: as it was, its default, or as given. */
function member<T>(current: T, patch: T | null | undefined, fallback: T): T {
  return patch === undefined ? current : (patch ?? fallback);
}

function mergeFlat(
  current: IndexSettings["pagination"],
  patch: PatchOf<"pagination">,
  fallback: IndexSettings["pagination"],
): IndexSettings["pagination"] {
  return { maxTotalHits: member(current.maxTotalHits, patch.maxTotalHits, fallback.maxTotalHits) };
}

function mergeFaceting(
  current: IndexSettings["faceting"],
  patch: PatchOf<"faceting">,
): IndexSettings["faceting"] {
  const fallback = DEFAULT_SETTINGS.faceting;
  const orders = member(
    current.sortFacetValuesBy,
    patch.sortFacetValuesBy,
    fallback.sortFacetValuesBy,
  );
  return {
    maxValuesPerFacet: member(
      current.maxValuesPerFacet,
      patch.maxValuesPerFacet,
      fallback.maxValuesPerFacet,
    ),
    // As Meilisearch does: there is always an order for the facets that are not named.
    sortFacetValuesBy: sortedRecord(
      new Map(Object.entries({ ...fallback.sortFacetValuesBy, ...orders })),
    ),
  };
}

function mergeTypoTolerance(current: TypoTolerance, patch: TypoTolerancePatch): TypoTolerance {
  const fallback = DEFAULT_SETTINGS.typoTolerance;
  const sizes = patch.minWordSizeForTypos;
  const words = member(current.disableOnWords, patch.disableOnWords, fallback.disableOnWords);
  return {
    enabled: member(current.enabled, patch.enabled, fallback.enabled),
    minWordSizeForTypos:
      sizes === null
        ? fallback.minWordSizeForTypos
        : wordSizes(current.minWordSizeForTypos, sizes ?? {}),
    disableOnWords: normalWords(words),
    disableOnAttributes: member(
      current.disableOnAttributes,
      patch.disableOnAttributes,
      fallback.disableOnAttributes,
    ),
    disableOnNumbers: member(
      current.disableOnNumbers,
      patch.disableOnNumbers,
      fallback.disableOnNumbers,
    ),
  };
}

/** As Meilisearch keeps them: the way words look after tokenisation. */
function normalWords(words: readonly string[]): readonly string[] {
  return sortedByBytes(
    words.map((word) =>
      word
        .normalize("NFKD")
        .replace(/\p{Mn}/gu, "")
        .toLowerCase(),
    ),
  );
}

function wordSizes(
  current: TypoTolerance["minWordSizeForTypos"],
  patch: NonNullable<TypoTolerancePatch["minWordSizeForTypos"]>,
): TypoTolerance["minWordSizeForTypos"] {
  const fallback = DEFAULT_SETTINGS.typoTolerance.minWordSizeForTypos;
  const oneTypo = member(current.oneTypo, patch.oneTypo, fallback.oneTypo);
  const twoTypos = member(current.twoTypos, patch.twoTypos, fallback.twoTypos);
  if (oneTypo > twoTypos) {
    throw new ApiError("invalid_settings_typo_tolerance", wrongWordSizes(oneTypo, twoTypos));
  }
  return { oneTypo, twoTypos };
}
