import fc from "fast-check";
import { expect, test } from "vitest";

import { logOffset } from "../../../worker/core/ids.ts";
import { backoffMs } from "../../../worker/core/log/backoff.ts";
import { leadingGroup } from "../../../worker/core/log/group.ts";
import type { Operation } from "../../../worker/core/log/operation.ts";

const write = (mode: "replace" | "update" = "replace", skipCreation = false): Operation => ({
  kind: "writeDocuments",
  mode,
  skipCreation,
  primaryKey: "id",
});
const entries = (...operations: Operation[]) =>
  operations.map((operation, i) => ({ offset: logOffset(i + 1), operation, bytes: 10 }));
const limits = { entriesMax: 100, bytesMax: 1000 };
const size = (...operations: Operation[]) => leadingGroup(entries(...operations), limits).length;

test.for<[string, Operation[], number]>([
  ["writes of one kind", [write(), write(), write()], 3],
  ["an update ends a run of replacements", [write(), write("update"), write()], 1],
  ["skipCreation ends it", [write(), write("replace", true)], 1],
  ["a deletion ends it", [write(), write(), { kind: "deleteAllDocuments" }], 2],
  ["deletions go alone", [{ kind: "deleteDocuments" }, { kind: "deleteDocuments" }], 1],
  ["settings go alone", [{ kind: "changeSettings", patch: "{}" }, write()], 1],
  ["nothing", [], 0],
])("%s", ([, operations, expected]) => {
  expect(size(...operations)).toBe(expected);
});

test("limits hold, but an entry above them still goes alone", () => {
  const many = entries(...Array.from({ length: 9 }, () => write()));
  expect(leadingGroup(many, { entriesMax: 4, bytesMax: 1000 })).toHaveLength(4);
  expect(leadingGroup(many, { entriesMax: 100, bytesMax: 35 })).toHaveLength(3);
  expect(leadingGroup(many, { entriesMax: 100, bytesMax: 5 })).toHaveLength(1);
});

test("backoff grows to its ceiling and is jittered over the upper half", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (failures, random) => {
        const wait = backoffMs(failures, random);
        expect(wait).toBeLessThanOrEqual(15_000);
        expect(wait).toBeGreaterThanOrEqual(backoffMs(failures, 0));
        expect(backoffMs(failures, 0)).toBeGreaterThanOrEqual(50);
      },
    ),
  );
  expect(backoffMs(3, 0)).toBe(200);
});
