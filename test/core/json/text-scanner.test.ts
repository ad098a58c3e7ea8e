import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  elements,
  keepMembers,
  memberOf,
  members,
  skipValue,
  valueText,
} from "../../../worker/core/json/text-scanner.ts";

const json = fc.jsonValue({ maxDepth: 4 });
const indents = fc.constantFrom(undefined, 1, "\t");

describe("text scanner", () => {
  test("a value ends where JSON says it ends", () => {
    fc.assert(
      fc.property(json, indents, fc.constantFrom("", " ", "\r\n\t"), (value, indent, space) => {
        const text = JSON.stringify(value, null, indent);
        expect(skipValue(`${space}${text}, true]`, 0)).toBe(space.length + text.length);
      }),
    );
  });

  test("members are those of the object, in its order", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "binary" }), json), indents, (object, indent) => {
        const text = JSON.stringify(object, null, indent);
        const found = members(text).map((member) => [
          member.key,
          JSON.parse(valueText(text, member)) as unknown,
        ]);
        expect(found).toEqual(Object.entries(JSON.parse(text) as object));
      }),
    );
  });

  test("elements are those of the array", () => {
    fc.assert(
      fc.property(fc.array(json), indents, (array, indent) => {
        const text = JSON.stringify(array, null, indent);
        const found = elements(text).map(
          ([from, to]) => JSON.parse(text.slice(from, to)) as unknown,
        );
        expect(found).toEqual(JSON.parse(text));
      }),
    );
  });

  test.for([
    ["digits beyond 2^53", '{"n":9007199254740993}', "n", "9007199254740993"],
    ["a whole float", '{"n":1.0}', "n", "1.0"],
    ["an exponent", '{ "n" : -1.5E+300 }', "n", "-1.5E+300"],
    ["escaped quotes", String.raw`{"s":"a\"b\\","t":1}`, "s", String.raw`"a\"b\\"`],
    [
      "an escape at the end of a short string",
      String.raw`{"s":"${"x".repeat(31)}\"","t":1}`,
      "t",
      "1",
    ],
    ["a long string of escapes", String.raw`{"s":"${"\\".repeat(200)}","t":1}`, "t", "1"],
    ["braces within strings", '{"s":"}]{[","t":[{"u":"]"}]}', "t", '[{"u":"]"}]'],
    ["an escaped key", String.raw`{"\u0061":1}`, "a", "1"],
    ["the last of a repeated key", '{"a":1,"a":2}', "a", "2"],
    ["integer-like keys", '{"10":"x","2":"y"}', "10", '"x"'],
  ])("keeps %s", ([, text, key, expected]) => {
    const member = memberOf(text as string, 0, key as string);
    expect(member && valueText(text as string, member)).toBe(expected);
  });

  test.for([
    "",
    "{",
    '{"a"',
    '{"a":',
    '{"a":1',
    '{"a" 1}',
    "[1",
    '["a',
    "{]",
    "[1 2]",
    '{"a":}',
    "[,]",
  ])("refuses %j", (text) => {
    expect(() => (text.startsWith("[") ? elements(text) : members(text))).toThrow(SyntaxError);
  });

  test("keepMembers takes out whole members and leaves the text of the others", () => {
    const text = '{"_m":1,"a": 1.0 ,"b":{"_m":2}, "_m":"x"}';
    expect(keepMembers(text, 0, text.length, (key) => key !== "_m")).toBe(
      '{"a": 1.0,"b":{"_m":2}}',
    );
    expect(keepMembers(text, 0, text.length, () => true)).toBe(text);
  });
});
