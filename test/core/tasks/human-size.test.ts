import fc from "fast-check";
import { expect, test } from "vitest";

import { humanSize, roundedSize, sizeOf } from "../../../worker/core/tasks/human-size.ts";

test.for([
  [0, "0 B"],
  [999, "999 B"],
  [1024, "1 KiB"],
  [65_536, "64 KiB"],
  [1_015_808, "1.015808 MB"],
  [1_572_864, "1.5 MiB"],
] as const)("%i bytes are %s", ([bytes, text]) => {
  expect(humanSize(bytes)).toBe(text);
});

test.for([
  [0, "0 B"],
  [1000, "1000 B"],
  [4096, "4 KiB"],
  [4088, "3.99 KiB"],
  [10_000, "9.77 KiB"],
  [3_596_288, "3.43 MiB"],
] as const)("%i bytes are about %s", ([bytes, text]) => {
  expect(roundedSize(bytes)).toBe(text);
});

test("a text gives back its bytes", () => {
  fc.assert(
    fc.property(fc.nat(2 ** 50), (bytes) => {
      expect(sizeOf(humanSize(bytes))).toBe(bytes);
    }),
  );
});

test("what is no size is none", () => {
  expect(sizeOf("many")).toBeUndefined();
  expect(sizeOf("3 kb")).toBeUndefined();
});
