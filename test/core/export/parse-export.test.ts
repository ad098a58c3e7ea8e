import { expect, test } from "vitest";

import { readByteSize } from "../../../worker/core/export/byte-size.ts";
import { exportDetails, optionsOf, parseExport } from "../../../worker/core/export/parse-export.ts";

test("an empty body means all indexes, to nowhere", () => {
  const request = parseExport("{}");
  expect(exportDetails(request)).toBe(
    '{"url":"","indexes":{"*":{"filter":null,"overrideSettings":false}}}',
  );
  expect(optionsOf(request, "anything")).toBeDefined();
});

test("details mask the key and keep the filter as it was sent", () => {
  const body =
    '{"url":"http://a","apiKey":"abcdefghijklmnop","payloadSize":"1MiB","indexes":{"m*":{"filter":["a = 1.0"]}}}';
  const request = parseExport(body);
  expect(exportDetails(request)).toBe(
    '{"url":"http://a","apiKey":"abXXXX...","payloadSize":"1 MiB","indexes":{"m*":{"filter":["a = 1.0"],"overrideSettings":false}}}',
  );
  const options = { filter: null, overrideSettings: true, documents: 3 };
  expect(exportDetails(request, new Map([["movies", options]]))).toContain(
    '"indexes":{"movies":{"filter":null,"overrideSettings":true,"matched_documents":3}}',
  );
  expect(optionsOf(request, "movies")).toBeDefined();
  expect(optionsOf(request, "books")).toBeUndefined();
});

test.for([
  ["12", 12],
  ["24MiB", 25_165_824],
  ["1.5 GB", 1_500_000_000],
  ["10k", 10_000],
] as const)("%s is a size", ([text, bytes]) => {
  expect(readByteSize(text)).toBe(bytes);
});

test.for([
  ['{"payloadSize":"x"}', "Invalid value at `.payloadSize`: the character 'x' is not a number"],
  [
    '{"payloadSize":"1 zb"}',
    "Invalid value at `.payloadSize`: the character 'z' is incorrect ('B', 'K', 'M', 'G', 'T', 'P', 'E' or no character or no character is expected)",
  ],
  [
    '{"indexes":{"m":{"foo":3}}}',
    "Unknown field `foo` inside `.indexes.m`: expected one of `filter`, `overrideSettings`",
  ],
  [
    '{"indexes":{"a*b":{}}}',
    'Invalid value at `.indexes`: the key "a*b" could not be deserialized into the key type `meilisearch_types::index_uid_pattern::IndexUidPattern`',
  ],
] as const)("%s is refused", ([body, message]) => {
  expect(() => parseExport(body)).toThrow(message);
});

test("of several patterns that mean an index the first by its bytes counts", () => {
  const asked = parseExport(
    '{"url":"http://there","indexes":{"movies":{"filter":"a = 1"},"m*":{"filter":"b = 1"}}}',
  );
  expect(optionsOf(asked, "movies")).toMatchObject({ filter: '"b = 1"' });
  expect(optionsOf(asked, "songs")).toBeUndefined();
});
