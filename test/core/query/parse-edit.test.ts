import { expect, test } from "vitest";

import { parseEdit } from "../../../worker/core/query/parse-edit.ts";

const parse = (body: object) => parseEdit(JSON.stringify(body), "movies", {});

test("the parts of an edit travel as the client's JSON text", () => {
  const body = '{"function":"doc.a = 1","filter":["a = 1"],"context":{"n":9007199254740993}}';
  expect(parseEdit(body, "movies", {})).toEqual({
    function: "doc.a = 1",
    filter: '["a = 1"]',
    context: '{"n":9007199254740993}',
  });
  expect(parse({ function: "x" })).toEqual({ function: "x", filter: null, context: null });
});

test.for([
  [{}, "missing_document_edition_function", "Missing field `function`"],
  [
    { function: 1 },
    "invalid_document_edition_function_filter",
    "Invalid value type at `.function`: expected a string, but found a positive integer: `1`",
  ],
  [
    { function: "x", context: 3 },
    "invalid_document_edition_context",
    "The context must be an object",
  ],
  [
    { function: "x", filter: "z = " },
    "invalid_document_filter",
    "Index `movies`: Was expecting a value but instead got nothing.\n5:5 z = ",
  ],
  [
    { function: "x", nope: 3 },
    "bad_request",
    "Unknown field `nope`: expected one of `filter`, `context`, `function`",
  ],
] as const)("%j is %s", ([body, code, message]) => {
  expect(() => parse(body)).toThrow(expect.objectContaining({ code, message }));
});
