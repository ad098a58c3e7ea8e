import { expect, test } from "vitest";

import { parseFilter } from "../../../worker/core/filter/parse.ts";
import { matchingPins } from "../../../worker/core/rules/matching-rules.ts";
import { changedRule, newRule, type SearchRule } from "../../../worker/core/rules/rule.ts";
import { parseRule } from "../../../worker/core/rules/parse-rule.ts";

const SETTINGS = {
  stopWords: ["the"],
  separatorTokens: [],
  nonSeparatorTokens: [],
  dictionary: [],
};
const NOON = Date.parse("2026-11-26T12:00:00Z");
const PIN = { selector: { indexUid: "m", id: "4" }, action: { type: "pin", position: 0 } };

function ruleOf(body: object, number = 0): SearchRule {
  const patch = parseRule(JSON.stringify({ actions: [PIN], ...body }));
  return changedRule(newRule(`r${number}`, number), patch, "2026-11-26T00:00:00Z");
}

function pinned(rules: readonly SearchRule[], q: string | null, filter: string | null = null) {
  return matchingPins(rules, {
    indexUid: "m",
    q,
    filter: parseFilter(filter),
    settings: SETTINGS,
    at: NOON,
  });
}

/** As one Meilisearch 1.50 was seen to answer. */
test.for([
  [{ query: { words: "red" } }, "red", true],
  [{ query: { words: "Red" } }, "RED shoe", true],
  [{ query: { words: "red" } }, "reds", false],
  [{ query: { words: "red" } }, '"red"', true],
  [{ query: { words: "red" } }, "-red", false],
  [{ query: { words: "red red" } }, "red red", false],
  [{ query: { words: "Red, hat" } }, "hat a red", true],
  [{ query: { words: "Red, hat" } }, '"red hat"', false],
  [{ query: { words: "the hat" } }, "the hat a", false],
  [{ query: { words: "" } }, null, true],
  [{ query: { isEmpty: true } }, "red", false],
  [{ query: { isEmpty: true } }, " ", true],
  [{ query: { isEmpty: true } }, "-red", true],
  [{ query: { isEmpty: true } }, "!", true],
  [{ query: { isEmpty: false } }, "", false],
  [{ query: { isEmpty: false, words: "hat" } }, "red", false],
  [{ time: { start: "2026-11-26T01:00:00Z" } }, null, false],
  [{ time: { start: "2026-11-25T23:00:00Z" } }, null, true],
  [{ time: { end: "2026-11-26T01:00:00Z" } }, null, true],
  [{ time: { end: "2026-11-25T23:00:00Z" } }, null, false],
] as const)("%j with the query %j: %j", ([conditions, q, expected]) => {
  expect(pinned([ruleOf({ conditions })], q).length > 0).toBe(expected);
});

/** As one Meilisearch 1.50 was seen to answer, but for the last three. */
test.for([
  [{ c: "B" }, null, false],
  [{ c: "B" }, "c = b", true],
  [{ c: "B" }, "c != b", false],
  [{ c: "B" }, "c IN [a, b]", true],
  [{ c: "B" }, "c != a", true],
  [{ c: "B" }, "NOT c = a", true],
  [{ c: "B" }, "c = b AND p > 1", true],
  [{ c: "B" }, "c EXISTS", true],
  [{ c: ["b", "a"] }, "c = b", false],
  [{ c: ["b", "a"] }, "c = b AND c != a", false],
  [{ p: 4 }, "p > 3", true],
  [{ p: 4 }, 'p = "4"', true],
  [{ p: 4 }, "p 3 TO 9", true],
  [{ p: 4, c: "b" }, "p > 3", false],
  [{ p: 4, c: "b" }, "p = 4 AND c = b", true],
  [{ p: 4, c: "b" }, "p = 4 OR c = b", false],
  [{ p: 4, c: "b" }, "p = 4 AND (c = b OR c = a)", true],
  [{ p: null }, "p > 3", true],
  [{ p: true }, "p > 3", true],
  [{ p: true }, "p = true OR p = 4", true],
  [{ a: { b: 1 } }, "a.b = 1", true],
  [{ c: "b" }, "other = 1", false],
  [{ c: "b" }, "c IS NULL", false],
] as const)("values %j with the filter %j: %j", ([values, filter, expected]) => {
  expect(pinned([ruleOf({ conditions: { filter: { values } } })], null, filter).length > 0).toBe(
    expected,
  );
});

test("precedence orders the pins, then the age of rules; rules without come last", () => {
  const at = (id: string) => ({ selector: { id }, action: { type: "pin", position: 3 } });
  const rules = [
    ruleOf({ actions: [at("none")] }, 0),
    ruleOf({ precedence: 2, actions: [at("late"), PIN] }, 1),
    ruleOf({ precedence: 1, actions: [at("second")] }, 3),
    ruleOf({ precedence: 1, actions: [at("first")] }, 2),
    ruleOf({ active: false, actions: [at("off")] }, 4),
  ];
  expect(pinned(rules, null).map(({ id }) => id)).toEqual(["first", "second", "late", "4", "none"]);
});
