/** An index's settings after a change. `null` resets a setting; some are merged member by member. */
import { boolean, count, oneOf, text } from "../../../worker/core/decode/decoders.ts";
import { isObject, type Json, type JsonObject } from "../../../worker/core/decode/json.ts";
import { Place } from "../../../worker/core/decode/place.ts";
import { ApiError } from "../../../worker/core/errors/api-error.ts";
import { sortedByBytes } from "../../../worker/core/settings/attribute-patterns.ts";
import { embedders } from "../../../worker/core/settings/embedder-decoder.ts";
import { mergeEmbedders } from "../../../worker/core/settings/merge-embedder.ts";
import {
  MIXED_ATTRIBUTE_RULES,
  mixesAttributeRules,
} from "../../../worker/core/settings/ranking-rule.ts";
import {
  faceting,
  filterableAttributes,
  localizedAttributes,
  pagination,
  rankingRules,
  synonyms,
  texts,
  textSet,
  typoTolerance,
} from "../../../worker/core/settings/setting-decoders.ts";
import {
  DEFAULT_SETTINGS,
  type IndexSettings,
  type NodeSettings,
} from "../../../worker/core/settings/settings.ts";

type Change = (current: IndexSettings, value: Json, at: Place) => Partial<IndexSettings>;

/** Values of `patch` over those of `current`; null means the standard value. */
function merged<T extends object>(
  current: T,
  patch: { readonly [Key in keyof T]?: T[Key] | null },
  standard: T,
): T {
  const result = { ...current };
  for (const key in patch) {
    const value = patch[key];
    if (value !== undefined) result[key] = value === null ? standard[key] : value;
  }
  return result;
}

function typoToleranceAfter(
  current: IndexSettings["typoTolerance"],
  value: Json,
  at: Place,
): IndexSettings["typoTolerance"] {
  const { minWordSizeForTypos, ...rest } = typoTolerance(value, at);
  const standard = DEFAULT_SETTINGS.typoTolerance;
  const after = merged(current, rest, standard);
  if (minWordSizeForTypos === undefined) return after;
  const sizes =
    minWordSizeForTypos === null
      ? standard.minWordSizeForTypos
      : merged(current.minWordSizeForTypos, minWordSizeForTypos, standard.minWordSizeForTypos);
  return { ...after, minWordSizeForTypos: sizes };
}

function facetingAfter(
  current: IndexSettings["faceting"],
  value: Json,
  at: Place,
): IndexSettings["faceting"] {
  const patch = faceting(value, at);
  const after = merged(current, patch, DEFAULT_SETTINGS.faceting);
  const { sortFacetValuesBy } = patch;
  if (sortFacetValuesBy === undefined || sortFacetValuesBy === null) return after;
  return { ...after, sortFacetValuesBy: { ...current.sortFacetValuesBy, ...sortFacetValuesBy } };
}

/** As Meilisearch does: `*` among the attributes means all, an empty list of displayed ones none. */
function wildcard(names: readonly string[]): readonly string[] {
  return names.includes("*") ? ["*"] : names;
}

function checkedRules(rules: readonly string[]): readonly string[] {
  if (!mixesAttributeRules(rules)) return rules;
  throw new ApiError("invalid_settings_ranking_rules", MIXED_ATTRIBUTE_RULES);
}

const CHANGES: Readonly<Record<keyof NodeSettings, Change>> = {
  displayedAttributes: (_, value, at) => ({ displayedAttributes: wildcard(texts(value, at)) }),
  searchableAttributes: (_, value, at) => ({ searchableAttributes: wildcard(texts(value, at)) }),
  filterableAttributes: (_, value, at) => ({
    filterableAttributes: filterableAttributes(value, at),
  }),
  sortableAttributes: (_, value, at) => ({ sortableAttributes: textSet(value, at) }),
  rankingRules: (_, value, at) => ({ rankingRules: checkedRules(rankingRules(value, at)) }),
  stopWords: (_, value, at) => ({ stopWords: textSet(value, at) }),
  nonSeparatorTokens: (_, value, at) => ({ nonSeparatorTokens: textSet(value, at) }),
  separatorTokens: (_, value, at) => ({ separatorTokens: textSet(value, at) }),
  dictionary: (_, value, at) => ({ dictionary: textSet(value, at) }),
  synonyms: (_, value, at) => ({ synonyms: synonyms(value, at) }),
  distinctAttribute: (_, value, at) => ({ distinctAttribute: text(value, at) }),
  proximityPrecision: (_, value, at) => ({
    proximityPrecision: oneOf(["byWord", "byAttribute"])(value, at),
  }),
  typoTolerance: (current, value, at) => ({
    typoTolerance: typoToleranceAfter(current.typoTolerance, value, at),
  }),
  faceting: (current, value, at) => ({ faceting: facetingAfter(current.faceting, value, at) }),
  pagination: (current, value, at) => ({
    pagination: merged(current.pagination, pagination(value, at), DEFAULT_SETTINGS.pagination),
  }),
  embedders: (current, value, at) => ({
    embedders: mergeEmbedders(current.embedders, embedders(value, at)),
  }),
  searchCutoffMs: (_, value, at) => ({ searchCutoffMs: count(value, at) }),
  localizedAttributes: (_, value, at) => ({ localizedAttributes: localizedAttributes(value, at) }),
  facetSearch: (_, value, at) => ({ facetSearch: boolean(value, at) }),
  prefixSearch: (_, value, at) => ({
    prefixSearch: oneOf(["indexingTime", "disabled"])(value, at),
  }),
};

const SETTING_NAMES = new Set(sortedByBytes(Object.keys(CHANGES)));

function isSetting(name: string): name is keyof NodeSettings {
  return SETTING_NAMES.has(name);
}

export function settingsAfter(current: IndexSettings, patch: JsonObject): IndexSettings {
  let settings = current;
  for (const [name, value] of patch) {
    if (!isSetting(name)) continue;
    const at = Place.root().key(name);
    const change =
      value === null ? { [name]: DEFAULT_SETTINGS[name] } : CHANGES[name](settings, value, at);
    settings = { ...settings, ...change };
  }
  return settings;
}

/** The patch of a settings route; throws when it is not an object. */
export function settingsPatch(value: Json): JsonObject {
  if (isObject(value)) return value;
  throw new ApiError("bad_request", "Invalid value type: expected an object");
}
