import { describe, expect, test } from "vitest";

import { nodeId } from "../../worker/core/ids.ts";
import type { ShardMap } from "../../worker/core/topology/topology.ts";
import { Hedging } from "../../worker/search/hedging.ts";
import { scatter } from "../../worker/search/scatter.ts";
import { answered, fleetOf, indexOf, refused, unreachable } from "./read-fixtures.ts";

const [a, b, c] = [nodeId("a"), nodeId("b"), nodeId("c")];
const TWICE: ShardMap = [
  [a, b],
  [a, c],
];
const request = () => ({ method: "POST", path: "/x" }) as const;
const hang = (): Promise<never> => new Promise(() => undefined);

/** Knows that answers take about a millisecond. */
function experienced(answers = 100): Hedging {
  const hedging = new Hedging();
  for (let seen = 0; seen < answers; seen += 1) hedging.answered(1);
  return hedging;
}

describe("when a request is late", () => {
  test("is unknown before enough answers have come", () => {
    expect(experienced(19).delayMs).toBeUndefined();
    expect(experienced(20).delayMs).toBe(25);
  });

  test("is after the time of 95 in 100 answers, the newest counting", () => {
    const hedging = new Hedging();
    for (let tookMs = 1; tookMs <= 100; tookMs += 1) hedging.answered(tookMs);
    expect(hedging.delayMs).toBe(96);
    for (let seen = 0; seen < 128; seen += 1) hedging.answered(500);
    expect(hedging.delayMs).toBe(500);
  });

  test("one request in twenty may be hedged", () => {
    const hedging = experienced(1000);
    let hedges = 0;
    for (let requests = 0; requests < 2000; requests += 1) {
      hedging.answered(1);
      if (hedging.spend()) hedges += 1;
    }
    expect(hedges).toBeGreaterThanOrEqual(100);
    expect(hedges).toBeLessThanOrEqual(110);
  });
});

describe("a slow node", () => {
  test("costs a hedge, not the answer", async () => {
    const fleet = fleetOf(
      { a: hang, b: () => answered("b"), c: () => answered("c") },
      { hedging: experienced(), load: (node) => (node === a ? 0 : 1) },
    );
    const startedAt = performance.now();
    const { answers, missing } = await scatter(fleet, indexOf({}, TWICE), request);
    expect(answers.map(({ text }) => text)).toEqual(["b", "c"]);
    expect(missing).toEqual([]);
    // Far from the half of the deadline that a node which hangs is left without hedges.
    expect(performance.now() - startedAt).toBeLessThan(3000);
    expect(fleet.asked.map(({ node }) => node).toSorted()).toEqual([a, b, c]);
  });

  test("is asked alone without experience or without a budget", async () => {
    const spent = experienced();
    while (spent.spend());
    for (const hedging of [new Hedging(), spent]) {
      const fleet = fleetOf(
        { a: hang, b: () => answered("b"), c: () => answered("c") },
        { hedging, load: (node) => (node === a ? 0 : 1) },
      );
      const read = { ...fleet, deadlineAt: fleet.now() + 400 };
      const startedAt = performance.now();
      const { answers } = await scatter(read, indexOf({}, TWICE), request);
      expect(answers).toHaveLength(2);
      expect(performance.now() - startedAt).toBeGreaterThan(150);
    }
  });

  test("still answers when the other replicas cannot", async () => {
    const slow = Promise.withResolvers<ReturnType<typeof answered>>();
    const fleet = fleetOf(
      {
        a: () => slow.promise,
        b: () => unreachable,
        c: () => {
          slow.resolve(answered("a"));
          return unreachable;
        },
      },
      { hedging: experienced(), load: (node) => (node === a ? 0 : 1) },
    );
    const { answers, missing } = await scatter(fleet, indexOf({}, TWICE), request);
    expect(answers.map(({ text }) => text)).toEqual(["a"]);
    expect(missing).toEqual([]);
  });

  test("that fails after all leaves what the others could answer", async () => {
    const slow = Promise.withResolvers<typeof unreachable>();
    const fleet = fleetOf(
      {
        a: () => slow.promise,
        b: () => answered("b"),
        c: () => {
          slow.resolve(unreachable);
          return unreachable;
        },
      },
      { hedging: experienced(), load: (node) => (node === a ? 0 : 1) },
    );
    const { answers, missing } = await scatter(fleet, indexOf({}, TWICE), request);
    expect(answers.map(({ text }) => text)).toEqual(["b"]);
    expect(missing).toEqual([1]);
  });

  test("does not hide that the request is wrong", async () => {
    const wrong = refused(400, "invalid_search_filter", "bad");
    const fleet = fleetOf(
      { a: hang, b: () => wrong, c: hang },
      { hedging: experienced(), load: (node) => (node === a ? 0 : 1) },
    );
    await expect(scatter(fleet, indexOf({}, TWICE), request)).rejects.toMatchObject({
      code: "invalid_search_filter",
    });
  });
});
