import { describe, expect, test } from "vitest";
import { deletedIds, readDeleteBatch } from "../../../worker/core/documents/delete.ts";
import { ApiError } from "../../../worker/core/errors/api-error.ts";
import { documentId } from "../../../worker/core/ids.ts";
import { shardOf } from "../../../worker/core/placement/hash.ts";
import { bytes } from "./payloads.ts";

describe("the body of a delete-batch", () => {
  test("names ids by strings, and by the text of anything else", () => {
    const body = '[ "a", 1,9007199254740993 ,"\\u0062",1.0, null,{"a": 1}]';
    expect(readDeleteBatch(bytes(body))).toEqual([
      "a",
      "1",
      "9007199254740993",
      "b",
      "1.0",
      "null",
      '{"a":1}',
    ]);
    expect(readDeleteBatch(bytes("[]"))).toEqual([]);
  });

  test.for([
    ["", "missing_payload: A json payload is missing."],
    [
      "[1",
      "malformed_payload: The json payload provided is malformed. `EOF while parsing a list at line 1 column 2`.",
    ],
    [
      '{"a":1}',
      "bad_request: Json deserialize error: invalid type: map, expected a sequence at line 1 column 0",
    ],
    [
      "5",
      "bad_request: Json deserialize error: invalid type: integer `5`, expected a sequence at line 1 column 1",
    ],
    [
      '"a"',
      'bad_request: Json deserialize error: invalid type: string "a", expected a sequence at line 1 column 3',
    ],
  ])("%s is refused", ([body = "", expected = ""]) => {
    try {
      readDeleteBatch(bytes(body));
      expect.unreachable();
    } catch (error) {
      expect(error instanceof ApiError && `${error.code}: ${error.message}`).toBe(expected);
    }
  });
});

test("ids go once to the shard that holds them; impossible ones are only counted", () => {
  const { providedIds, byShard } = deletedIds(["1", "a b", "1", "x", "1.5", ""], 8);
  expect(providedIds).toBe(6);
  const expected = new Map<number, string[]>();
  for (const id of ["1", "x"]) {
    const shard = shardOf(documentId(id), 8);
    expected.set(shard, [...(expected.get(shard) ?? []), id]);
  }
  expect(new Map(byShard)).toEqual(expected);
});
