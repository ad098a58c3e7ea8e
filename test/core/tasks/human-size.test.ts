import fc from "fast-check";
import { expect, test } from "vitest";

import { humanSize, sizeOf } from "../../../worker/core/tasks/human-size.ts";

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
