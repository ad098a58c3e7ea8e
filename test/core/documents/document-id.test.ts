import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { findDocumentId } from "../../../worker/core/documents/document-id.ts";
import { inferPrimaryKey, primaryKey } from "../../../worker/core/documents/primary-key.ts";
import { withoutShadowed } from "../../../worker/core/documents/shadowed-members.ts";
import { documentBytes } from "../../../worker/core/documents/raw-document.ts";
import { only, text } from "./payloads.ts";

/** The id's text, or the message of the error. */
function idOf(document: string, key = "id"): string {
  const id = findDocumentId(only(document, "ndjson"), primaryKey(key));
  return id instanceof Uint8Array ? text(id) : `${id.code}: ${id.message}`;
}

const invalid = (shown: string): string =>
  `invalid_document_id: Document identifier \`${shown}\` is invalid. A document identifier can be of type integer or string, only composed of alphanumeric characters (a-z A-Z 0-9), hyphens (-) and underscores (_), and can not be more than 511 bytes.`;

describe("a document's id", () => {
  test.for([
    ['{"id":1}', "1"],
    ['{"id":"1"}', "1"],
    ['{"x":{"id":9},"id":-5}', "-5"],
    ['{"id":9007199254740993}', "9007199254740993"],
    ['{"id":18446744073709551615}', "18446744073709551615"],
    ['{"id":-9223372036854775808}', "-9223372036854775808"],
    ['{"id":"\\u0061b"}', "ab"],
    ['{"\\u0069d":"a_B-9"}', "a_B-9"],
    [`{"id":"${"a".repeat(511)}"}`, "a".repeat(511)],
  ])("of %s is %s", ([document = "", id = ""]) => {
    expect(idOf(document)).toBe(id);
  });

  test.for([
    ["1.0", "1.0"],
    ["1e21", "1e+21"],
    ["-0", "-0.0"],
    ["18446744073709551616", "1.8446744073709552e+19"],
    ["-9223372036854775809", "-9.223372036854776e+18"],
    ["null", "null"],
    ["true", "true"],
    ['{"a": [1, 2.50]}', '{"a":[1,2.5]}'],
    ['"a b"', '"a b"'],
    ['""', '""'],
    ['" 5 "', '" 5 "'],
    ['"é"', '"é"'],
    [`"${"a".repeat(512)}"`, `"${"a".repeat(512)}"`],
  ])("%s is invalid", ([value = "", shown = ""]) => {
    expect(idOf(`{"id":${value}}`)).toBe(invalid(shown));
  });

  test("a document without one is shown as serde_json prints it", () => {
    expect(
      idOf(
        '{"x":1.50, "y": "\\u00e9\\n", "u":-0,"t":0.1e5, "b":{"2":1,"1":2,"2":3} ,"l":12345678901234567.0}',
      ),
    ).toBe(
      "missing_document_id: Document doesn't have a `id` attribute: `" +
        '{"x":1.5,"y":"é\\n","u":-0.0,"t":10000.0,"b":{"2":3,"1":2},"l":1.2345678901234566e+16}`.',
    );
  });

  test.for([
    ["a.id", '{"a":{"id":7}}', "7"],
    ["a.id", '{"a.id":7}', "7"],
    ["a.b.c", '{"a":{"b.c":7}}', "7"],
    ["a.b.c", '{"a.b":{"c":7}}', "7"],
    ["a..b", '{"a":{".b":1}}', "1"],
    [".id", '{".id":1}', "1"],
    ["é", '{"\\u00e9":5}', "5"],
  ])("is found at %s of %s", ([key = "", document = "", id = ""]) => {
    expect(idOf(document, key)).toBe(id);
  });

  test.for([
    ["a.id", '{"a":[{"id":1}]}'],
    ["a.id", '{"a":{}}'],
    ["a..b", '{"a":{"":{"b":1}}}'],
    [".id", '{"":{"id":1}}'],
    ["", '{"":5}'],
  ])("is missing at %s of %s", ([key = "", document = ""]) => {
    expect(idOf(document, key)).toBe(
      `missing_document_id: Document doesn't have a \`${key}\` attribute: \`${document}\`.`,
    );
  });

  test("is refused when two fields match", () => {
    expect(idOf('{"a":{"id":1},"a.id":2}', "a.id")).toBe(
      'invalid_document_id: Document have too many matching `a.id` attribute: `{"a":{"id":1},"a.id":2}`.',
    );
  });

  test("any 64-bit integer keeps its digits", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), (id) => {
        expect(idOf(`{"id":${id}}`)).toBe(id.toString());
      }),
    );
  });
});

test("of equal keys in JSON the last one stays, and nothing else changes", () => {
  const document = only('{"id":1, "x" : 1.0,"\\u0069d":"b"}');
  expect(text(documentBytes(withoutShadowed(document)))).toBe('{"\\u0069d":"b","x":1.0}');
  const plain = only('{"id":1}');
  expect(withoutShadowed(plain)).toBe(plain);
});

describe("the inferred primary key", () => {
  test.for([
    ['{"x":1,"movieId":2}', "movieId"],
    ['{"\\u0069d":1}', "id"],
    ['{"id":1,"id":2}', "id"],
    ['{"a.ID":1}', "a.ID"],
  ])("of %s is %s", ([document = "", name = ""]) => {
    expect(inferPrimaryKey(only(document))).toEqual({ kind: "inferred", name });
  });

  test.for([
    ['{"x":1}', "did not find any field ending with `id` in its name."],
    [
      '{"x_id":1,"yId":2,"aid":3}',
      "found 3 fields ending with `id` in their names: 'aid' and 'x_id'.",
    ],
    [
      '{"\u{1f600}id":1,"\ue000id":2}',
      "found 2 fields ending with `id` in their names: '\ue000id' and '\u{1f600}id'.",
    ],
  ])("of %s is refused", ([document = "", reason = ""]) => {
    const inference = inferPrimaryKey(only(document));
    expect(inference.kind === "refused" && inference.error.message).toBe(
      `The primary key inference failed as the engine ${reason} Please specify the primary key manually using the \`primaryKey\` query parameter.`,
    );
  });
});
