import { describe, expect, test } from "vitest";

import {
  cleanDocument,
  documentList,
  documentsBody,
  readDocumentsAnswer,
} from "../../../worker/core/merge/documents.ts";
import { mergeRanked } from "../../../worker/core/merge/merge-hits.ts";

function answer(...documents: readonly [document: string, ...values: string[]][]): string {
  const results = documents.map(
    ([document, ...values]) =>
      `${document.slice(0, -1)}${document === "{}" ? "" : ","}"_federation":{"weightedScoreValues":[${values.join(",")}]}}`,
  );
  return `{"results":[${results.join(",")}],"offset":0,"limit":20,"total":${documents.length}}`;
}

const sort = (value: string, asc = true): string => `{"sort":{"asc":${asc},"value":${value}}}`;

function mergedBy(criteria: readonly string[], ...texts: readonly string[]): string[] {
  const lists = texts.map((text, list) => documentList(readDocumentsAnswer(text), list, criteria));
  return [...mergeRanked(lists)].map(({ text, start, end }) => cleanDocument(text, start, end));
}

/** As many criteria as the answers have values; their names do not matter. */
function merged(...texts: readonly string[]): string[] {
  const count = texts[0]?.match(/"(?:sort|geoSort)"/g)?.length ?? 0;
  const results = readDocumentsAnswer(texts[0] ?? "").results.length;
  return mergedBy(
    Array.from({ length: count / results }, () => "rank:asc"),
    ...texts,
  );
}

describe("merging documents", () => {
  test("numbers come before strings and nulls last, in either direction", () => {
    for (const asc of [true, false]) {
      const numbers = asc ? ["1", "2"] : ["2", "1"];
      const one = answer(['{"id":1}', sort(numbers[0] ?? "", asc)], ['{"id":3}', sort('"b"', asc)]);
      const other = answer(
        ['{"id":2}', sort(numbers[1] ?? "", asc)],
        ['{"id":4}', sort("null", asc)],
      );
      expect(merged(one, other)).toEqual(['{"id":1}', '{"id":2}', '{"id":3}', '{"id":4}']);
    }
  });

  test("the nearer comes first when ascending, and last without a place", () => {
    const geo = (distance: string, asc: boolean): string =>
      `{"geoSort":{"asc":${asc},"distance":${distance}}}`;
    const near = answer(['{"id":1}', geo("10.5", true)], ['{"id":3}', geo("null", true)]);
    const far = answer(['{"id":2}', geo("99.0", true)]);
    expect(merged(far, near)).toEqual(['{"id":1}', '{"id":2}', '{"id":3}']);
    const nearLast = answer(['{"id":1}', geo("10.5", false)]);
    const farFirst = answer(['{"id":2}', geo("99.0", false)]);
    expect(merged(nearLast, farFirst)).toEqual(['{"id":2}', '{"id":1}']);
  });

  test("later criteria decide between equals", () => {
    const a = answer(['{"id":"b"}', sort("1"), sort('"b"')]);
    const b = answer(['{"id":"a"}', sort("1.0"), sort('"a"')]);
    expect(merged(a, b)).toEqual(['{"id":"a"}', '{"id":"b"}']);
  });

  test("a node without places left out their criterion: its documents come last", () => {
    const near = answer(['{"id":9}', '{"geoSort":{"asc":true,"distance":1.5}}', sort("9")]);
    const placeless = answer(['{"id":1}', sort("1")]);
    const criteria = ["_geoPoint(1,2):asc", "id:asc"];
    expect(mergedBy(criteria, placeless, near)).toEqual(['{"id":9}', '{"id":1}']);
  });

  test("documents keep every character but what Miroir added", () => {
    const text = '{"id":9007199254740993,"f":1.0,"2":"\\u00e9","1":[{"_miroir_shard":1}]}';
    const marked = `{"_miroir_shard":"«»",${text.slice(1)}`;
    expect(merged(answer([marked, sort("1")]))).toEqual([text]);
    expect(merged(answer(['{"_miroir_shard":"«»"}', sort("1")]))).toEqual(["{}"]);
  });

  test("what is not an answer is refused", () => {
    expect(() => readDocumentsAnswer('{"results":[]}')).toThrow(SyntaxError);
    expect(() => merged('{"results":[{"id":1}],"total":1}')).toThrow(SyntaxError);
  });
});

test("the response has its members in Meilisearch's order", () => {
  expect(documentsBody(['{"id":1}', '{"id":2}'], { offset: 3, limit: 2 }, 9)).toBe(
    '{"results":[{"id":1},{"id":2}],"offset":3,"limit":2,"total":9}',
  );
});
