import { describe, expect, it } from "vitest";
import { editDistance, suggestion } from "../../../worker/core/decode/did-you-mean.ts";

describe("did you mean", () => {
  it.each([
    ["lim", ""],
    ["limi", "did you mean `limit`? "],
    ["limits", "did you mean `limit`? "],
    ["lmiit", "did you mean `limit`? "],
    ["lmitx", ""],
    ["hitsPerpge", "did you mean `hitsPerPage`? "],
  ])("%s", (received, expected) => {
    expect(suggestion(received, ["offset", "limit", "hitsPerPage"])).toBe(expected);
  });

  it.each([
    ["", "abc", 3],
    ["ab", "ba", 1],
    ["ca", "abc", 2],
    ["kitten", "sitting", 3],
  ])("%s and %s are %i edits apart", (left, right, distance) => {
    expect(editDistance(left, right)).toBe(distance);
    expect(editDistance(right, left)).toBe(distance);
  });
});
