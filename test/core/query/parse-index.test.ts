import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  checkIndexUid,
  pagedList,
  parseCreateIndex,
  parsePaging,
  parseUpdateIndex,
} from "../../../worker/core/query/parse-index.ts";

const wrong = (uid: string) =>
  `\`${uid}\` is not a valid index uid. Index uid can be an integer or a string containing only alphanumeric characters, hyphens (-) and underscores (_), and can not be more than 512 bytes.`;

describe("the uid of an index", () => {
  it.each(["movies", "A-z_9", "-", "0", "x".repeat(400)])("may be %.20s", (uid) => {
    expect(checkIndexUid(uid)).toBe(uid);
  });

  it.each(["", "a b", "é", ".meili_dsr", "a*", "a\n", "x".repeat(401)])("is not %j", (uid) => {
    expect(() => checkIndexUid(uid)).toThrow(
      expect.objectContaining({ code: "invalid_index_uid", status: 400, message: wrong(uid) }),
    );
  });
});

describe("a body that creates an index", () => {
  it.each([
    ['{"uid":"a"}', { uid: "a", primaryKey: null }],
    ['{"uid":"a","primaryKey":null}', { uid: "a", primaryKey: null }],
    ['{"primaryKey":"id","uid":"a"}', { uid: "a", primaryKey: "id" }],
  ])("%s", (body, creation) => {
    expect(parseCreateIndex(body)).toEqual(creation);
  });

  it.each([
    ["{}", "missing_index_uid", "Missing field `uid`"],
    [
      '{"uid":null}',
      "invalid_index_uid",
      "Invalid value type at `.uid`: expected a string, but found null",
    ],
    ['{"uid":"a b"}', "invalid_index_uid", `Invalid value at \`.uid\`: ${wrong("a b")}`],
    [
      '{"primaryKey":1,"uid":"a b"}',
      "invalid_index_primary_key",
      "Invalid value type at `.primaryKey`: expected a string, but found a positive integer: `1`",
    ],
    [
      '{"uid":"a","primarykey":"id"}',
      "bad_request",
      "Unknown field `primarykey`: did you mean `primaryKey`? expected one of `uid`, `primaryKey`",
    ],
    ["", "missing_payload", "A json payload is missing."],
  ])("%s is refused", (body, code, message) => {
    expect(() => parseCreateIndex(body)).toThrow(expect.objectContaining({ code, message }));
  });
});

describe("a body that updates an index", () => {
  it.each([
    ["{}", { primaryKey: null, newUid: null }],
    ['{"primaryKey":"id"}', { primaryKey: "id", newUid: null }],
    ['{"uid":"b"}', { primaryKey: null, newUid: "b" }],
  ])("%s", (body, change) => {
    expect(parseUpdateIndex(body)).toEqual(change);
  });

  it.each([
    [
      '{"createdAt":"x"}',
      "immutable_index_created_at",
      "Immutable field `createdAt`: expected one of `primaryKey`, `uid`",
    ],
    [
      '{"updatedAt":null}',
      "immutable_index_updated_at",
      "Immutable field `updatedAt`: expected one of `primaryKey`, `uid`",
    ],
    ['{"uid":"a b"}', "invalid_index_uid", wrong("a b")],
    [
      '{"zz":1,"createdAt":1}',
      "bad_request",
      "Unknown field `zz`: expected one of `primaryKey`, `uid`",
    ],
    [
      '{"primaryKey":1,"createdAt":1}',
      "invalid_index_primary_key",
      "Invalid value type at `.primaryKey`: expected a string, but found a positive integer: `1`",
    ],
  ])("%s is refused for its first mistake", (body, code, message) => {
    expect(() => parseUpdateIndex(body)).toThrow(expect.objectContaining({ code, message }));
  });
});

describe("a list of indexes", () => {
  it("has 20 on a page unless asked otherwise", () => {
    expect(parsePaging([])).toEqual({ offset: 0, limit: 20 });
    expect(parsePaging(new URLSearchParams("limit=3&offset=%2B2"))).toEqual({
      offset: 2,
      limit: 3,
    });
  });

  it.each([
    [
      "limit=-1",
      "invalid_index_limit",
      "Invalid value in parameter `limit`: could not parse `-1` as a positive integer",
    ],
    [
      "offset=",
      "invalid_index_offset",
      "Invalid value in parameter `offset`: could not parse `` as a positive integer",
    ],
    ["page=1", "bad_request", "Unknown parameter `page`: expected one of `offset`, `limit`"],
  ])("refuses %s", (query, code, message) => {
    expect(() => parsePaging(new URLSearchParams(query))).toThrow(
      expect.objectContaining({ code, message }),
    );
  });

  it("pages through everything once", () => {
    fc.assert(
      fc.property(fc.array(fc.integer()), fc.integer({ min: 1, max: 9 }), (all, limit) => {
        const pages: number[] = [];
        for (let offset = 0; offset <= all.length; offset += limit) {
          const page = pagedList(all, { offset, limit });
          expect(page).toMatchObject({ offset, limit, total: all.length });
          pages.push(...page.results);
        }
        expect(pages).toEqual(all);
      }),
    );
  });

  it("prints as Meilisearch does", () => {
    expect(JSON.stringify(pagedList([1, 2], { offset: 1, limit: 5 }))).toBe(
      '{"results":[2],"offset":1,"limit":5,"total":2}',
    );
  });
});
