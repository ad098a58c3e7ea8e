import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { taskDate } from "../../../worker/core/query/task-date.ts";

describe("a date in a task filter", () => {
  it.each([
    ["2024-02-29", "2024-02-29T00:00:00.000Z"],
    ["0001-01-01", "0001-01-01T00:00:00.000Z"],
    ["+2024-01-01", "2024-01-01T00:00:00.000Z"],
    ["-0001-01-01", "-000001-01-01T00:00:00.000Z"],
    ["2024-01-01T10:20:30Z", "2024-01-01T10:20:30.000Z"],
    ["2024-01-01x10:20:30z", "2024-01-01T10:20:30.000Z"],
    ["2024-01-01T10:20:30.5Z", "2024-01-01T10:20:30.500Z"],
    ["2024-01-01T00:00:00+01:30", "2023-12-31T22:30:00.000Z"],
    ["2024-01-01T00:00:00-01:30", "2024-01-01T01:30:00.000Z"],
  ])("%s means %s", (text, expected) => {
    expect(new Date(taskDate(text, "before") ?? Number.NaN).toISOString()).toBe(expected);
  });

  it("keeps what is below a millisecond", () => {
    const second = Date.UTC(2024, 0, 1);
    const found = taskDate("2024-01-01T00:00:00.1234567891Z", "after") ?? Number.NaN;
    expect(found - second).toBeCloseTo(123.456_789, 2);
    expect(found - second).toBeGreaterThan(123);
  });

  it("takes a leap second for the last moment of its month", () => {
    const newYear = Date.UTC(2025, 0, 1);
    for (const text of ["2024-12-31T23:59:60Z", "2024-12-31T22:59:60-01:00"]) {
      expect(taskDate(text, "after")).toBeLessThanOrEqual(newYear);
      expect(taskDate(text, "after")).toBeGreaterThan(newYear - 1);
    }
    expect(taskDate("2024-12-30T23:59:60Z", "after")).toBeUndefined();
  });

  it("counts a day as a whole", () => {
    expect(taskDate("2024-02-28", "after")).toBe(Date.UTC(2024, 1, 29));
    expect(taskDate("2024-02-28", "before")).toBe(Date.UTC(2024, 1, 28));
    // The calendar ends there.
    expect(taskDate("9999-12-31", "after")).toBe(Date.UTC(9999, 11, 31));
  });

  it.each([
    "",
    "x",
    "2024-1-01",
    "2023-02-29",
    "2024-04-31",
    "2024-00-01",
    "2024-13-01",
    "2024-01-00",
    "10000-01-01",
    " 2024-01-01",
    "2024-01-01T00:00:00",
    "2024-01-01T00:00Z",
    "2024-01-01T24:00:00Z",
    "2024-01-01T23:60:00Z",
    "2024-01-01T23:59:61Z",
    "2024-01-01T00:00:00.Z",
    "2024-01-01é00:00:00Z",
    "2024-01-01T00:00:00+24:00",
    "2024-01-01T00:00:00+00:60",
    "2024-01-01T00:00:00+0100",
  ])("%j is none", (text) => {
    expect(taskDate(text, "after")).toBeUndefined();
  });

  it("reads what a task prints", () => {
    const date = fc.date({
      min: new Date("0001-01-01"),
      max: new Date("9999-12-30"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(date, (time) => {
        expect(taskDate(time.toISOString(), "after")).toBeCloseTo(time.getTime(), 1);
      }),
    );
  });
});
