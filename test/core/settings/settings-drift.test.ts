import { expect, test } from "vitest";

import { applySettings } from "../../../worker/core/settings/apply-settings.ts";
import { nodeSettings } from "../../../worker/core/settings/node-settings.ts";
import { parseSettings } from "../../../worker/core/settings/parse-settings.ts";
import { settingsRepair } from "../../../worker/core/settings/settings-drift.ts";
import { DEFAULT_SETTINGS, type IndexSettings } from "../../../worker/core/settings/settings.ts";

const client = (body: object): IndexSettings =>
  applySettings(DEFAULT_SETTINGS, parseSettings(JSON.stringify(body)));

const rich = client({
  displayedAttributes: ["title", "id"],
  searchableAttributes: ["title"],
  filterableAttributes: ["genre", { attributePatterns: ["n_*"], features: { facetSearch: false } }],
  sortableAttributes: ["year"],
  rankingRules: ["words", "typo", "year:desc"],
  stopWords: ["the", "a"],
  synonyms: { cat: ["feline"] },
  distinctAttribute: "sku",
  typoTolerance: { minWordSizeForTypos: { oneTypo: 4 } },
  faceting: { maxValuesPerFacet: 7 },
  pagination: { maxTotalHits: 50 },
  embedders: { own: { source: "userProvided", dimensions: 3 } },
  searchCutoffMs: 100,
  localizedAttributes: [{ attributePatterns: ["title"], locales: ["fra"] }],
});

const onNode = (settings: IndexSettings, change: object = {}): string =>
  JSON.stringify({ ...nodeSettings(settings, "id"), ...change });

test("settings as they were sent need no repair", () => {
  for (const settings of [DEFAULT_SETTINGS, rich]) {
    expect(settingsRepair(onNode(settings), { settings, primaryKey: "id" })).toBeUndefined();
  }
});

test("a node may show embedders with more than was sent, and without their secrets", () => {
  const settings = client({
    embedders: { e: { source: "openAi", apiKey: "secret-key", model: "text-embedding-3-small" } },
  });
  const { embedders } = nodeSettings(settings, "id");
  const shown = { ...embedders["e"], apiKey: "secXXXX", dimensions: 1536 };
  expect(
    settingsRepair(onNode(settings, { embedders: { e: shown } }), { settings, primaryKey: "id" }),
  ).toBeUndefined();
});

const CHANGED: readonly (readonly [string, unknown])[] = [
  ["displayedAttributes", ["*"]],
  ["searchableAttributes", ["title", "body"]],
  ["filterableAttributes", ["genre"]],
  ["filterableAttributes", []],
  ["sortableAttributes", ["year"]],
  ["rankingRules", ["words"]],
  ["stopWords", []],
  ["synonyms", {}],
  ["distinctAttribute", "sku"],
  ["typoTolerance", { enabled: false }],
  ["faceting", { maxValuesPerFacet: 7 }],
  ["pagination", { maxTotalHits: 1000 }],
  ["searchCutoffMs", null],
  ["localizedAttributes", null],
  ["facetSearch", false],
];

test.for(CHANGED)("%s that somebody changed is brought back, and nothing else", ([name, value]) => {
  const wanted: Readonly<Record<string, unknown>> = { ...nodeSettings(rich, "id") };
  expect(
    settingsRepair(onNode(rich, { [name]: value }), { settings: rich, primaryKey: "id" }),
  ).toEqual({ [name]: wanted[name] });
});

test("embedders that somebody removed, changed or added are brought back", () => {
  const expected = { settings: rich, primaryKey: "id" };
  const { own } = nodeSettings(rich, "id").embedders;
  const repairOf = (embedders: object) => settingsRepair(onNode(rich, { embedders }), expected);
  expect(repairOf({})).toEqual({ embedders: { own } });
  expect(repairOf({ own: { ...own, dimensions: 4 } })).toEqual({ embedders: { own } });
  expect(repairOf({ own, other: own })).toEqual({ embedders: { other: null } });
});
