import { expect, test } from "vitest";

import { parseStats } from "../../../worker/core/query/parse-stats.ts";

test("sizes are numbers and databases hidden, unless asked otherwise", () => {
  expect(parseStats([])).toEqual({ showInternalDatabaseSizes: false, sizeFormat: "raw" });
  expect(
    parseStats([
      ["showInternalDatabaseSizes", "true"],
      ["sizeFormat", "human"],
    ]),
  ).toEqual({ showInternalDatabaseSizes: true, sizeFormat: "human" });
});

test.for([
  [
    "sizeFormat",
    "x",
    "invalid_stats_size_format",
    "Unknown value `x` for parameter `sizeFormat`: expected one of `human`, `raw`",
  ],
  [
    "showInternalDatabaseSizes",
    "x",
    "invalid_stats_show_internal_database_sizes",
    "Invalid value in parameter `showInternalDatabaseSizes`: could not parse `x` as a boolean, expected either `true` or `false`",
  ],
  [
    "x",
    "1",
    "bad_request",
    "Unknown parameter `x`: expected one of `showInternalDatabaseSizes`, `sizeFormat`",
  ],
] as const)("%s=%s is refused", ([name, value, code, message]) => {
  expect(() => parseStats([[name, value]])).toThrow(expect.objectContaining({ code, message }));
});
