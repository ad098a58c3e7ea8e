import { expect, test } from "vitest";

import {
  ALL_OFF,
  FEATURE_FLAGS,
  NODE_FLAGS,
  parseFeatures,
  viewFeatures,
} from "../../../worker/core/features/feature-flags.ts";
import { ApiError } from "../../../worker/core/errors/api-error.ts";

function refusal(body: string): { readonly code: string; readonly message: string } {
  try {
    parseFeatures(body);
  } catch (error) {
    if (error instanceof ApiError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error("nothing was refused");
}

test("a patch holds what was given, and null gives nothing", () => {
  expect(parseFeatures('{"metrics":true,"network":null,"containsFilter":false}')).toEqual({
    metrics: true,
    containsFilter: false,
  });
});

test("an unknown feature is refused with all names in order", () => {
  const { code, message } = refusal('{"containFilter":true}');
  expect(code).toBe("bad_request");
  expect(message).toBe(
    `Unknown field \`containFilter\`: did you mean \`containsFilter\`? expected one of ${FEATURE_FLAGS.map((name) => `\`${name}\``).join(", ")}`,
  );
});

test("a value that is no boolean is refused", () => {
  expect(refusal('{"metrics":1}').message).toBe(
    "Invalid value type at `.metrics`: expected a boolean, but found a positive integer: `1`",
  );
});

test("the search that cannot be merged cannot be switched on, but off", () => {
  expect(refusal('{"legacySearch":true}').code).toBe("miroir_not_supported");
  expect(parseFeatures('{"legacySearch":false}')).toEqual({ legacySearch: false });
});

test("what nodes are forced to does not show", () => {
  expect(NODE_FLAGS.network).toBe(true);
  expect(Object.keys(viewFeatures(ALL_OFF))).toEqual([...FEATURE_FLAGS]);
  expect(Object.values(viewFeatures(ALL_OFF))).not.toContain(true);
});
