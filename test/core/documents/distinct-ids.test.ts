import fc from "fast-check";
import { expect, test } from "vitest";
import { DistinctIds } from "../../../worker/core/documents/distinct-ids.ts";
import { bytes } from "./payloads.ts";

test("counts like a set", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(500).map(String), { maxLength: 2000 }), (ids) => {
      const distinct = new DistinctIds();
      for (const id of ids) distinct.add(bytes(id));
      expect(distinct.count).toBe(new Set(ids).size);
    }),
  );
});

test("stays exact over a few hundred thousand ids", () => {
  const distinct = new DistinctIds();
  for (let id = 0; id < 300_000; id += 1) distinct.add(bytes(`doc-${id % 200_000}`));
  expect(distinct.count).toBe(200_000);
});
