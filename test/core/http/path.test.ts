import { expect, test } from "vitest";

import { allowHeader } from "../../../worker/core/http/methods.ts";
import { comparePatterns } from "../../../worker/core/http/path-order.ts";
import { normalPath } from "../../../worker/core/http/path.ts";

test.for([
  ["/", "/"],
  ["//", "/"],
  ["/indexes/", "/indexes"],
  ["/indexes//", "/indexes"],
  ["//indexes///a", "/indexes/a"],
  ["/%69ndexes", "/indexes"],
  ["/indexes/a%2Fb", "/indexes/a%2Fb"],
  ["/indexes/%2541", "/indexes/%2541"],
  ["/indexes/%7E%5f%2d%2E%30%39%41%5a", "/indexes/~_-.09AZ"],
  ["/indexes/%60%7b%40%5b%3a%2f", "/indexes/%60%7b%40%5b%3a%2f"],
] as const)("%s means %s", ([path, expected]) => {
  expect(normalPath(path)).toBe(expected);
});

test("a fixed segment is tried before a parameter in the same place", () => {
  const patterns = [
    "/tasks/:uid",
    "/tasks/:uid/documents",
    "/tasks/cancel",
    "/:any/cancel",
    "/tasks",
  ];
  const sorted = patterns.toSorted(comparePatterns);
  expect(sorted.indexOf("/tasks/cancel")).toBeLessThan(sorted.indexOf("/tasks/:uid"));
  expect(sorted.at(-1)).toBe("/:any/cancel");
});

test("Allow names each method once, in a fixed order", () => {
  expect(allowHeader(["DELETE", "GET", "PATCH", "GET"])).toBe("GET, PATCH, DELETE");
});
