import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  mergeRanked,
  take,
  type Ranked,
  type RankedList,
} from "../../../worker/core/merge/merge-hits.ts";
import { pageOf, neededHits } from "../../../worker/core/merge/page-window.ts";
import { compareSteps } from "../../../worker/core/ranking/compare-steps.ts";
import type { RankStep } from "../../../worker/core/ranking/score-details.ts";

interface Entry extends Ranked {
  readonly id: number;
}

const sortStep = fc.record({
  kind: fc.constant("sort" as const),
  rule: fc.constant("price:asc"),
  asc: fc.constant(true),
  value: fc.oneof(fc.constant(null), fc.integer({ min: 0, max: 3 }), fc.constantFrom("a", "b")),
});
const rankStep = fc.record({
  kind: fc.constant("rank" as const),
  rule: fc.constant("words"),
  value: fc.integer({ min: -2, max: 0 }),
});

/** Hits with a tie rule, as nodes give them: no two are equal. */
const entries = fc.array(fc.tuple(rankStep, sortStep), { maxLength: 30 }).map((all) =>
  all.map(([rank, sort], id): Entry => {
    const tie: RankStep = { kind: "sort", rule: "id:asc", asc: true, value: id };
    return { id, steps: [rank, sort, tie] };
  }),
);

const shards = fc
  .tuple(entries, fc.array(fc.nat(3), { minLength: 30, maxLength: 30 }))
  .map(([all, places]) =>
    [0, 1, 2, 3].map((shard) => sorted(all.filter((_, at) => places[at] === shard))),
  );

function sorted(list: readonly Entry[]): Entry[] {
  return [...list].sort((a, b) => compareSteps(a.steps, b.steps));
}

function listOf(entriesOfShard: readonly Entry[]): RankedList<Entry> {
  return {
    length: entriesOfShard.length,
    at: (position) => {
      const entry = entriesOfShard[position];
      if (entry === undefined) throw new Error("asked beyond the end");
      return entry;
    },
  };
}

const merged = (lists: readonly (readonly Entry[])[]): Entry[] => [
  ...mergeRanked(lists.map(listOf)),
];

describe("merging ranked lists", () => {
  test("equals sorting the union", () => {
    fc.assert(
      fc.property(shards, (lists) => {
        expect(merged(lists)).toEqual(sorted(lists.flat()));
      }),
    );
  });

  test("does not depend on the order of the lists, nor on how they are grouped", () => {
    fc.assert(
      fc.property(shards, (lists) => {
        const [a = [], b = [], c = [], d = []] = lists;
        const whole = merged(lists);
        expect(merged([d, b, a, c])).toEqual(whole);
        expect(merged([merged([a, b]), merged([c, d])])).toEqual(whole);
      }),
    );
  });

  test("a page is a slice of the whole, and lists cut at what is needed are enough", () => {
    fc.assert(
      fc.property(shards, fc.nat(12), fc.nat(12), (lists, offset, limit) => {
        const window = { kind: "slice", offset, limit } as const;
        const needed = neededHits(window, 20);
        const cut = lists.map((list) => list.slice(0, needed));
        const page = pageOf(take(mergeRanked(cut.map(listOf)), needed), window);
        expect(page).toEqual(
          merged(lists)
            .slice(0, 20)
            .slice(offset, offset + limit),
        );
      }),
    );
  });

  test("makes no more entries than it compares", () => {
    let made = 0;
    const long = Array.from({ length: 1000 }, (_, id): Entry => ({
      id,
      steps: [{ kind: "sort", rule: "id:asc", asc: true, value: id }],
    }));
    const counting = (): RankedList<Entry> => ({
      length: 1000,
      at: (position) => {
        made += 1;
        return listOf(long).at(position);
      },
    });
    take(mergeRanked([counting(), counting(), counting()]), 20);
    expect(made).toBeLessThanOrEqual(22);
  });

  test("equal entries come in the order of their lists", () => {
    const twin = (id: number): Entry => ({ id, steps: [] });
    expect(merged([[twin(1)], [twin(2)]]).map(({ id }) => id)).toEqual([1, 2]);
  });
});
