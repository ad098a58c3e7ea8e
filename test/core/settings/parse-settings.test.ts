import { describe, expect, it } from "vitest";
import { parseSetting, parseSettings } from "../../../worker/core/settings/parse-settings.ts";
import { SETTINGS } from "../../../worker/core/settings/setting-table.ts";
import { DEFAULT_SETTINGS } from "../../../worker/core/settings/settings.ts";

describe("a settings body with a mistake", () => {
  it.each([
    [
      '{"displayedAttributes":[1]}',
      "invalid_settings_displayed_attributes",
      "Invalid value type at `.displayedAttributes[0]`: expected a string, but found a positive integer: `1`",
    ],
    [
      '{"filterableAttributes":[{"features":{}}]}',
      "invalid_settings_filterable_attributes",
      "Missing field `attributePatterns` inside `.filterableAttributes[0]`",
    ],
    [
      '{"filterableAttributes":[{"attributePatterns":["a"],"features":{"filter":{"equalityy":true}}}]}',
      "invalid_settings_filterable_attributes",
      "Unknown field `equalityy` inside `.filterableAttributes[0].features.filter`: did you mean `equality`? expected one of `equality`, `comparison`",
    ],
    [
      '{"rankingRules":["nope"]}',
      "invalid_settings_ranking_rules",
      "Invalid value at `.rankingRules[0]`: `nope` ranking rule is invalid. Valid ranking rules are words, typo, sort, proximity, attribute, exactness and custom ranking rules.",
    ],
    [
      '{"rankingRules":["_geoPoint(1,2):asc"]}',
      "invalid_settings_ranking_rules",
      "Invalid value at `.rankingRules[0]`: `_geoPoint` is a reserved keyword and thus can't be used as a ranking rule. `_geoPoint` can only be used for sorting at search time",
    ],
    [
      '{"rankingRules":["attribute","wordPosition"]}',
      "invalid_settings_ranking_rules",
      "Mixed usage of the attribute, attributeRank, and wordPosition ranking rules. You must either use the attribute ranking rule alone or the attributeRank and wordPosition ranking rules.",
    ],
    [
      '{"typoTolerance":{"minWordSizeForTypos":{"oneTypo":300}}}',
      "invalid_settings_typo_tolerance",
      "Invalid value at `.typoTolerance.minWordSizeForTypos.oneTypo`: value: `300` is too large to be deserialized, maximum value authorized is `255`",
    ],
    [
      '{"faceting":{"sortFacetValuesBy":{"a":"x"}}}',
      "invalid_settings_faceting",
      "Unknown value `x` at `.faceting.sortFacetValuesBy.a`: expected one of `alpha`, `count`",
    ],
    [
      '{"pagination":{"maxTotalHits":0}}',
      "invalid_settings_pagination",
      "Invalid value at `.pagination.maxTotalHits`: a non-zero integer value lower than `18446744073709551615` was expected, but found a zero",
    ],
    [
      '{"embedders":{"a":{"source":"userProvided"}}}',
      "invalid_settings_embedders",
      "`.embedders.a`: Missing field `dimensions` (note: this field is mandatory for source `userProvided`)",
    ],
    [
      '{"embedders":{"a":{"source":"userProvided","model":"a"}}}',
      "invalid_settings_embedders",
      "`.embedders.a`: Field `model` unavailable for source `userProvided`.\n  - note: `model` is available for sources: `openAi`, `huggingFace`, `ollama`\n  - note: available fields for source `userProvided`: `source`, `dimensions`, `distribution`, `binaryQuantized`",
    ],
    [
      '{"embedders":{"a":{"source":"composite"}}}',
      "feature_not_enabled",
      'using `"composite"` as source requires enabling the `composite embedders` experimental feature. See https://github.com/orgs/meilisearch/discussions/816',
    ],
    [
      '{"chat":{}}',
      "feature_not_enabled",
      "setting `chat` in the index settings requires enabling the `chat completions` experimental feature. See https://github.com/orgs/meilisearch/discussions/835",
    ],
    [
      '{"foreignKeys":[1]}',
      "invalid_settings_foreign_keys",
      "Invalid value type at `.foreignKeys[0]`: expected an object, but found a positive integer: `1`",
    ],
  ])("%s: %s", (body, code, message) => {
    expect(() => parseSettings(body)).toThrow(expect.objectContaining({ code, message }));
  });

  it("is told all settings, in Meilisearch's order", () => {
    expect(() => parseSettings('{"nope":1}')).toThrow(
      "Unknown field `nope`: expected one of `displayedAttributes`, `searchableAttributes`, `filterableAttributes`, `sortableAttributes`, `foreignKeys`, `rankingRules`, `stopWords`, `nonSeparatorTokens`, `separatorTokens`, `dictionary`, `synonyms`, `distinctAttribute`, `proximityPrecision`, `typoTolerance`, `faceting`, `pagination`, `embedders`, `searchCutoffMs`, `localizedAttributes`, `facetSearch`, `prefixSearch`, `chat`",
    );
  });

  it("is told paths from the sub-route it was sent to", () => {
    expect(() => parseSetting("pagination", '{"maxTotalHits":"x"}')).toThrow(
      expect.objectContaining({
        code: "invalid_settings_pagination",
        message:
          'Invalid value type at `.maxTotalHits`: expected a positive integer, but found a string: `"x"`',
      }),
    );
    expect(() => parseSetting("chat", '{"x":1}', { chatCompletions: true })).toThrow(
      expect.objectContaining({ code: "invalid_settings_index_chat" }),
    );
  });
});

describe("a settings body that touches the shard mark", () => {
  it.each([
    { displayedAttributes: ["_miroir_shard"] },
    { searchableAttributes: ["_miroir_shard"] },
    { filterableAttributes: [{ attributePatterns: ["_miroir_shard"] }] },
    { sortableAttributes: ["_miroir_shard"] },
    { rankingRules: ["_miroir_shard:desc"] },
    { distinctAttribute: "_miroir_shard" },
    { nonSeparatorTokens: ["a«b"] },
    { nonSeparatorTokens: ["»"] },
  ])("is refused: %j", (body) => {
    expect(() => parseSettings(JSON.stringify(body))).toThrow(
      expect.objectContaining({ code: "miroir_reserved_field", status: 400 }),
    );
  });
});

describe("a settings body", () => {
  it("keeps sets sorted by bytes and only what was named", () => {
    expect(parseSettings('{"sortableAttributes":["z","a","z","é"],"stopWords":null}')).toEqual({
      sortableAttributes: ["a", "z", "é"],
      stopWords: null,
    });
    expect(parseSettings("{}")).toEqual({});
  });

  it("of null resets one setting", () => {
    for (const name of Object.keys(DEFAULT_SETTINGS)) {
      if (!Object.hasOwn(SETTINGS, name)) throw new Error(`${name} is not in the table`);
    }
    expect(parseSetting("faceting", "null")).toEqual({ faceting: null });
    const none = { chat: null, foreignKeys: null };
    expect(parseSettings(JSON.stringify(none))).toEqual(none);
  });
});
