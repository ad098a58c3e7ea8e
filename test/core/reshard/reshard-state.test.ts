import { expect, test } from "vitest";

import { shardId } from "../../../worker/core/ids.ts";
import {
  beginReshard,
  copied,
  isOver,
  reasonToStop,
  reshardStateOf,
  type ReshardPhase,
} from "../../../worker/core/reshard/reshard-state.ts";

const PHASES: readonly (readonly [ReshardPhase, boolean])[] = [
  ["building", true],
  ["copying", true],
  ["checking", true],
  ["moving", false],
  ["switching", false],
  ["done", false],
  ["abandoned", false],
];
const OBSTACLES = [
  ["isCanceled", "it was canceled"],
  ["isClosed", "the index is being deleted"],
  ["isHeld", "the index is being swapped or renamed"],
] as const;
const NONE = { isCanceled: false, isClosed: false, isHeld: false };
const begun = beginReshard("id", 64);

for (const [phase, isRevocable] of PHASES) {
  test.for(OBSTACLES)(`${phase}, and %s`, ([obstacle, reason]) => {
    const found = reasonToStop({ ...begun, phase }, { ...NONE, [obstacle]: true });
    expect(found).toBe(isRevocable ? reason : undefined);
  });

  test(`${phase}, and nothing in the way`, () => {
    expect(reasonToStop({ ...begun, phase }, NONE)).toBeUndefined();
    expect(isOver({ ...begun, phase })).toBe(phase === "done" || phase === "abandoned");
  });
}

test("pages of a shard, then the next shard, then the check", () => {
  let state = { ...begun, phase: "copying" as const } as ReturnType<typeof copied>;
  state = copied(state, { documents: 100, isLast: false }, 2);
  expect(state).toMatchObject({ shard: 0, offset: 100, documents: 100, phase: "copying" });
  state = copied(state, { documents: 7, isLast: true }, 2);
  expect(state).toMatchObject({ shard: 1, offset: 0, documents: 107, phase: "copying" });
  state = copied(state, { documents: 0, isLast: true }, 2);
  expect(state).toMatchObject({ shard: shardId(2), documents: 107, phase: "checking" });
});

test("a state is stored as text and comes back", () => {
  expect(reshardStateOf(JSON.stringify(begun))).toEqual(begun);
  expect(() => reshardStateOf('{"id":"x"}')).toThrow();
});
