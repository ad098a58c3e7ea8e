import { describe, expect, test } from "vitest";
import { chooseDistinct } from "../../../worker/core/merge/distinct.ts";
import { distinctValues } from "../../../worker/core/merge/distinct-values.ts";
import { decodeHit, type Hit } from "../../../worker/core/merge/hit.ts";

const hit = (document: object, extra?: object): Hit =>
  decodeHit(
    JSON.stringify({
      ...document,
      ...(extra === undefined ? {} : { _federation: { extra_document: extra } }),
    }),
    0,
  );

const ids = (hits: readonly Hit[]): unknown[] =>
  hits.map(({ text }) => (JSON.parse(text) as { id: unknown }).id);

describe("distinct values", () => {
  test.for([
    ["strings are normalised", { c: " RÉD " }, "c", ["réd".normalize("NFKD")]],
    ["numbers are numbers", { c: 5.0 }, "c", [5]],
    ["a text of digits is not a number", { c: "5" }, "c", ["5"]],
    ["booleans are texts", { c: true }, "c", ["true"]],
    ["arrays have several", { c: ["a", 1, null, { d: 1 }] }, "c", ["a", 1]],
    ["null is none", { c: null }, "c", []],
    ["an object is none", { c: { d: 1 } }, "c", []],
    ["a path into objects", { c: { d: "x" } }, "c.d", ["x"]],
    ["a path through arrays", { c: [{ d: "x" }, 1, { d: ["y"] }] }, "c.d", ["x", "y"]],
    ["a key with a dot", { "c.d": "x" }, "c.d", ["x"]],
  ] as const)("%s", ([, document, attribute, expected]) => {
    expect(distinctValues(hit(document), attribute)).toEqual(expected);
  });

  test("come from beside the document when it does not show them", () => {
    expect(distinctValues(hit({ id: 1 }, { c: "a" }), "c")).toEqual(["a"]);
  });
});

describe("choosing one hit for each value", () => {
  test("the first of each value wins; hits without a value are all kept", () => {
    const hits = [
      hit({ id: 1, c: "a" }),
      hit({ id: 2 }),
      hit({ id: 3, c: "A" }),
      hit({ id: 4, c: ["b", "a"] }),
      hit({ id: 5, c: null }),
      hit({ id: 6, c: "c" }),
    ];
    const choice = chooseDistinct(hits, "c", 10);
    expect(ids(choice.hits)).toEqual([1, 2, 5, 6]);
    expect(choice.valuedCount).toBe(2);
    expect([...choice.values]).toEqual(["a", "c"]);
  });

  test("stops at the limit without asking for more", () => {
    function* endless(): Generator<Hit> {
      for (let id = 0; ; id += 1) {
        if (id > 2) throw new Error("asked beyond the limit");
        yield hit({ id, c: id });
      }
    }
    expect(chooseDistinct(endless(), "c", 2).hits).toHaveLength(2);
    expect(chooseDistinct(endless(), "c", 0).hits).toHaveLength(0);
  });

  test("a loser with another value may hide a hit of its node", () => {
    const hits = [
      hit({ id: 1, c: ["red"] }),
      hit({ id: 2, c: ["red", "blue"] }),
      hit({ id: 3, c: ["green"] }),
      hit({ id: 4, c: ["green", "teal"] }),
    ];
    // What the second loser lost to comes after the first loser: it may change.
    expect(ids(chooseDistinct(hits, "c", 10).obstacles)).toEqual([2]);
    expect(chooseDistinct(hits.slice(0, 1), "c", 10).obstacles).toEqual([]);
  });
});
