import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytes, outcome } from "./payloads.ts";

const malformed = (format: string, reason: string): string =>
  `malformed_payload: The \`${format}\` payload provided is malformed. \`Couldn't serialize document value: ${reason}\`.`;
const notDocuments = malformed("json", "data are neither an object nor a list of objects");

/** Answers of Meilisearch 1.50 to these payloads. */
const lists: readonly [payload: string, reason: string][] = [
  ["  ", "EOF while parsing a value at line 1 column 2"],
  ["[1,2]", "trailing characters at line 1 column 4"],
  ["[1,]", "trailing comma at line 1 column 4"],
  ["[1e400]", "number out of range at line 1 column 5"],
  ['[{"id":1}', "EOF while parsing a list at line 1 column 9"],
  ['[{"id":1},', "EOF while parsing a value at line 1 column 10"],
  ['[{"id":1},]', "trailing comma at line 1 column 11"],
  ['[{"id":1,}]', "key must be a string at line 1 column 10"],
  ['[{"\\ud800":1}]', "unexpected end of hex escape at line 1 column 9"],
  ['\ufeff[{"id":1}]', "expected value at line 1 column 1"],
  ['[{"id":1}{"id":2}]', "expected `,` or `]` at line 1 column 10"],
  ['[{"id":1 "a":2}]', "expected `,` or `}` at line 1 column 10"],
  ['[{"id" 1}]', "expected `:` at line 1 column 8"],
  ["['a']", "expected value at line 1 column 2"],
  [
    '[{"id":1,"a":"x\ny"}]',
    "control character (\\u0000-\\u001F) found while parsing a string at line 1 column 15",
  ],
  ['[{"id":1,\n"a":"\\x"}]', "invalid escape at line 2 column 7"],
  ['[{"id":1,"a":"\\u12"}]', "invalid escape at line 1 column 20"],
  ['[{"id":1,"a":01}]', "invalid number at line 1 column 15"],
  ['[{"id":1,"a":1.}]', "invalid number at line 1 column 16"],
  ['[{"id":1,"a":nul}]', "expected ident at line 1 column 17"],
];

/** A single object is read more strictly, and its errors have other words. */
const singles: readonly [payload: string, reason: string][] = [
  ["tru", "EOF while parsing a value at line 1 column 3"],
  ['{"id":1} x', "trailing characters at line 1 column 10"],
  ['{"id":1,}', "trailing comma at line 1 column 9"],
  ['{"id":1,"n":1e999}', "number out of range at line 1 column 17"],
  ['{"id":1,"a":"\\ud800"}', "unexpected end of hex escape at line 1 column 20"],
  ['\n{"a":[1,', "EOF while parsing a value at line 2 column 8"],
  [`{"a":${"[".repeat(127)}`, "recursion limit exceeded at line 1 column 132"],
];

