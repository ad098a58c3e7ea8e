import { describe, expect, it } from "vitest";
import { checkSearch } from "../../../worker/core/query/check-search.ts";
import { parseSearchBody } from "../../../worker/core/query/parse-search.ts";
import { DEFAULT_SETTINGS, type IndexSettings } from "../../../worker/core/settings/settings.ts";

const rule = (pattern: string, equality: boolean, comparison: boolean) => ({
  attributePatterns: [pattern],
  features: { facetSearch: false, filter: { equality, comparison } },
});

const ITEMS: IndexSettings = {
  ...DEFAULT_SETTINGS,
  searchableAttributes: ["title", "brand"],
  filterableAttributes: ["price", "brand"],
  sortableAttributes: ["price", "meta"],
  embedders: { e: { source: "userProvided", dimensions: 4 } },
};
const HIDDEN: IndexSettings = { ...ITEMS, displayedAttributes: ["brand"] };
const GRANULAR: IndexSettings = {
  ...ITEMS,
  filterableAttributes: [
    rule("off", false, false),
    rule("eq*", true, false),
    rule("*", true, true),
  ],
};

function refusal(body: object, settings = ITEMS): { code: string; message: string } | undefined {
  try {
    checkSearch(parseSearchBody(JSON.stringify(body)), { uid: "items", settings });
    return undefined;
  } catch (error) {
    if (error instanceof Error && "code" in error) {
      return { code: String(error.code), message: error.message };
    }
    throw error;
  }
}

