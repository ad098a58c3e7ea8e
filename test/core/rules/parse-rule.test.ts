import { expect, test } from "vitest";

import { ApiError } from "../../../worker/core/errors/api-error.ts";
import { parseRule } from "../../../worker/core/rules/parse-rule.ts";
import { changedRule, newRule, viewRule } from "../../../worker/core/rules/rule.ts";

function mistake(body: string): string {
  try {
    parseRule(body);
  } catch (error) {
    if (error instanceof ApiError) return `${error.code}: ${error.message}`;
  }
  return "none";
}

/** As one Meilisearch 1.50 was seen to answer. */
test.for([
  ['{"actions":[{}]}', "actions: Missing field `selector` inside `.actions[0]`"],
  [
    '{"actions":[{"selector":{"id":"1"},"action":{}}]}',
    "actions: Missing field `type` inside `.actions[0].action`",
  ],
  [
    '{"actions":[{"selector":{"id":"1"},"action":{"type":"x"}}]}',
    "actions: Invalid value at `.actions[0].action`: Incorrect tag value",
  ],
  [
    '{"actions":[{"selector":{"id":"1"},"action":{"type":"pin","position":4294967296}}]}',
    "actions: Invalid value at `.actions[0].action.position`: value: `4294967296` is too large to be deserialized, maximum value authorized is `4294967295`",
  ],
  [
    '{"actions":[{"selector":{"id":"1"},"action":{"type":"pin","position":1,"z":1}}]}',
    "actions: Unknown field `z` inside `.actions[0].action`: expected one of `position`",
  ],
  [
    '{"conditions":{"time":{"start":"x"}}}',
    "conditions: Invalid value at `.conditions.time.start`: `x` is not a valid date. It should follow the RFC 3339 format to represents a date or datetime in the future or specified as a null value. e.g. 'YYYY-MM-DD' or 'YYYY-MM-DD HH:MM:SS'.\n",
  ],
  [
    '{"precedence":1.5}',
    "priority: Invalid value type at `.precedence`: expected a positive integer, but found a number: `1.5`",
  ],
] as const)("%s", ([body, expected]) => {
  expect(mistake(body)).toBe(`invalid_dynamic_search_rule_${expected}`);
});

test.for([
  [
    '{"conditions":{"time":{"start":"2025-01-02T00:00:00Z","end":"2025-01-01T00:00:00+02:00"}}}',
    "Invalid value at `.conditions.time`: `end` (`2025-01-01 0:00:00.0 +02:00:00`) should be later than `start` (`2025-01-02 0:00:00.0 +00:00:00`)",
  ],
  [
    '{"conditions":{"query":{"isEmpty":true,"words":"a"}}}',
    "Invalid value at `.conditions.query`: either `isEmpty` or `words` can be used, not both at once",
  ],
  [
    '{"priority":1}',
    "Unknown field `priority`: expected one of `description`, `precedence`, `active`, `conditions`, `actions`",
  ],
] as const)("%s is a bad request", ([body, expected]) => {
  expect(mistake(body)).toBe(`bad_request: ${expected}`);
});

test("a change keeps what it does not name, and null takes back what it names", () => {
  const now = "2026-11-26T12:00:00.000Z";
  const made = changedRule(
    newRule("a", 0),
    parseRule(
      '{"description":"d","precedence":3,"active":false,"conditions":{"time":{"start":"2025-01-02T00:00:00.50+02:00","end":null},"query":null}}',
    ),
    now,
  );
  expect(viewRule(made)).toEqual({
    uid: "a",
    description: "d",
    lastUpdatedAt: now,
    precedence: 3,
    active: false,
    conditions: { time: { start: "2025-01-02T00:00:00.5+02:00" } },
    actions: [],
  });
  const changed = changedRule(made, parseRule('{"active":null,"description":null}'), now);
  expect(changed).toEqual({ ...made, description: null, active: true });
});
