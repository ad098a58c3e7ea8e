import { describe, expect, test } from "vitest";
import { neededHits, pageOf, windowMembers } from "../../../worker/core/merge/page-window.ts";
import type { Window } from "../../../worker/core/query/search-query.ts";

const slice = (offset: number, limit: number): Window => ({ kind: "slice", offset, limit });
const page = (number: number, hitsPerPage: number): Window => ({
  kind: "page",
  page: number,
  hitsPerPage,
});
const hits = Array.from({ length: 12 }, (_, at) => at);

describe("page window", () => {
  test.for<[Window, number, number[]]>([
    [slice(0, 3), 3, [0, 1, 2]],
    [slice(2, 3), 5, [2, 3, 4]],
    [slice(9, 30), 12, [9, 10, 11]],
    [slice(40, 3), 12, []],
    [slice(0, 0), 0, []],
    [page(1, 5), 5, [0, 1, 2, 3, 4]],
    [page(3, 5), 12, [10, 11]],
    [page(0, 5), 0, []],
    [page(2, 0), 0, []],
  ])("%j needs %i hits", ([window, needed, expected]) => {
    expect(neededHits(window, 12)).toBe(needed);
    expect(pageOf(hits.slice(0, needed), window)).toEqual(expected);
  });

  test.for<[Window, number, string]>([
    [slice(2, 3), 7, '"limit":3,"offset":2,"estimatedTotalHits":7'],
    [page(2, 3), 7, '"hitsPerPage":3,"page":2,"totalPages":3,"totalHits":7'],
    [page(0, 3), 6, '"hitsPerPage":3,"page":0,"totalPages":2,"totalHits":6'],
    [
      slice(2 ** 64, 2 ** 64),
      7,
      `"limit":${2n ** 64n - 1n},"offset":${2n ** 64n - 1n},"estimatedTotalHits":7`,
    ],
    [slice(0, 2 ** 60), 7, `"limit":${2n ** 60n},"offset":0,"estimatedTotalHits":7`],
    [page(1, 0), 7, '"hitsPerPage":0,"page":1,"totalPages":0,"totalHits":7'],
  ])("%j of %i is told as Meilisearch does", ([window, total, expected]) => {
    expect(windowMembers(window, total)).toBe(expected);
  });
});
