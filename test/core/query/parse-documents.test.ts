import { describe, expect, it } from "vitest";
import {
  parseAdditionParams,
  parseDeleteByFilter,
  parseDeletedIds,
  parseDeletionParams,
  parseDocumentParams,
  parseDocumentsBody,
  parseDocumentsParams,
} from "../../../worker/core/query/parse-documents.ts";

const params = (query: string) => new URLSearchParams(query);

const PAGE = {
  offset: 0,
  limit: 20,
  fields: null,
  retrieveVectors: false,
  ids: null,
  sort: null,
  filter: null,
};

const wrongId = (place: string, shown: string) =>
  `${place}: Document identifier \`${shown}\` is invalid. A document identifier can be of type integer or string, only composed of alphanumeric characters (a-z A-Z 0-9), hyphens (-) and underscores (_), and can not be more than 511 bytes.`;

describe("a page of documents in a query string", () => {
  it.each([
    ["", {}],
    ["offset=3&limit=0", { offset: 3, limit: 0 }],
    ["fields=a,b", { fields: ["a", "b"] }],
    ["fields=a,*", { fields: null }],
    ["fields=", { fields: [] }],
    ["retrieveVectors=true", { retrieveVectors: true }],
    ["ids=1,,b", { ids: ["1", "b"] }],
    ["ids=", { ids: [] }],
    ["sort=a:asc,_geoPoint(1,2):desc", { sort: ["a:asc", "_geoPoint(1,2):desc"] }],
    ["filter=a = 1", { filter: "a = 1" }],
    ['filter=["a = 1",["b = 2"]]', { filter: ["a = 1", ["b = 2"]] }],
  ])("%s", (query, page) => {
    expect(parseDocumentsParams(params(query))).toEqual({ ...PAGE, ...page });
  });

  it.each([
    [
      "offset=x",
      "invalid_document_offset",
      "Invalid value in parameter `offset`: could not parse `x` as a positive integer",
    ],
    [
      "limit=-1",
      "invalid_document_limit",
      "Invalid value in parameter `limit`: could not parse `-1` as a positive integer",
    ],
    [
      "retrieveVectors=1",
      "invalid_document_retrieve_vectors",
      "Invalid value in parameter `retrieveVectors`: could not parse `1` as a boolean, expected either `true` or `false`",
    ],
    [
      "useNetwork=true",
      "invalid_document_use_network",
      "Invalid value type for parameter `useNetwork`: expected a string, but found a string: `true`",
    ],
    ["ids=1,a b", "invalid_document_ids", wrongId("In `.ids[1]`", '"a b"')],
    [
      `ids=${"x".repeat(512)}`,
      "invalid_document_ids",
      wrongId("In `.ids[0]`", `"${"x".repeat(512)}"`),
    ],
    [
      "sort=a",
      "invalid_document_sort",
      "Invalid syntax for the sort parameter: expected expression ending by `:asc` or `:desc`, found `a`.",
    ],
    [
      "filter=null",
      "invalid_document_filter",
      "Invalid syntax for the filter parameter: `expected String, Array, found: null`.",
    ],
    ["ids=a b&sort=a&filter=1", "invalid_document_ids", undefined],
    ["filter=1&sort=a", "invalid_document_sort", undefined],
    [
      "ofset=1",
      "bad_request",
      "Unknown parameter `ofset`: did you mean `offset`? expected one of `offset`, `limit`, `fields`, `retrieveVectors`, `ids`, `filter`, `sort`, `useNetwork`",
    ],
  ])("refuses %s", (query, code, message) => {
    const error = { code, ...(message === undefined ? {} : { message }) };
    expect(() => parseDocumentsParams(params(query))).toThrow(expect.objectContaining(error));
  });
});

describe("a page of documents in a body", () => {
  it.each([
    ["{}", {}],
    ['{"fields":["*"]}', { fields: ["*"] }],
    ['{"fields":null,"ids":null,"sort":null,"filter":null,"useNetwork":null}', {}],
    ['{"ids":[1,"b",-3,18446744073709551615]}', { ids: ["1", "b", "-3", "18446744073709551615"] }],
    [
      '{"sort":["a:asc"],"filter":["a = 1"],"retrieveVectors":true,"offset":1,"limit":2}',
      {
        sort: ["a:asc"],
        filter: ["a = 1"],
        retrieveVectors: true,
        offset: 1,
        limit: 2,
      },
    ],
  ])("%s", (body, page) => {
    expect(parseDocumentsBody(body)).toEqual({ ...PAGE, ...page });
  });

  it.each([
    [
      '{"ids":1}',
      "invalid_document_ids",
      "Invalid value type at `.ids`: expected an array, but found a positive integer: `1`",
    ],
    ['{"ids":[1.0]}', "invalid_document_ids", wrongId("In `.ids[0]`", "1.0")],
    [
      '{"ids":["a",18446744073709551616]}',
      "invalid_document_ids",
      wrongId("In `.ids[1]`", "1.8446744073709552e+19"),
    ],
    ['{"ids":[{"a":[null]}]}', "invalid_document_ids", wrongId("In `.ids[0]`", '{"a":[null]}')],
    [
      '{"useNetwork":false,"ids":["a b"]}',
      "feature_not_enabled",
      "passing `useNetwork` in a search query requires enabling the `network` experimental feature. See https://github.com/orgs/meilisearch/discussions/805",
    ],
    [
      '{"limit":null}',
      "invalid_document_limit",
      "Invalid value type at `.limit`: expected a positive integer, but found null",
    ],
    [
      '{"fields":"*"}',
      "invalid_document_fields",
      'Invalid value type at `.fields`: expected an array, but found a string: `"*"`',
    ],
    [
      '{"sort":["_geo:asc"]}',
      "invalid_document_sort",
      "`_geo` is a reserved keyword and thus can't be used as a sort expression. Use the _geoPoint(latitude, longitude) built-in rule to sort on _geo field coordinates.",
    ],
    [
      '{"filter":{"a":1}}',
      "invalid_document_filter",
      'Invalid syntax for the filter parameter: `expected String, Array, found: {"a":1}`.',
    ],
    [
      '{"zzz":1}',
      "bad_request",
      "Unknown field `zzz`: expected one of `offset`, `limit`, `fields`, `retrieveVectors`, `ids`, `filter`, `sort`, `useNetwork`",
    ],
    ["[]", "bad_request", "Invalid value type: expected an object, but found an array: `[]`"],
  ])("refuses %s", (body, code, message) => {
    expect(() => parseDocumentsBody(body)).toThrow(expect.objectContaining({ code, message }));
  });
});

