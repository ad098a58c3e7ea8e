import { expect, test } from "vitest";

import { members } from "../../../worker/core/json/text-scanner.ts";
import { hitId } from "../../../worker/core/merge/hit-id.ts";

test.for([
  ['{"id":7}', "id", "7"],
  ['{"id":18446744073709551615}', "id", "18446744073709551615"],
  ['{"x":1,"id":"a\\u002db"}', "id", "a-b"],
  ['{"a":{"id":"n"}}', "a.id", "n"],
  ['{"a.id":"n"}', "a.id", "n"],
  ['{"a":{"b":{"c":1}}}', "a.b.c", "1"],
  ['{"a":{"x":1},"a.id":2}', "a.id", "2"],
  ['{"a":[{"id":1}]}', "a.id", undefined],
  ["{}", "id", undefined],
] as const)("%s has by %s the id %s", ([text, primaryKey, id]) => {
  expect(hitId(text, members(text), primaryKey)).toBe(id);
});
