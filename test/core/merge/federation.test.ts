import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { mergeIndexes, mergeQueries } from "../../../worker/core/merge/federation.ts";
import {
  compareFederated,
  federatedHit,
  type FederatedHit,
} from "../../../worker/core/merge/federation-score.ts";
import { decodeHit } from "../../../worker/core/merge/hit.ts";
import type { ScoreValue } from "../../../worker/core/merge/hybrid.ts";
import { TypoMaxima } from "../../../worker/core/ranking/recompute-score.ts";
import { indexOf, queryOf } from "../../search/read-fixtures.ts";

const index = indexOf();

const score = (value: number): ScoreValue => ({ kind: "score", value });
const sort = (value: string | number | null, asc = true): ScoreValue => ({
  kind: "sort",
  asc,
  value,
});
const geo = (distance: number | null, asc = true): ScoreValue => ({ kind: "geo", asc, distance });

function hitOf(
  id: number,
  values: readonly ScoreValue[],
  { position = 0, global = 0, document = `{"id":${id}}` } = {},
): FederatedHit {
  const hit = decodeHit(document, 0);
  const steps = [{ kind: "sort", rule: "id:asc", asc: true, value: id }] as const;
  return { hit: { ...hit, steps }, index, position, score: global, values };
}

describe("hits of different queries", () => {
  test.for<[string, readonly ScoreValue[], readonly ScoreValue[], "first" | "second" | "equal"]>([
    ["the better score", [score(0.9)], [score(0.8)], "first"],
    ["scores equal but for rounding", [score(0.1 + 0.2)], [score(0.3)], "equal"],
    ["the lower value where both ascend", [sort(1)], [sort(2)], "first"],
    ["the higher value where both descend", [sort(1, false)], [sort(2, false)], "second"],
    ["numbers before strings", [sort("a", false)], [sort(1, false)], "second"],
    ["any value before none", [sort(null)], [sort("z")], "second"],
    ["the nearer place where both ascend", [geo(5)], [geo(9)], "first"],
    ["the farther place where both descend", [geo(5, false)], [geo(9, false)], "second"],
    ["any place before none", [geo(null)], [geo(9)], "second"],
    ["the longer list of equals", [score(1), sort(1)], [score(1)], "first"],
    ["more rules left where kinds differ", [score(1), sort(1)], [sort(1)], "first"],
  ])("%s wins", ([, a, b, winner]) => {
    const order = compareFederated(hitOf(1, a), hitOf(2, b));
    expect(order < 0 ? "first" : order > 0 ? "second" : "equal").toBe(winner);
    expect(Math.sign(compareFederated(hitOf(2, b), hitOf(1, a)))).toBe(-Math.sign(order) + 0);
  });

  test("ranking scores decide where kinds differ and as many rules are left", () => {
    const worse = hitOf(1, [score(1)], { global: 0.5 });
    const better = hitOf(2, [sort(1)], { global: 0.7 });
    expect(compareFederated(worse, better)).toBeGreaterThan(0);
  });

  test("equals come in the order of their queries", () => {
    const second = hitOf(1, [score(1)], { position: 1 });
    const first = hitOf(2, [score(1)], { position: 0 });
    expect(mergeIndexes([[second], [first]], { distinct: null, limit: 9 }).hits).toEqual([
      first,
      second,
    ]);
  });
});

describe("the queries of one index", () => {
  const options = { primaryKey: "id", distinct: null, limit: 10 };

  test("show a document once, by the query that ranks it best", () => {
    const a = [hitOf(1, [score(0.9)]), hitOf(2, [score(0.2)])];
    const b = [hitOf(2, [score(0.8)], { position: 1 }), hitOf(1, [score(0.1)], { position: 1 })];
    const { hits } = mergeQueries([a, b], options);
    expect(hits).toEqual([a[0], b[0]]);
  });

  test("tell ids apart that sort alike", () => {
    const upper = hitOf(1, [score(0.9)], { document: '{"id":"A"}' });
    const lower = hitOf(1, [score(0.8)], { document: '{"id":"a"}', position: 1 });
    expect(mergeQueries([[upper], [lower]], options).hits).toEqual([upper, lower]);
  });

  test("leave out what distinct rejects, up to the limit", () => {
    const hits = ["r", "r", "g", "r"].map((colour, id) =>
      hitOf(id, [score(1 - id / 10)], { document: `{"id":${id},"c":"${colour}"}` }),
    );
    const merged = mergeQueries([hits], { ...options, distinct: "c", limit: 2 });
    expect(merged.hits).toEqual([hits[0], hits[2]]);
    // The last one was not come to.
    expect(merged.rejected).toEqual([hits[1]]);
    expect(mergeIndexes([hits], { distinct: "c", limit: 1 }).rejected).toEqual([hits[1], hits[3]]);
  });

  test("are merged as if sorted together", () => {
    const list = fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 8 });
    fc.assert(
      fc.property(fc.array(list, { maxLength: 4 }), (lists) => {
        let id = 0;
        const sorted = lists.map((values, position) =>
          values
            .toSorted((a, b) => b - a)
            .map((value) => hitOf((id += 1), [score(value)], { position })),
        );
        const { hits } = mergeQueries(sorted, { ...options, limit: 100 });
        expect(hits).toEqual(sorted.flat().toSorted(compareFederated));
      }),
    );
  });
});

describe("what a hit is compared by", () => {
  const details = {
    words: { order: 0, matchingWords: 1, maxMatchingWords: 1, score: 1 },
    typo: { order: 1, typoCount: 1, maxTypoCount: 1, score: 0.5 },
    "id:asc": { order: 2, value: 7 },
  };
  const scores = `"_rankingScore":0.5,"_rankingScoreDetails":${JSON.stringify(details)}`;
  const values = JSON.stringify([{ weightedScore: 0.5 }, { sort: { asc: true, value: 7 } }]);
  const federated = `{"id":7,"_federation":{"weightedScoreValues":${values}},${scores}}`;
  const plain = `{"id":7,${scores}}`;
  const scale = (maxima: TypoMaxima) => ({
    index,
    query: queryOf({ q: "a" }),
    position: 2,
    place: 2,
    weight: 2,
    maxima,
  });

  test.for([federated, plain])("is weighed and without the nodes' own rule: %s", (text) => {
    const hit = decodeHit(text, 0);
    const { score: weighed, values: compared } = federatedHit(hit, scale(new TypoMaxima()));
    expect(weighed).toBe(1);
    expect(compared).toEqual([score(1)]);
  });

  test.for([federated, plain])("is on the scale of all shards: %s", (text) => {
    const maxima = new TypoMaxima();
    const typo = { order: 1, typoCount: 3, maxTypoCount: 3, score: 0.25 };
    const other = JSON.stringify({ ...details, typo });
    maxima.see(decodeHit(`{"id":8,"_rankingScoreDetails":${other}}`, 0));
    const hit = decodeHit(text, 0);
    maxima.see(hit);
    const { score: weighed, values: compared } = federatedHit(hit, scale(maxima));
    // One typo of at most three: the fold after typo, 1 - (0.5 - 0.5) * 2, is kept.
    expect(weighed).toBeCloseTo(2 * 0.75, 10);
    expect(compared).toEqual([{ kind: "score", value: expect.closeTo(1.5, 10) }]);
  });

  test("keeps a client's own sort by the primary key", () => {
    const sorted = { ...scale(new TypoMaxima()), query: queryOf({ q: "a", sort: ["id:asc"] }) };
    expect(federatedHit(decodeHit(federated, 0), sorted).values).toHaveLength(2);
  });
});
