import { expect, test, vi } from "vitest";

import { Judge } from "./checkers/judge.ts";
import { FAULTS } from "./faults.ts";
import { live, liveOnce } from "./life-of-a-cluster.ts";
import { World } from "./world.ts";
import { documentRows } from "./writes.ts";

const NO_FAULTS = { enabled: new Set<never>(), untilMs: 0 };

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
  // The rarest may not have come up among so few.
  expect(happened.size).toBeGreaterThan(FAULTS.length - 3);
  expect(vacuous).toBeLessThan(seeds.length / 10);
});

test("an upload that was cut off leaves nothing behind in the end", async () => {
  const shape = { nodes: 2, replicas: 1, shards: 4, leaseMs: 1000, isolates: 1 };
  const world = new World(1, { ...shape, clients: 0, writesPerClient: 0 }, NO_FAULTS, false);
  const payload = () =>
    world.logs.all().flatMap(({ disk }) => disk.rows("SELECT token FROM payload")).length;
  let uploaded = 0;
  const { violation } = await live(world, 1, 0, () => ({
    jobs: [
      (async () => {
        const [isolate] = world.isolates;
        await isolate?.upload("a", "cut", (shardCount) =>
          documentRows([{ id: 1 }, { id: 2 }, { id: 3 }], shardCount),
        );
        uploaded = payload();
        await world.wait(3_700_000);
        uploaded -= payload();
      })(),
    ],
  }));
  expect(violation).toBeUndefined();
  expect(uploaded).toBeGreaterThan(0);
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

test("a life that was given up in the middle leaves nothing to the next one", async () => {
  const { lines } = await liveOnce({ seed: 5, isTraced: true });
  const { afterStep } = Judge.prototype;
  for (let at = 7; at < 200; at += 24) {
    let turns = 0;
    vi.spyOn(Judge.prototype, "afterStep").mockImplementation(function (this: Judge) {
      afterStep.call(this);
      if ((turns += 1) === at) this.fail("given up");
    });
    expect((await liveOnce({ seed: at })).violation).toBeDefined();
    vi.restoreAllMocks();
    expect((await liveOnce({ seed: 5, isTraced: true })).lines).toEqual(lines);
  }
});
