import { expect, test } from "vitest";

import { Repeater } from "../../../durable-objects/repeater.ts";

test("a call at any moment of a run is followed by a look at the work", async () => {
  // As many turns of the microtask queue as a run can take to wind down.
  for (let turns = 0; turns < 12; turns += 1) {
    let work = 1;
    const repeater = new Repeater(async () => {
      await Promise.resolve();
      work = 0;
    });
    const first = repeater.run();
    for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
    work = 1;
    await repeater.run();
    expect(work).toBe(0);
    await first;
  }
});

test("one run at a time, and one more for all calls during it", async () => {
  let running = 0;
  let runs = 0;
  const repeater = new Repeater(async () => {
    running += 1;
    expect(running).toBe(1);
    await Promise.resolve();
    running -= 1;
    runs += 1;
  });
  await Promise.all([repeater.run(), repeater.run(), repeater.run()]);
  expect(runs).toBe(2);
});

test("a run that fails does not keep later ones away", async () => {
  let fails = true;
  let runs = 0;
  const repeater = new Repeater(async () => {
    await Promise.resolve();
    if (fails) throw new Error("no");
    runs += 1;
  });
  await expect(repeater.run()).rejects.toThrow("no");
  fails = false;
  await repeater.run();
  expect(runs).toBe(1);
});
