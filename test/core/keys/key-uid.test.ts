import fc from "fast-check";
import { expect, it } from "vitest";

import { keyUidMistake, keyUidOf } from "../../../worker/core/keys/key-uid.ts";

const UID = "6062abda-a5aa-4414-ac91-ecd7944c0f8d";

it("a UUID in any of its forms is the same uid", () => {
  fc.assert(
    fc.property(fc.uuid(), (uid) => {
      const bare = uid.replaceAll("-", "");
      for (const text of [uid, uid.toUpperCase(), bare, `{${uid}}`, `urn:uuid:${uid}`]) {
        expect(keyUidOf(text)).toBe(uid);
      }
      for (const text of [`{${bare}}`, `urn:uuid:${bare}`, `${uid} `, uid.slice(1), `(${uid})`]) {
        expect(keyUidOf(text)).toBeUndefined();
      }
    }),
  );
});

it.each([
  ["", "invalid length: found 0"],
  ["a".repeat(46), "invalid length: found 46"],
  ["a".repeat(31), "invalid length: found 31"],
  ["x", "invalid character: found `x` at 0"],
  [`g${UID.slice(1)}`, "invalid character: found `g` at 0"],
  [`{${UID.slice(0, -1)}z}`, "invalid character: found `z` at 35"],
  [`urn:uuid:${UID.slice(0, -1)}z`, "invalid character: found `z` at 35"],
  ["é", "invalid character: found `é` at 0"],
  [UID.slice(0, 23), "invalid group count: expected 5, found 4"],
  ["a".repeat(36), "invalid group count: expected 5, found 1"],
  [`${UID}d`, "invalid group length in group 4: expected 12, found 13"],
  ["6062abda-a5aa-4414-ac9-1ecd7944c0f8d", "invalid group length in group 3: expected 4, found 3"],
])("%s: %s", (text, mistake) => {
  expect(keyUidOf(text)).toBeUndefined();
  expect(keyUidMistake(text)).toBe(mistake);
});
