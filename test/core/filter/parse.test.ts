import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Filter } from "../../../worker/core/filter/ast.ts";
import { attributesToCheck, filterAttributes } from "../../../worker/core/filter/attributes.ts";
import { parseFilter, parseFilterSyntax } from "../../../worker/core/filter/parse.ts";
import { parseFilterText } from "../../../worker/core/filter/parse-text.ts";
import { printFilter } from "../../../worker/core/filter/print.ts";
import { filterOfSyntax } from "../../../worker/core/filter/to-ast.ts";

const is = (attribute: string, value = "1"): Filter => ({
  kind: "condition",
  attribute,
  op: { kind: "equal", value },
});
const has = (attribute: string): Filter => ({
  kind: "condition",
  attribute,
  op: { kind: "exists" },
});

describe("a filter", () => {
  it.each<[string, Filter]>([
    ["a = 1", is("a")],
    ["a=1 OR b=1 AND c=1", { kind: "or", of: [is("a"), { kind: "and", of: [is("b"), is("c")] }] }],
    [
      "(a=1 OR b=1) AND c=1",
      { kind: "and", of: [{ kind: "or", of: [is("a"), is("b")] }, is("c")] },
    ],
    ["NOT a=1 AND b=1", { kind: "and", of: [{ kind: "not", of: is("a") }, is("b")] }],
    ["NOT NOT a=1", is("a")],
    ["a NOT EXISTS", { kind: "not", of: has("a") }],
    ["NOT a NOT EXISTS", has("a")],
    ["a != x", { kind: "condition", attribute: "a", op: { kind: "notEqual", value: "x" } }],
    [
      "a 1 TO 2",
      { kind: "condition", attribute: "a", op: { kind: "between", from: "1", to: "2" } },
    ],
    [
      "a IN [x, 'y z', ]",
      { kind: "condition", attribute: "a", op: { kind: "in", values: ["x", "y z"] } },
    ],
    [
      "a NOT IN []",
      { kind: "not", of: { kind: "condition", attribute: "a", op: { kind: "in", values: [] } } },
    ],
    [
      "a IS NOT NULL",
      { kind: "not", of: { kind: "condition", attribute: "a", op: { kind: "null" } } },
    ],
    ["a IS EMPTY", { kind: "condition", attribute: "a", op: { kind: "empty" } }],
    [
      "a STARTS WITH b",
      { kind: "condition", attribute: "a", op: { kind: "startsWith", value: "b" } },
    ],
    ["\"a b\" = 'it\\'s'", is("a b", "it's")],
    ['a = "\\u00e9\\n\\x41"', is("a", "é\nA")],
    [
      "_geoRadius(1.5, -2, 3e2, 50)",
      {
        kind: "condition",
        attribute: "_geo",
        op: { kind: "geoRadius", lat: 1.5, lng: -2, radius: 300, resolution: 50 },
      },
    ],
    [
      "_geoBoundingBox([2, 3], [0, 1])",
      {
        kind: "condition",
        attribute: "_geo",
        op: { kind: "geoBoundingBox", topRight: [2, 3], bottomLeft: [0, 1] },
      },
    ],
  ])("%s", (text, expected) => {
    expect(parseFilter(text)).toEqual(expected);
  });

  it("of lists holds when all of its parts do, and of an inner list one", () => {
    expect(parseFilter(["a = 1", ["b = 1", "c = 1"], "", []])).toEqual({
      kind: "and",
      of: [is("a"), { kind: "or", of: [is("b"), is("c")] }],
    });
  });

  it.each(["", "  ", [], [[]], [["", " "]]])("%j restricts nothing", (filter) => {
    expect(parseFilter(filter)).toBeNull();
  });
});

describe("the normal form of a filter", () => {
  const word = fc.string({ unit: "grapheme", maxLength: 8 });
  const quoted = word.map((text) => JSON.stringify(text));
  const condition = fc.oneof(
    fc.tuple(quoted, fc.constantFrom("=", "!=", ">", "<="), quoted).map((parts) => parts.join(" ")),
    fc.tuple(quoted, fc.array(quoted)).map(([name, values]) => `${name} IN [${values.join(",")}]`),
    fc.tuple(quoted, quoted, quoted).map(([name, from, to]) => `${name} ${from} TO ${to}`),
    quoted.map((name) => `${name} IS NOT EMPTY`),
  );
  const { filter } = fc.letrec<{ filter: string }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 4 },
      condition,
      fc.tuple(tie("filter"), tie("filter")).map(([a, b]) => `(${a} AND ${b})`),
      fc.tuple(tie("filter"), tie("filter")).map(([a, b]) => `(${a}) OR (${b})`),
      tie("filter").map((inner) => `NOT (${inner})`),
    ),
  }));

  it("means the same filter", () => {
    fc.assert(
      fc.property(filter, (text) => {
        const syntax = parseFilterText(text);
        if (syntax === null) return;
        const again = parseFilterText(printFilter(syntax));
        expect(again && filterOfSyntax(again)).toEqual(filterOfSyntax(syntax));
      }),
    );
  });

  it("quotes every name and value", () => {
    const syntax = parseFilterText("a = 1 AND (b 2 TO 3 OR NOT c IN [x])");
    expect(syntax && printFilter(syntax)).toBe(
      '("a" = "1") AND (("b" "2" TO "3") OR (NOT ("c" IN ["x"])))',
    );
  });
});

describe("the attributes of a filter", () => {
  it("are each named once", () => {
    const filter = parseFilter("a = 1 AND (b EXISTS OR NOT a = 2) AND _geoRadius(1,2,3)");
    expect(filter && [...filterAttributes(filter)]).toEqual(["a", "b", "_geo"]);
  });

  it("are checked from the last to the first, as Meilisearch names the last wrong one", () => {
    const syntax = parseFilterSyntax(["a = 1", "b = 1 OR c = 1"], "invalid_search_filter", {});
    expect(syntax && attributesToCheck(syntax).map((token) => token.value)).toEqual([
      "c",
      "b",
      "a",
    ]);
  });
});