describe("a search that the settings do not allow", () => {
  it.each<[object, IndexSettings, string, string]>([
    [
      { filter: "nope = 1" },
      ITEMS,
      "invalid_search_filter",
      'Index `items`: Attribute `nope` is not filterable. Available filterable attribute patterns are: `brand`, `price`.\n2:6 "nope" = "1"',
    ],
    [
      { filter: "nope = 1" },
      DEFAULT_SETTINGS,
      "invalid_search_filter",
      'Index `items`: Attribute `nope` is not filterable. This index does not have configured filterable attributes.\n2:6 "nope" = "1"',
    ],
    [
      { filter: "_geoRadius(91, 0, 1)" },
      ITEMS,
      "invalid_search_filter",
      "Index `items`: Bad latitude `91`. Latitude must be contained between -90 and 90 degrees.\n12:14 _geoRadius(91, 0, 1)",
    ],
    [
      { filter: "_geoRadius(1, 2, 3)" },
      ITEMS,
      "invalid_search_filter",
      "Index `items`: Attribute `_geo/_geojson` is not filterable. Available filterable attribute patterns are: `brand`, `price`.\n12:13 _geoRadius(1, 2, 3)",
    ],
    [
      { sort: ["nope:asc"] },
      ITEMS,
      "invalid_search_sort",
      "Index `items`: Attribute `nope` is not sortable. Available sortable attributes are: `meta, price`.",
    ],
    [
      { sort: ["nope:asc"] },
      HIDDEN,
      "invalid_search_sort",
      "Index `items`: Attribute `nope` is not sortable. This index does not have configured sortable attributes.",
    ],
    [
      { sort: ["price"] },
      ITEMS,
      "invalid_search_sort",
      "Invalid syntax for the sort parameter: expected expression ending by `:asc` or `:desc`, found `price`.",
    ],
    [
      { sort: ["_geoPoint(1,2):asc"] },
      ITEMS,
      "invalid_search_sort",
      "Index `items`: Attribute `_geo` is not sortable. Available sortable attributes are: `meta, price`.",
    ],
    [
      { sort: ["price:asc"] },
      { ...ITEMS, rankingRules: ["words"] },
      "invalid_search_sort",
      "Index `items`: You must specify where `sort` is listed in the rankingRules setting to use the sort parameter at search time.",
    ],
    [
      { facets: ["nope"] },
      ITEMS,
      "invalid_search_facets",
      "Invalid facet distribution: Pattern `nope` is not filterable. Available filterable attributes patterns are: `brand, price`.",
    ],
    [
      { distinct: "nope" },
      HIDDEN,
      "invalid_search_distinct",
      "Index `items`: Attribute `nope` is not filterable and thus, cannot be used as distinct attribute. Available filterable attributes patterns are: `brand, <..hidden-attributes>`.",
    ],
    [
      { attributesToSearchOn: ["nope"] },
      ITEMS,
      "invalid_search_attributes_to_search_on",
      "Index `items`: Attribute `nope` is not searchable. Available searchable attributes are: `brand, title`.",
    ],
    [
      { q: "a", hybrid: { embedder: "no" } },
      ITEMS,
      "invalid_search_embedder",
      "Cannot find embedder with name `no`.",
    ],
    [
      { vector: [1, 2], hybrid: { embedder: "e" } },
      ITEMS,
      "invalid_vector_dimensions",
      "Invalid vector dimensions: expected: `4`, found: `2`.",
    ],
    [
      { vector: [1] },
      ITEMS,
      "missing_search_hybrid",
      "Invalid request: missing `hybrid` parameter when `vector` or `media` are present.",
    ],
    [
      { filter: "eq1 > 1" },
      GRANULAR,
      "invalid_search_filter",
      "Index `items`: Filter operator `>` is not allowed for the attribute `eq1`.\n  - Note: allowed operators: OR, AND, NOT, =, !=, IN, IS EMPTY, IS NULL, EXISTS.\n  - Note: field `eq1` matched rule #1 in `filterableAttributes`\n  - Hint: enable comparison in rule #1 by modifying the features.filter object\n  - Hint: prepend another rule matching `eq1` with appropriate filter features before rule #1",
    ],
  ])("%j", (body, settings, code, message) => {
    expect(refusal(body, settings)).toEqual({ code, message });
  });

  it("is told of the last attribute that is not filterable", () => {
    expect(refusal({ filter: ["x = 1", "y = 1"] })?.message).toContain("Attribute `y`");
  });

  it("is told in Meilisearch's order: kind, sort syntax, searchable, distinct, filter, sort, facets", () => {
    const wrong = {
      vector: [1],
      sort: ["nope"],
      attributesToSearchOn: ["nope"],
      distinct: "nope",
      filter: "nope = 1",
      facets: ["nope"],
    };
    const codes: (string | undefined)[] = [];
    const body: Record<string, unknown> = { ...wrong };
    codes.push(refusal(body)?.code);
    delete body["vector"];
    codes.push(refusal(body)?.message.slice(0, 14));
    body["sort"] = ["nope:asc"];
    for (const field of ["attributesToSearchOn", "distinct", "filter", "sort", "facets"]) {
      codes.push(refusal(body)?.code);
      delete body[field];
    }
    expect(codes).toEqual([
      "missing_search_hybrid",
      "Invalid syntax",
      "invalid_search_attributes_to_search_on",
      "invalid_search_distinct",
      "invalid_search_filter",
      "invalid_search_sort",
      "invalid_search_facets",
    ]);
  });
});

describe("a search that the settings allow", () => {
  it.each([
    [{ facets: ["*"] }, ITEMS],
    [{ facets: ["pri*", "brand.x"] }, ITEMS],
    [{ sort: ["meta.rank:asc"] }, ITEMS],
    [{ filter: "price.x > 1" }, ITEMS],
    [{ attributesToSearchOn: ["ti*", "*"] }, ITEMS],
    [{ attributesToSearchOn: ["anything"] }, DEFAULT_SETTINGS],
    [{ hybrid: { embedder: "no" } }, ITEMS],
  ])("%j", (body, settings) => {
    expect(refusal(body, settings)).toBeUndefined();
  });
});

describe("the shard mark", () => {
  it.each([
    { filter: '_miroir_shard = "«"' },
    { distinct: "_miroir_shard" },
    { sort: ["_miroir_shard:asc"] },
  ])("is no attribute for a client, even where all are allowed: %j", (body) => {
    const refused = refusal(body, GRANULAR);
    expect(refused?.message).toContain("Attribute `_miroir_shard` is not");
  });

  it("is in no message", () => {
    expect(refusal({ filter: "off = 1" }, GRANULAR)?.message).not.toContain("_miroir_shard");
  });
});
