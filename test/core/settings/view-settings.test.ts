import { describe, expect, it } from "vitest";
import { maskSecret } from "../../../worker/core/settings/mask-secret.ts";
import { parseSettings } from "../../../worker/core/settings/parse-settings.ts";
import { DEFAULT_SETTINGS } from "../../../worker/core/settings/settings.ts";
import {
  viewPatch,
  viewSetting,
  viewSettings,
} from "../../../worker/core/settings/view-settings.ts";

describe("the view of settings", () => {
  it("has every key in Meilisearch's order", () => {
    expect(JSON.stringify(viewSettings(DEFAULT_SETTINGS, {}))).toBe(
      '{"displayedAttributes":["*"],"searchableAttributes":["*"],"filterableAttributes":[],"sortableAttributes":[],"rankingRules":["words","typo","proximity","attributeRank","sort","wordPosition","exactness"],"stopWords":[],"nonSeparatorTokens":[],"separatorTokens":[],"dictionary":[],"synonyms":{},"distinctAttribute":null,"proximityPrecision":"byWord","typoTolerance":{"enabled":true,"minWordSizeForTypos":{"oneTypo":5,"twoTypos":9},"disableOnWords":[],"disableOnAttributes":[],"disableOnNumbers":false},"faceting":{"maxValuesPerFacet":100,"sortFacetValuesBy":{"*":"alpha"}},"pagination":{"maxTotalHits":1000},"embedders":{},"searchCutoffMs":null,"localizedAttributes":null,"facetSearch":true,"prefixSearch":"indexingTime"}',
    );
  });

  it("shows no API key", () => {
    const apiKey = "sk-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    const settings = { ...DEFAULT_SETTINGS, embedders: { o: { source: "openAi", apiKey } } };
    expect(viewSetting(settings, "embedders")).toEqual({
      o: { source: "openAi", apiKey: "sk-aaXXXXXX..." },
    });
    const patch = parseSettings(JSON.stringify({ embedders: { o: { apiKey } } }));
    expect(JSON.stringify(viewPatch(patch))).not.toContain(apiKey);
  });

  it("of a change is what was asked, in the order of settings", () => {
    const patch = parseSettings(
      '{"stopWords":["b","a"],"displayedAttributes":null,"distinctAttribute":null}',
    );
    expect(JSON.stringify(viewPatch(patch))).toBe(
      '{"displayedAttributes":["*"],"stopWords":["a","b"],"distinctAttribute":null}',
    );
  });
});

describe("a masked key", () => {
  it.each([
    ["short", "XXX..."],
    ["0123456789abc", "01XXXX..."],
    ["0123456789abcdefghijk", "012XXXXX..."],
    ["0123456789abcdefghijklmnopqrstuv", "01234XXXXXX..."],
  ])("%s", (key, masked) => {
    expect(maskSecret(key)).toBe(masked);
  });
});
