import { expect, test } from "vitest";

import { firstDifference, parseExactly } from "../golden/same-answer.ts";

test.for<[want: string, got: string, difference: string | undefined]>([
  ['{"a":1,"b":[2]}', '{"b":[2],"a":1}', undefined],
  ['{"score":0.12345}', '{"score":0.123451}', undefined],
  ['{"score":0.12345}', '{"score":0.12346}', "$.score"],
  ["[1.0]", "[1]", undefined],
  ["[1]", "[2]", "$[0]"],
  ["[1,2]", "[2,1]", "$[0]"],
  ["[1]", "[1,2]", "$.length"],
  ['{"a":1}', '{"a":1,"b":null}', "$.b"],
  ['{"a":1,"b":null}', '{"a":1}', "$.b"],
  ['{"processingTimeMs":1}', '{"processingTimeMs":9}', undefined],
  ['{"hits":[{"metadata":1}]}', '{"hits":[{}]}', undefined],
  ['{"n":9007199254740993}', '{"n":9007199254740993}', undefined],
  ['{"n":9007199254740993}', '{"n":9007199254740992}', "$.n"],
  ['{"n":"1"}', '{"n":1}', "$.n"],
  ["null", "{}", "$"],
])("%s against %s: %s", ([want, got, difference]) => {
  expect(firstDifference(parseExactly(want), parseExactly(got))).toBe(difference);
});
