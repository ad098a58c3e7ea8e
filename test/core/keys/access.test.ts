import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readJson } from "../../../worker/core/decode/json-reader.ts";
import { accessOf, type Caller } from "../../../worker/core/keys/access.ts";
import type { KeyGrant } from "../../../worker/core/keys/key.ts";
import { searchRulesOf } from "../../../worker/core/keys/search-rules.ts";

const grant = (part: Partial<KeyGrant>): KeyGrant => ({
  uid: "u",
  actions: ["*"],
  indexes: ["*"],
  expiresAt: null,
  ...part,
});

function caller(part: Partial<KeyGrant>, rules?: unknown): Caller {
  const decoded = rules === undefined ? null : searchRulesOf(readJson(JSON.stringify(rules)));
  if (decoded === undefined) throw new Error("not search rules");
  return { key: grant(part), rules: decoded };
}

const refused = (message: string) =>
  expect.objectContaining({ code: "invalid_api_key", message, status: 403 });
const INVALID = refused("The provided API key is invalid.");

describe("a key", () => {
  it("lasts until the moment of its expiry", () => {
    const key = caller({ expiresAt: 1000 });
    expect(() => accessOf(key, "search", "m", 999)).not.toThrow();
    expect(() => accessOf(key, "search", "m", 1000)).toThrow(INVALID);
  });

  it.each([
    [["p*"], "products", undefined],
    [["products"], "products", undefined],
    [["p*", "m"], "m", undefined],
    [["p"], "products", '["p"]'],
    [["b", "a", "a"], "m", '["a", "b"]'],
    [[], "m", "[]"],
  ])("with %j on index %s", (indexes, index, listed) => {
    const check = () => accessOf(caller({ indexes }), "search", index, 0);
    if (listed === undefined) expect(check).not.toThrow();
    else {
      expect(check).toThrow(
        refused(
          `The API key cannot acces the index \`${index}\`, authorized indexes are ${listed}.`,
        ),
      );
    }
  });

  it("for one index is told so before its actions are looked at", () => {
    const key = caller({ indexes: ["p"], actions: ["search"] });
    expect(() => accessOf(key, "documents.add", "m", 0)).toThrow(/cannot acces the index/);
    expect(() => accessOf(key, "documents.add", "p", 0)).toThrow(INVALID);
  });

  it.each([
    ["indexes.get", true],
    ["tasks.get", true],
    ["stats.get", true],
    ["search", true],
    ["indexes.swap", true],
    ["settings.get", true],
    ["version", false],
    ["keys.get", false],
    ["dumps.create", false],
    ["documents.add", false],
    ["tasks.compact", false],
    ["miroir.get", false],
  ] as const)("for one index, %s on a route without one: %s", (action, isAllowed) => {
    const check = () => accessOf(caller({ indexes: ["p"] }), action, undefined, 0);
    if (isAllowed) expect(check).not.toThrow();
    else expect(check).toThrow(INVALID);
    expect(() => accessOf(caller({ indexes: [] }), action, undefined, 0)).toThrow(INVALID);
  });

  it("creates indexes only with indexes.create, and only its own", () => {
    const creates = (actions: KeyGrant["actions"], index: string) =>
      accessOf(caller({ indexes: ["p*"], actions }), "documents.add", "p", 0).mayCreate(index);
    expect(creates(["documents.add"], "p")).toBe(false);
    expect(creates(["documents.add", "indexes.create"], "p1")).toBe(true);
    expect(creates(["documents.add", "indexes.*"], "m")).toBe(false);
    expect(creates(["*"], "p")).toBe(true);
  });
});

describe("a tenant token", () => {
  it("reaches what both it and its key cover", () => {
    const token = caller({ indexes: ["p*"] }, ["products", "m"]);
    expect(() => accessOf(token, "search", "products", 0)).not.toThrow();
    expect(() => accessOf(token, "search", "q", 0)).toThrow(
      refused(
        'The provided tenant token cannot acces the index `q`, allowed indexes are ["m", "products"].',
      ),
    );
    expect(() => accessOf(token, "search", "m", 0)).toThrow(
      refused("The API key used to generate this tenant token cannot acces the index `m`."),
    );
    const access = accessOf(token, "search", undefined, 0);
    expect(["products", "p1", "m", "q"].filter((index) => access.allows(index))).toEqual([
      "products",
    ]);
  });

  it("only searches, and never longer than its key", () => {
    expect(() => accessOf(caller({}, ["*"]), "documents.get", "m", 0)).toThrow(INVALID);
    expect(() => accessOf(caller({ expiresAt: 5 }, ["*"]), "search", "m", 6)).toThrow(INVALID);
    expect(() => accessOf(caller({ actions: ["version"] }, ["*"]), "search", "m", 0)).toThrow(
      INVALID,
    );
  });

  it.each([
    [{ "*": { filter: "s" } }, "s"],
    [{ m: { filter: "e" }, "m*": { filter: "l" }, "*": { filter: "s" } }, "e"],
    [{ "m*": { filter: "l" }, "*": { filter: "s" } }, "l"],
    [{ "*": { filter: "s" }, m: {} }, null],
    [{ "*": { filter: "s" }, m: null }, null],
    [{ m: ["one"] }, "one"],
    [["*"], null],
  ])("%j puts the rule of the closest pattern on m", (rules, filter) => {
    const access = accessOf(caller({}, rules), "search", "m", 0);
    expect(access.restrict(null, "m", "invalid_search_filter")).toEqual(filter);
  });

  it.each([
    [null, "r", "r"],
    ["u", "r", ["u", "r"]],
    [
      ["u", ["v", "w"]],
      [["r", "s"], "t"],
      ["u", ["v", "w"], ["r", "s"], "t"],
    ],
    ["a OR b", "r", ["a OR b", "r"]],
    ["u", null, "u"],
    ["u", [], ["u"]],
  ])("%j and %j make %j", (filter, rule, both) => {
    const access = accessOf(caller({}, { m: { filter: rule } }), "search", "m", 0);
    expect(access.restrict(filter, "m", "invalid_search_filter")).toEqual(both);
  });

  it("never loses its rule, whatever the client asks", () => {
    const clause = fc.oneof(fc.string(), fc.array(fc.string()));
    fc.assert(
      fc.property(fc.oneof(fc.constant(null), fc.string(), fc.array(clause)), (filter) => {
        const access = accessOf(caller({}, { m: { filter: "tenant = 1" } }), "search", "m", 0);
        const both = access.restrict(filter, "m", "invalid_search_filter");
        const clauses = typeof both === "string" ? [both] : both;
        expect(clauses?.at(-1)).toBe("tenant = 1");
      }),
    );
  });

  it("with a rule that is no filter makes every search fail", () => {
    const access = accessOf(caller({}, { m: { filter: 5 } }), "search", "m", 0);
    for (const filter of [null, "u"]) {
      expect(() => access.restrict(filter, "m", "invalid_search_filter")).toThrow(
        expect.objectContaining({ code: "invalid_search_filter" }),
      );
    }
  });
});

it.each([5, "*", null, [5], { m: 5 }, { m: "f" }, { m: [] }, { m: ["a", "b"] }])(
  "%j are no search rules",
  (rules) => {
    expect(searchRulesOf(readJson(JSON.stringify(rules)))).toBeUndefined();
  },
);
