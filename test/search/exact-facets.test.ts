/** The second round of facets by count, over nodes that list 10,000 values each. */
import { expect, test } from "vitest";

import type { NodeRequest } from "../../worker/nodes/node-client.ts";
import { searchIndex } from "../../worker/search/search.ts";
import { answered, fleetOf, indexOf, queryOf } from "./read-fixtures.ts";

const LISTED = 10_000;
const index = indexOf({
  filterableAttributes: ["tag"],
  faceting: { maxValuesPerFacet: 2, sortFacetValuesBy: { "*": "count" } },
});

type Counts = Readonly<Record<string, number>>;

/** A node with so many documents of each tag, as it answers whatever it is asked. */
function node(counts: Counts) {
  return (request: NodeRequest) => {
    const body = typeof request.body === "string" ? request.body : "";
    const wanted = /\\"tag\\" IN \[(.*?)\]/.exec(body)?.[1];
    const tags = wanted?.match(/[a-z]+\d*/g);
    const listed = Object.entries(counts)
      .filter(([tag]) => tags?.includes(tag) ?? true)
      .sort(([, a], [, b]) => b - a)
      .slice(0, LISTED);
    return answered({
      hits: [],
      processingTimeMs: 0,
      limit: 0,
      offset: 0,
      estimatedTotalHits: 1,
      facetsByIndex: {
        "movies-1": { distribution: { tag: Object.fromEntries(listed) }, stats: {} },
      },
    });
  };
}

const filler = (prefix: string, count: number): Counts =>
  Object.fromEntries(Array.from({ length: LISTED }, (_, at) => [`${prefix}${at}`, count]));

async function shown(left: Counts, right: Counts) {
  const fleet = fleetOf({ n0: node(left), n1: node(right) });
  const query = queryOf({ facets: ["tag"], window: { kind: "slice", offset: 0, limit: 0 } });
  const { body } = await searchIndex(fleet, index, query, { requestUid: "r" });
  const { facetDistribution } = JSON.parse(body) as { facetDistribution: { tag: Counts } };
  return { tags: facetDistribution.tag, requests: fleet.asked.length };
}

test("a value that one node does not list is counted there", async () => {
  const left = { ...filler("a", 2), top: 9, common: 5 };
  const right = { ...filler("b", 6), common: 5, top: 1 };
  expect(await shown(left, right)).toEqual({ tags: { common: 10, top: 10 }, requests: 4 });
});

test("one round is enough where lists are whole", async () => {
  const { tags, requests } = await shown({ x: 3, y: 1 }, { y: 4 });
  expect(tags).toEqual({ y: 5, x: 3 });
  expect(requests).toBe(2);
});
