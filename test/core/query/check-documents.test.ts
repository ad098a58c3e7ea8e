import { describe, expect, it } from "vitest";
import { checkDocuments } from "../../../worker/core/query/check-documents.ts";
import { DEFAULT_SETTINGS } from "../../../worker/core/settings/settings.ts";

const settings = {
  ...DEFAULT_SETTINGS,
  displayedAttributes: ["a"],
  filterableAttributes: [
    "a",
    {
      attributePatterns: ["only*"],
      features: { facetSearch: false, filter: { equality: true, comparison: false } },
    },
  ],
  sortableAttributes: ["n", "a"],
};

describe("a page of documents", () => {
  it.each([
    { filter: null, sort: null },
    { filter: "a = 1 AND only1 = 2", sort: ["n:asc", "a:desc"] },
    { filter: "", sort: [] },
  ])("is allowed: %j", (query) => {
    expect(() => checkDocuments(query, settings)).not.toThrow();
  });

  it.each([
    [
      { filter: "b = 1", sort: ["b:asc"] },
      "invalid_document_filter",
      "Attribute `b` is not filterable. Available filterable attribute patterns are: `a`, `only*`.\n1:2 b = 1",
    ],
    [
      { filter: "a =", sort: null },
      "invalid_document_filter",
      "Was expecting a value but instead got nothing.\n4:4 a =",
    ],
    [
      { filter: null, sort: ["a:asc", "b:asc"] },
      "invalid_document_sort",
      "Attribute `b` is not sortable. Available sortable attributes are: `a, n`.",
    ],
    [
      { filter: null, sort: ["_geoPoint(1,2):asc"] },
      "invalid_document_sort",
      "Attribute `_geo` is not sortable. Available sortable attributes are: `a, n`.",
    ],
    [{ filter: "only1 > 2", sort: null }, "invalid_search_filter", undefined],
  ])("is refused: %j", (query, code, message) => {
    const error = { code, ...(message === undefined ? {} : { message }) };
    expect(() => checkDocuments(query, settings)).toThrow(expect.objectContaining(error));
  });
});
