import fc from "fast-check";
import { expect, test } from "vitest";

import { vectorText } from "../../../worker/core/merge/vector-text.ts";

test("numbers are those of 32-bit floats, at their shortest", () => {
  expect(vectorText([0.1, -0.549, 1, 0.123456789, 1e-7, 0])).toBe(
    "[0.1,-0.549,1.0,0.12345679,1e-7,0.0]",
  );
});

test("no 32-bit float is told as another", () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
      const [told] = JSON.parse(vectorText([value])) as number[];
      expect(Math.fround(told ?? NaN)).toBe(value);
    }),
  );
});