describe("a JSON payload", () => {
  test.for([...lists, ...singles])("%s is malformed", ([payload, reason]) => {
    for (const size of [1, 3, 1000]) {
      expect(outcome(bytes(payload), "json", [size])).toBe(malformed("json", reason));
    }
  });

  test.for(["5", "null", '"x" y', "5x", "true"])("%s is no list of documents", (payload) => {
    expect(outcome(bytes(payload))).toBe(notDocuments);
  });

  test.for([
    ["[1]", "integer `1`, expected a map at line 1 column 1"],
    ["[null]", "null, expected a map at line 1 column 4"],
    ['["a\\nb"]', 'string "a\\nb", expected a map at line 1 column 6'],
    ["[true]", "boolean `true`, expected a map at line 1 column 4"],
    ["[[1]]", "sequence, expected a map at line 1 column 0"],
    ["[-0]", "floating point `-0.0`, expected a map at line 1 column 2"],
  ])("%s is an internal error, as Meilisearch has it", ([payload = "", message = ""]) => {
    expect(outcome(bytes(payload), "json", [1])).toBe(`internal: invalid type: ${message}`);
  });

  test.for([
    ["[]", []],
    ['[{"id":1}] x', ['{"id":1}']],
    ['[{"a":"\\ud800"}]', ['{"a":"\\ud800"}']],
    [
      `[{"a":${"[".repeat(300)}${"]".repeat(300)}}]`,
      [`{"a":${"[".repeat(300)}${"]".repeat(300)}}`],
    ],
    ['[{"a":1e999}]', ['{"a":1e999}']],
    [' {"id":1} \n', ['{"id":1}']],
  ] as const)("%s is taken", ([payload, documents]) => {
    expect(outcome(bytes(payload))).toEqual(documents);
  });

  test("text that is not UTF-8 is malformed, at the end of its document or string", () => {
    const raw = (payload: string): Uint8Array =>
      Uint8Array.from(payload, (character) => character.charCodeAt(0));
    const reason = (column: number): string =>
      malformed("json", `invalid unicode code point at line 1 column ${column}`);
    expect(outcome(raw('[{"id":1,"a":"\xff"}]'))).toBe(reason(17));
    expect(outcome(raw('{"id":1,"a":"\xff"}'), "json", [2])).toBe(reason(15));
  });

  test("any documents come out byte by byte as they went in, however they are cut", () => {
    const document = fc
      .dictionary(fc.string({ unit: "binary" }), fc.jsonValue())
      .map((value) => JSON.stringify(value));
    fc.assert(
      fc.property(
        fc.array(document),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }),
        fc.constantFrom("", " ", "\n\t"),
        (documents, sizes, space) => {
          const payload = `${space}[${documents.join(`${space},${space}`)}${space}]`;
          expect(outcome(bytes(payload), "json", sizes)).toEqual(documents);
          expect(outcome(bytes(documents.join(space)), "ndjson", sizes)).toEqual(documents);
        },
      ),
    );
  });

  test("what cannot be parsed is never taken, and how it is cut changes nothing", () => {
    const edit = fc.tuple(fc.nat(200), fc.constantFrom(...Array.from('{}[]",:\\u0eE+-.tfn \n')));
    const base =
      '[{"id":1,"a":"b\\u00e9\\n","n":-1.5e+3,"l":[1,[],{"x":null}]},\n{"id":"2","t":true}]';
    fc.assert(
      fc.property(
        fc.array(edit, { maxLength: 3 }),
        fc.integer({ min: 1, max: 9 }),
        (edits, size) => {
          const broken = edits.reduce(
            (payload, [at, character]) => payload.slice(0, at) + character + payload.slice(at + 1),
            base,
          );
          const whole = outcome(bytes(broken));
          expect(outcome(bytes(broken), "json", [size])).toEqual(whole);
          if (!Array.isArray(whole)) return;
          for (const document of whole) expect(() => JSON.parse(document)).not.toThrow();
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("an NDJSON payload", () => {
  test.for([
    ['{"id":1}{"id":2}', ['{"id":1}', '{"id":2}']],
    ['{"id":1}\r\n\n{"id":\n2}\n', ['{"id":1}', '{"id":\n2}']],
    ["   ", []],
  ] as const)("%s is taken", ([payload, documents]) => {
    expect(outcome(bytes(payload), "ndjson", [1])).toEqual(documents);
  });

  test.for([
    ["nul", "EOF while parsing a value at line 1 column 3"],
    ['{"id":1}5x', "trailing characters at line 1 column 10"],
    ['{"id":1}]', "expected value at line 1 column 9"],
    ['{"id":1}\n{"id":2', "EOF while parsing an object at line 2 column 7"],
    ['{"id":1} , {"id":2}', "expected value at line 1 column 10"],
  ])("%s is malformed", ([payload = "", reason = ""]) => {
    expect(outcome(bytes(payload), "ndjson", [1])).toBe(malformed("ndjson", reason));
  });

  test.for([
    ["1 2", "integer `1`, expected a map at line 1 column 1"],
    ["true", "boolean `true`, expected a map at line 1 column 4"],
    ['[{"id":1}]', "sequence, expected a map at line 1 column 0"],
  ])("%s is an internal error", ([payload = "", message = ""]) => {
    expect(outcome(bytes(payload), "ndjson", [1])).toBe(`internal: invalid type: ${message}`);
  });
});