describe("one document", () => {
  it("is shown with the fields asked for", () => {
    expect(parseDocumentParams(params("fields=a,b&retrieveVectors=true"))).toEqual({
      fields: ["a", "b"],
      retrieveVectors: true,
    });
    expect(parseDocumentParams([])).toEqual({ fields: null, retrieveVectors: false });
  });

  it("has no page", () => {
    expect(() => parseDocumentParams(params("limit=1"))).toThrow(
      "Unknown parameter `limit`: expected one of `fields`, `retrieveVectors`, `useNetwork`",
    );
  });
});

describe("the parameters of an upload", () => {
  it("are all optional", () => {
    expect(parseAdditionParams([])).toEqual({
      primaryKey: null,
      csvDelimiter: null,
      customMetadata: null,
      skipCreation: false,
    });
  });

  it("are taken as they are", () => {
    const query = "primaryKey=a b&csvDelimiter=;&customMetadata=&skipCreation=TRUE";
    expect(parseAdditionParams(params(query))).toEqual({
      primaryKey: "a b",
      csvDelimiter: ";",
      customMetadata: "",
      skipCreation: true,
    });
  });

  it.each([
    [
      "csvDelimiter=",
      "invalid_document_csv_delimiter",
      "Invalid value in parameter `csvDelimiter`: expected a string of one character, but found an empty string",
    ],
    [
      "csvDelimiter=😀😀",
      "invalid_document_csv_delimiter",
      "Invalid value in parameter `csvDelimiter`: expected a string of one character, but found the following string of 2 characters: `😀😀`",
    ],
    [
      "csvDelimiter=é",
      "invalid_document_csv_delimiter",
      "csv delimiter must be an ascii character. Found: `é`",
    ],
    [
      "skipCreation=1",
      "invalid_skip_creation",
      "skipCreation must be either `true` or `false`. Found: `1`",
    ],
    [
      "skipCreation=",
      "invalid_skip_creation",
      "skipCreation must be either `true` or `false`. Found: ``",
    ],
    [
      "primarykey=id",
      "bad_request",
      "Unknown parameter `primarykey`: did you mean `primaryKey`? expected one of `primaryKey`, `csvDelimiter`, `customMetadata`, `skipCreation`",
    ],
  ])("refuse %s", (query, code, message) => {
    expect(() => parseAdditionParams(params(query))).toThrow(
      expect.objectContaining({ code, message }),
    );
  });
});

describe("a deletion", () => {
  it("may be marked", () => {
    expect(parseDeletionParams([])).toEqual({ customMetadata: null });
    expect(parseDeletionParams(params("customMetadata=x"))).toEqual({ customMetadata: "x" });
    expect(() => parseDeletionParams(params("primaryKey=x"))).toThrow(
      "Unknown parameter `primaryKey`: expected one of `customMetadata`",
    );
  });

  it.each([
    ['{"filter":"a = 1"}', '"a = 1"'],
    ['{"filter": [ "a = \\u00e9", ["b=\\"x\\""] ] }', '["a = é",["b=\\"x\\""]]'],
  ])("keeps the filter of %s as JSON", (body, filter) => {
    expect(parseDeleteByFilter(body)).toBe(filter);
  });

  it.each([
    ["{}", "missing_document_filter", "Missing field `filter`"],
    [
      '{"filter":null}',
      "invalid_document_filter",
      "Invalid syntax for the filter parameter: `expected String, Array, found: null`.",
    ],
    ['{"filter":" "}', "invalid_document_filter", "Sending an empty filter is forbidden."],
    ['{"filter":[[]]}', "invalid_document_filter", "Sending an empty filter is forbidden."],
    [
      '{"filter":"a ="}',
      "invalid_document_filter",
      "Was expecting a value but instead got nothing.\n4:4 a =",
    ],
    ['{"filter":"a = 1","x":1}', "bad_request", "Unknown field `x`: expected one of `filter`"],
    ['{"filter":"a CONTAINS 1"}', "feature_not_enabled", undefined],
  ])("refuses %s", (body, code, message) => {
    const error = { code, ...(message === undefined ? {} : { message }) };
    expect(() => parseDeleteByFilter(body)).toThrow(expect.objectContaining(error));
  });

  it("may use the filters that were switched on", () => {
    const body = '{"filter":"a CONTAINS 1"}';
    expect(parseDeleteByFilter(body, { containsFilter: true })).toBe('"a CONTAINS 1"');
  });

  it("takes a batch of ids of any kind", () => {
    expect(parseDeletedIds('[1,"é",1.0,null]')).toEqual(["1", "é", "1.0", "null"]);
    expect(() => parseDeletedIds('{"a":1}')).toThrow(
      expect.objectContaining({ code: "bad_request" }),
    );
  });
});
