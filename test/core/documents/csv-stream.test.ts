import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytes, outcome, readAll, text } from "./payloads.ts";
import { documentBytes, memberKey, rawValue } from "../../../worker/core/documents/raw-document.ts";

const malformed = (reason: string): string =>
  `malformed_payload: The \`csv\` payload provided is malformed: \`${reason}\`.`;

describe("a CSV payload", () => {
  test.for([
    [
      "id:number,name,b:boolean\n1,a,true\n2,,\n",
      ['{"id":1,"name":"a","b":true}', '{"id":2,"name":null,"b":null}'],
    ],
    ['id,name\n"1","a""b"\n2,"x\ny"\n', ['{"id":"1","name":"a\\"b"}', '{"id":"2","name":"x\\ny"}']],
    ["id,name\r\n1,a\r\n\r\n\n2,b", ['{"id":"1","name":"a"}', '{"id":"2","name":"b"}']],
    ['id,name\n1,"abc', ['{"id":"1","name":"abc"}']],
    ['id,name\n1,a"b"c\n2,"a"bc\n', ['{"id":"1","name":"a\\"b\\"c"}', '{"id":"2","name":"abc"}']],
    ["\ufeffid,name\n1,a", ['{"id":"1","name":"a"}']],
    ["id,id\n1,2\n", ['{"id":"2"}']],
    ["id,a:foo,b:c:string\n1,x,y\n", ['{"id":"1","a:foo":"x","b:c":"y"}']],
    ["id,\n1,\n", ['{"id":"1","":null}']],
    ["id,x\n1,\u0001\\é\n", ['{"id":"1","x":"\\u0001\\\\é"}']],
    ["\n", []],
    ["id\n", []],
  ] as const)("%s becomes JSON", ([payload, documents]) => {
    for (const size of [1, 2, 1000])
      expect(outcome(bytes(payload), "csv", [size])).toEqual(documents);
  });

  test.for([
    ["+5", "5"],
    ["007", "7"],
    ["-0", "0"],
    ["-0.0", "-0.0"],
    ["1e3", "1000.0"],
    [".5", "0.5"],
    ["5.", "5.0"],
    ["inf", "null"],
    ["NaN", "null"],
    ["1e400", "null"],
    ["9223372036854775807", "9223372036854775807"],
    ["9223372036854775808", "9.223372036854776e+18"],
    ["1e16", "1e+16"],
    ["\u00a03\u3000", "3"],
  ])("the number cell %s is %s", ([cell = "", json = ""]) => {
    expect(outcome(bytes(`n:number\n${cell}`), "csv")).toEqual([`{"n":${json}}`]);
  });

  test.for([
    ["id:number\nx\n", 'Error parsing number "x" at line 1: invalid float literal'],
    ['n:number\n1\n"x\n"', 'Error parsing number "x\\n" at line 2: invalid float literal'],
    [
      "id,b:boolean\n1,yes\n",
      'Error parsing boolean "yes" at line 1: provided string was not `true` or `false`',
    ],
    [
      "id,name\n1\n",
      "CSV error: record 1 (line: 2, byte: 8): found record with 1 fields, but the previous record has 2 fields",
    ],
    [
      "id,name\r\n1,a\r\n2\r\n",
      "CSV error: record 2 (line: 2, byte: 13): found record with 1 fields, but the previous record has 2 fields",
    ],
    [
      "\n\nid,name\n1\n",
      "CSV error: record 1 (line: 4, byte: 10): found record with 1 fields, but the previous record has 2 fields",
    ],
    [
      'id,name\n1,"a\nb"\n2\n',
      "CSV error: record 2 (line: 4, byte: 16): found record with 1 fields, but the previous record has 2 fields",
    ],
  ])("%s is malformed", ([payload = "", reason = ""]) => {
    for (const size of [1, 5, 1000])
      expect(outcome(bytes(payload), "csv", [size])).toBe(malformed(reason));
  });

  test("a field that is not UTF-8 is named with its place", () => {
    const raw = Uint8Array.from("id,a\n1,ab\xc3\n", (character) => character.charCodeAt(0));
    expect(outcome(raw, "csv")).toBe(
      malformed(
        "CSV parse error: record 1 (line 2, field: 1, byte: 5): invalid utf-8: invalid UTF-8 in field 1 near byte index 2",
      ),
    );
  });

  test("a quote that is never closed does not gather the whole payload", () => {
    const payload = bytes(`id,a\n1,"${"x".repeat(20_000_000)}`);
    expect(outcome(payload, "csv", [65_536])).toMatch(/^payload_too_large: /);
  });

  test("any cells come back from the JSON, with any delimiter and any cut", () => {
    const cell = fc.string({ unit: "binary", minLength: 1 });
    const table = fc
      .integer({ min: 1, max: 4 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1 }),
      );
    const quoted = (value: string): string => `"${value.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(
        table,
        fc.constantFrom(",", ";", "\t"),
        fc.constantFrom("\n", "\r\n"),
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }),
        (rows, delimiter, newline, sizes) => {
          const header = (rows[0] ?? []).map((_, column) => `c${column}`);
          const csv = [header, ...rows.map((row) => row.map(quoted))]
            .map((row) => row.join(delimiter))
            .join(newline);
          const found = readAll(bytes(csv), "csv", sizes, delimiter);
          expect(
            found.map((document) => Object.values(JSON.parse(text(documentBytes(document))))),
          ).toEqual(rows);
          for (const document of found) {
            expect(memberKey(document, 0)).toBe("c0");
            expect(text(rawValue(document, 0))).toBe(
              JSON.stringify(JSON.parse(text(documentBytes(document))).c0),
            );
          }
        },
      ),
    );
  });
});
