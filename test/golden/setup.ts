/** The three indexes of the golden set: what they are made of before the questions are asked. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const GOLDEN_FOLDER = fileURLToPath(new URL(".", import.meta.url));

export interface GoldenIndex {
  readonly uid: string;
  readonly primaryKey: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

const RULES = ["words", "typo", "proximity", "attribute", "sort", "exactness"];

export const GOLDEN_INDEXES: readonly GoldenIndex[] = [
  {
    uid: "packages",
    primaryKey: "id",
    settings: {
      searchableAttributes: ["package", "summary", "description", "tags"],
      filterableAttributes: [
        "section",
        "priority",
        "tags",
        "installedSize",
        "size",
        "maintainer",
        "homepage",
      ],
      sortableAttributes: ["installedSize", "size", "package", "section"],
      rankingRules: [...RULES, "id:asc"],
      synonyms: { lib: ["library"], docs: ["documentation"] },
      stopWords: ["the", "of"],
    },
  },
  {
    uid: "cities",
    primaryKey: "cityId",
    settings: {
      searchableAttributes: ["name", "altName", "country"],
      filterableAttributes: ["country", "population", "featureCode", "_geo"],
      sortableAttributes: ["population", "_geo", "name"],
      distinctAttribute: null,
      rankingRules: [...RULES, "population:desc", "cityId:asc"],
    },
  },
  {
    uid: "items",
    primaryKey: "sku",
    settings: {
      searchableAttributes: ["title", "brand"],
      filterableAttributes: ["brand", "price", "colour", "group", "stock", "meta.rank", "sku"],
      sortableAttributes: ["price", "brand", "meta.rank", "stock"],
      faceting: { maxValuesPerFacet: 5, sortFacetValuesBy: { "*": "alpha", colour: "count" } },
      pagination: { maxTotalHits: 150 },
      rankingRules: [...RULES, "sku:asc"],
      embedders: { e: { source: "userProvided", dimensions: 4 } },
    },
  },
];

/** The documents of an index, as NDJSON. */
export function goldenDocuments(uid: string): string {
  return readFileSync(`${GOLDEN_FOLDER}corpus/${uid}.ndjson`, "utf8");
}
