import { expect, test } from "vitest";

import { checkEdit, parseEdit } from "../../../worker/core/query/parse-edit.ts";

const parseText = (body: string) => checkEdit(parseEdit(body), "movies", {});
const parse = (body: object) => parseText(JSON.stringify(body));

test("the parts of an edit travel as the client's JSON text", () => {
  const body = '{"function":"doc.a = 1","filter":["a = 1"],"context":{"n":9007199254740993}}';
  expect(parseText(body)).toEqual({
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
    { function: "x", filter: [], context: 3 },
    "invalid_document_filter",
    "Sending an empty filter is forbidden.",
  ],
  [
    { function: "x", nope: 3 },
    "bad_request",
    "Unknown field `nope`: expected one of `filter`, `context`, `function`",
  ],
] as const)("%j is %s", ([body, code, message]) => {
  expect(() => parse(body)).toThrow(expect.objectContaining({ code, message }));
});
