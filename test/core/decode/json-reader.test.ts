import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { jsonText, plainValue } from "../../../worker/core/decode/json.ts";
import { JsonSyntaxError, readJson } from "../../../worker/core/decode/json-reader.ts";

describe("a JSON body with a mistake", () => {
  it.each([
    [" ", "EOF while parsing a value at line 1 column 1"],
    ["{", "EOF while parsing an object at line 1 column 1"],
    ['{"q":', "EOF while parsing a value at line 1 column 5"],
    ['{"q" 1}', "expected `:` at line 1 column 6"],
    ["[1", "EOF while parsing a list at line 1 column 2"],
    ["[1 2]", "expected `,` or `]` at line 1 column 4"],
    ["[1,]", "trailing comma at line 1 column 4"],
    ["{a", "key must be a string at line 1 column 2"],
    ['{"q":"\\x"}', "invalid escape at line 1 column 8"],
    ['{"q":"\\ud800x"}', "unexpected end of hex escape at line 1 column 13"],
    ['{"q":"\\udc00"}', "lone leading surrogate in hex escape at line 1 column 12"],
    [
      '{"q":"a\nb"}',
      "control character (\\u0000-\\u001F) found while parsing a string at line 2 column 0",
    ],
    ['{"limit":1e999}', "number out of range at line 1 column 14"],
    ['{"limit":01}', "invalid number at line 1 column 11"],
    ["nul", "EOF while parsing a value at line 1 column 3"],
    ["nulx", "expected ident at line 1 column 4"],
    ['{"q":"é",}', "trailing comma at line 1 column 11"],
    ["[1] x", "trailing characters at line 1 column 5"],
    ["[".repeat(128) + "]".repeat(128), "recursion limit exceeded at line 1 column 128"],
    ['{\n  "q": 1,\n  "limit": }', "expected value at line 3 column 12"],
  ])("%j: %s", (text, message) => {
    expect(() => readJson(text)).toThrow(new JsonSyntaxError(message));
  });
});

describe("a JSON body", () => {
  it("means what JSON.parse makes of it", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        expect(plainValue(readJson(JSON.stringify(value)))).toEqual(
          JSON.parse(JSON.stringify(value)),
        );
      }),
    );
  });

  it("is accepted exactly when JSON.parse accepts it", () => {
    const fragment = fc.constantFrom(
      ...Array.from('{}[]:,"\\/ \n0123.eE+-utfn'),
      "true",
      "null",
      '"a"',
      "1",
    );
    fc.assert(
      fc.property(
        fc.array(fragment, { maxLength: 12 }).map((all) => all.join("")),
        (text) => {
          expect(accepts(readJson, text)).toBe(accepts(JSON.parse, text));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it("is quoted back with its member order and its kinds of numbers", () => {
    const text = '{"10":1,"2":1.0,"a":[-1,1e-7,18446744073709551615,18446744073709551616,-0]}';
    expect(jsonText(readJson(text))).toBe(
      '{"10":1,"2":1.0,"a":[-1,1e-7,18446744073709551615,1.8446744073709552e+19,-0.0]}',
    );
  });
});

function accepts(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}
