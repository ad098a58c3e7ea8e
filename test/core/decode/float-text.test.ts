import { describe, expect, it } from "vitest";
import { floatDisplay, floatText, nearestFloat32 } from "../../../worker/core/decode/float-text.ts";

describe("floats as Rust prints them", () => {
  it.each([
    [0, "0.0", "0"],
    [-0, "-0.0", "-0"],
    [7, "7.0", "7"],
    [1.5, "1.5", "1.5"],
    [0.00001, "0.00001", "0.00001"],
    [0.000001234, "1.234e-6", "0.000001234"],
    [1e15, "1000000000000000.0", "1000000000000000"],
    [1e16, "1e+16", "10000000000000000"],
    [1e21, "1e+21", "1000000000000000000000"],
    [-123456.789, "-123456.789", "-123456.789"],
  ])("%s", (value, json, display) => {
    expect(floatText(value)).toBe(json);
    expect(floatDisplay(value)).toBe(display);
  });

  it("keeps only what 32 bits hold", () => {
    expect(nearestFloat32(0.123456789)).toBe(0.12345679);
    expect(nearestFloat32(0.3)).toBe(0.3);
  });
});
