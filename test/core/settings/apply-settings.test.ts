import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applySettings } from "../../../worker/core/settings/apply-settings.ts";
import {
  parseSettings,
  resetAllSettings,
  resetSetting,
} from "../../../worker/core/settings/parse-settings.ts";
import { SETTING_NAMES } from "../../../worker/core/settings/setting-names.ts";
import { DEFAULT_SETTINGS, type IndexSettings } from "../../../worker/core/settings/settings.ts";

const names = fc.array(fc.constantFrom("a", "b", "c.d", "*", "é"), { maxLength: 4 });
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });

const body = fc.record(
  {
    displayedAttributes: maybe(names),
    searchableAttributes: maybe(names),
    filterableAttributes: maybe(names),
    sortableAttributes: maybe(names),
    rankingRules: maybe(fc.subarray(["words", "sort", "exactness", "a:asc", "b:desc"])),
    stopWords: maybe(names),
    synonyms: maybe(fc.dictionary(fc.constantFrom("x", "y", "10"), names)),
    distinctAttribute: maybe(fc.constant("a")),
    typoTolerance: maybe(
      fc.record(
        {
          enabled: maybe(fc.boolean()),
          minWordSizeForTypos: maybe(fc.constantFrom({ oneTypo: 3 }, { twoTypos: 12 }, {})),
          disableOnWords: maybe(fc.constantFrom(["Été", "b"], [])),
        },
        { requiredKeys: [] },
      ),
    ),
    faceting: maybe(
      fc.record(
        {
          maxValuesPerFacet: maybe(fc.nat(100)),
          sortFacetValuesBy: maybe(fc.constantFrom({ a: "count" }, { "*": "count" }, {})),
        },
        { requiredKeys: [] },
      ),
    ),
    pagination: maybe(fc.constantFrom({ maxTotalHits: 5 }, { maxTotalHits: null }, {})),
    embedders: maybe(
      fc.constantFrom(
        { e: { source: "userProvided", dimensions: 3 } },
        { e: null },
        { o: { source: "openAi", apiKey: "k" } },
        { o: { source: "openAi", documentTemplate: null } },
      ),
    ),
    searchCutoffMs: maybe(fc.nat(5000)),
    localizedAttributes: maybe(
      fc.constantFrom([{ attributePatterns: ["a*"], locales: ["fr", "cmn"] }], []),
    ),
    facetSearch: maybe(fc.boolean()),
    prefixSearch: maybe(fc.constantFrom("indexingTime", "disabled")),
  },
  { requiredKeys: [] },
);

const patch = body.map((value) => parseSettings(JSON.stringify(value)));

const after = (...bodies: readonly object[]): IndexSettings =>
  bodies.reduce<IndexSettings>(
    (settings, each) => applySettings(settings, parseSettings(JSON.stringify(each))),
    DEFAULT_SETTINGS,
  );

describe("applying settings", () => {
  it("twice is applying them once", () => {
    fc.assert(
      fc.property(patch, patch, (first, second) => {
        const once = applySettings(applySettings(DEFAULT_SETTINGS, first), second);
        expect(applySettings(once, second)).toEqual(once);
      }),
    );
  });

  it("and resetting them restores the defaults", () => {
    fc.assert(
      fc.property(patch, (change) => {
        const changed = applySettings(DEFAULT_SETTINGS, change);
        expect(applySettings(changed, resetAllSettings())).toEqual(DEFAULT_SETTINGS);
        for (const name of SETTING_NAMES) {
          expect(applySettings(changed, resetSetting(name))[name]).toEqual(DEFAULT_SETTINGS[name]);
        }
      }),
    );
  });

  it("leaves alone what it does not name", () => {
    expect(applySettings(DEFAULT_SETTINGS, {})).toBe(DEFAULT_SETTINGS);
    const settings = after({ stopWords: ["a"] }, { sortableAttributes: ["b"] });
    expect(settings.stopWords).toEqual(["a"]);
  });

  it("merges typo tolerance, faceting and pagination member by member", () => {
    const settings = after(
      { typoTolerance: { enabled: false, minWordSizeForTypos: { oneTypo: 3 } } },
      { typoTolerance: { minWordSizeForTypos: { twoTypos: 7 }, disableOnWords: ["Été"] } },
      { faceting: { sortFacetValuesBy: { b: "count" } } },
      { faceting: { maxValuesPerFacet: 5 } },
    );
    expect(settings.typoTolerance).toEqual({
      enabled: false,
      minWordSizeForTypos: { oneTypo: 3, twoTypos: 7 },
      disableOnWords: ["ete"],
      disableOnAttributes: [],
      disableOnNumbers: false,
    });
    expect(settings.faceting).toEqual({
      maxValuesPerFacet: 5,
      sortFacetValuesBy: { "*": "alpha", b: "count" },
    });
  });

  it("fails when the parts together make no sense", () => {
    expect(() => after({ typoTolerance: { minWordSizeForTypos: { twoTypos: 2 } } })).toThrow(
      expect.objectContaining({ code: "invalid_settings_typo_tolerance" }),
    );
    expect(() =>
      after(
        { embedders: { e: { source: "userProvided", dimensions: 2, binaryQuantized: true } } },
        { embedders: { e: { binaryQuantized: false } } },
      ),
    ).toThrow(expect.objectContaining({ code: "invalid_settings_embedders" }));
  });

  it("puts attribute lists and locales in the form that Meilisearch keeps", () => {
    const settings = after({
      displayedAttributes: ["b", "a", "b"],
      searchableAttributes: ["a", "*"],
      localizedAttributes: [{ attributePatterns: ["a"], locales: ["fr", "cmn"] }],
    });
    expect(settings.displayedAttributes).toEqual(["b", "a"]);
    expect(settings.searchableAttributes).toEqual(["*"]);
    expect(settings.localizedAttributes?.[0]?.locales).toEqual(["fra", "cmn"]);
  });
});

describe("an embedder", () => {
  it("without a source is OpenAI's, with its defaults", () => {
    expect(after({ embedders: { o: {} } }).embedders["o"]).toMatchObject({
      source: "openAi",
      model: "text-embedding-3-small",
      documentTemplateMaxBytes: 400,
    });
  });

  it("forgets the fields of its old source", () => {
    const settings = after(
      { embedders: { o: { source: "openAi", model: "text-embedding-3-large" } } },
      { embedders: { o: { source: "userProvided", dimensions: 3 } } },
    );
    expect(settings.embedders["o"]).toEqual({ source: "userProvided", dimensions: 3 });
  });

  it("is removed by null", () => {
    const settings = after(
      { embedders: { e: { source: "userProvided", dimensions: 3 } } },
      { embedders: { e: null } },
    );
    expect(settings.embedders).toEqual({});
  });
});
