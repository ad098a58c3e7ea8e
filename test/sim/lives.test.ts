import { expect, test } from "vitest";

import { FAULTS } from "./faults.ts";
import { liveOnce } from "./life-of-a-cluster.ts";

const SEEDS = 300;
const PARTS = 3;

const range = (first: number, count: number) =>
  Array.from({ length: count }, (_, at) => first + at);

test.for(range(0, PARTS))("seeds live through their faults, part %i", async (part) => {
  const seeds = range(1 + (part * SEEDS) / PARTS, SEEDS / PARTS);
  const happened = new Set<string>();
  let vacuous = 0;
  for (const seed of seeds) {
    const outcome = await liveOnce({ seed });
    for (const kind of outcome.faults.keys()) happened.add(kind);
    if (outcome.isVacuous) vacuous += 1;
    expect(
      outcome.violation,
      `npm run simulate -- --seed ${seed} --runs 1 --trace`,
    ).toBeUndefined();
  }
  expect([...happened].toSorted()).toEqual(FAULTS.toSorted());
  expect(vacuous).toBeLessThan(seeds.length / 10);
});

test("a seed is the same life every time", async () => {
  for (const seed of range(1, 10)) {
    const [first, second] = [
      await liveOnce({ seed, isTraced: true }),
      await liveOnce({ seed, isTraced: true }),
    ];
    expect(second.lines).toEqual(first.lines);
    expect(first.lines?.length).toBeGreaterThan(50);
  }
});
