import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ApiError } from "../../../worker/core/errors/api-error.ts";
import { parseFilter } from "../../../worker/core/filter/parse.ts";

const OPERATION =
  "Was expecting an operation `=`, `!=`, `>=`, `>`, `<=`, `<`, `IN`, `NOT IN`, `TO`, `EXISTS`, `NOT EXISTS`, `IS NULL`, `IS NOT NULL`, `IS EMPTY`, `IS NOT EMPTY`, `CONTAINS`, `NOT CONTAINS`, `STARTS WITH`, `NOT STARTS WITH`, `_geoRadius`, `_geoBoundingBox` or `_geoPolygon` ";

/** What Meilisearch 1.50 answers to these filters. */
const MISTAKES: readonly (readonly [string, string])[] = [
  ["section = ", "Was expecting a value but instead got nothing.\n11:11 section = "],
  ["brand", `${OPERATION}at \`brand\`.\n1:6 brand`],
  ["brand = a AND ", `${OPERATION}but instead got nothing.\n15:15 brand = a AND `],
  [
    "brand = 🦀 AND a = 1",
    "Was expecting a value but instead got `🦀`.\n9:10 brand = 🦀 AND a = 1",
  ],
  [
    "brand = AND",
    "Was expecting a value but instead got `AND`, which is a reserved keyword. To use `AND` as a field name or a value, surround it by quotes.\n9:12 brand = AND",
  ],
  [
    "NULL = 1",
    "Was expecting a value but instead got `NULL`, which is a reserved keyword. To use `NULL` as a field name or a value, surround it by quotes.\n1:5 NULL = 1",
  ],
  [
    'brand = "a',
    'Expression `\\"a` is missing the following closing delimiter: `"`.\n9:11 brand = "a',
  ],
  [
    "(brand = a",
    "Expression `(brand = a` is missing the following closing delimiter: `)`.\n1:11 (brand = a",
  ],
  [
    "brand = a b",
    "Found unexpected characters at the end of the filter: `b`. You probably forgot an `OR` or an `AND` rule.\n11:12 brand = a b",
  ],
  ["brand IN a", "Expected `[` after `IN` keyword.\n10:11 brand IN a"],
  [
    "brand IN [a",
    "Expected matching `]` after the list of field names given to `IN[`\n12:12 brand IN [a",
  ],
  [
    "brand IN [a b]",
    "Expected only comma-separated field names inside `IN[..]` but instead found `b]`.\n13:15 brand IN [a b]",
  ],
  ['brand = "a\\qb"', 'Malformed value: `a\\\\qb`.\n10:14 brand = "a\\qb"'],
  [
    'brand = "\\u12"',
    'The filter is incomplete and requires Unknown additional bytes to be parsed.\n1:15 brand = "\\u12"',
  ],
  [
    "_geoRadius(1, 2)",
    "Was expecting 3 or 4 arguments for `_geoRadius`, but instead found 2.\n17:17 _geoRadius(1, 2)",
  ],
  [
    "brand = _geoRadius(1,2,3)",
    "The `_geoRadius` filter is an operation and can't be used as a value.\n9:26 brand = _geoRadius(1,2,3)",
  ],
  [
    "_geoBoundingBox([1,2,3],[4,5])",
    "Was expecting 2 coordinates but instead found 3.\n18:19 _geoBoundingBox([1,2,3],[4,5])",
  ],
  [
    "_geoPolygon([1,2],[3,4])",
    "The `_geoPolygon` filter expects at least 3 points but only 2 were specified\n22:23 _geoPolygon([1,2],[3,4])",
  ],
];

describe("a filter with a mistake in its syntax", () => {
  it.each(MISTAKES)("%s", (filter, message) => {
    expect(() => parseFilter(filter, "invalid_document_filter")).toThrow(
      expect.objectContaining({ code: "invalid_document_filter", message }),
    );
  });

  it("ends at 150 levels", () => {
    const nested = (depth: number): string => `${"(".repeat(depth)}a = 1${")".repeat(depth)}`;
    expect(parseFilter(nested(36))).not.toBeNull();
    expect(() => parseFilter(nested(60))).toThrow(/maximum depth limit/);
  });
});

describe("a filter that needs a feature", () => {
  it.each([
    [
      "a CONTAINS b",
      "containsFilter",
      "Using `CONTAINS` in a filter requires enabling the `contains filter`",
    ],
    ["_vectors.e EXISTS", "multimodal", "using a vector filter requires enabling the `multimodal`"],
  ] as const)("%s is refused without %s", (filter, feature, message) => {
    expect(() => parseFilter(filter)).toThrow(
      expect.objectContaining({
        code: "feature_not_enabled",
        message: expect.stringContaining(message),
      }),
    );
    expect(parseFilter(filter, "invalid_search_filter", { [feature]: true })).not.toBeNull();
  });
});

describe("any text as a filter", () => {
  const words = fc.constantFrom(
    ..."a b AND OR NOT IN TO EXISTS IS NULL EMPTY CONTAINS STARTS WITH ( ) [ ] , = != > >= < <=".split(
      " ",
    ),
    '"x"',
    "'y",
    "\\",
    '"\\u00e9"',
    "_geo",
    "_geoRadius(1,2,3)",
    "_geoPolygon([1,2],[3,4],[5,6])",
    "_vectors.e",
    "_foreign(a,",
    "1e",
  );

  it("is parsed or refused with an error for the client", () => {
    const arbitrary = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(words, { maxLength: 14 }).map((all) => all.join(" ")),
    );
    fc.assert(
      fc.property(arbitrary, (filter) => {
        try {
          parseFilter(filter);
        } catch (error) {
          expect(error).toBeInstanceOf(ApiError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});
