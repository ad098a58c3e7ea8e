import { expect, test } from "vitest";

import { parseFacetSearchBody } from "../../worker/core/query/parse-facet-search.ts";
import { shardOfMark } from "../../worker/core/placement/shard-mark.ts";
import { facetSearch } from "../../worker/search/facet-search.ts";
import { indexOn, nodeIds, readContext, ScriptedFleet } from "./document-fleet.ts";

const QUERY = parseFacetSearchBody(
  JSON.stringify({ facetName: "brand", facetQuery: "a", filter: "price > 3" }),
);

const answers: Record<string, string> = {
  n0: '{"facetHits":[{"value":"Acme","count":2},{"value":"Axe","count":1}],"facetQuery":"a","processingTimeMs":1}',
  n1: '{"facetHits":[{"value":"acme","count":1},{"value":"Azur","count":4}],"facetQuery":"a","processingTimeMs":1}',
  n2: '{"facetHits":[],"facetQuery":"a","processingTimeMs":1}',
};

test("counts of all nodes add up, cut at the client's limit", async () => {
  const index = indexOn(nodeIds(3), 1, {
    faceting: { maxValuesPerFacet: 2, sortFacetValuesBy: { "*": "alpha", brand: "count" } },
  });
  const fleet = new ScriptedFleet(({ node }) => answers[node] ?? "");
  const { body } = await facetSearch(readContext(fleet, nodeIds(3), index), index, QUERY);
  expect(body).toBe(
    '{"facetHits":[{"value":"Azur","count":4},{"value":"Acme","count":3}],"facetQuery":"a","processingTimeMs":1}',
  );
  expect(fleet.sent.map(({ path }) => path)).toEqual(
    Array.from({ length: 3 }, () => "/indexes/movies-1/facet-search"),
  );
  expect(fleet.sent[0]?.body).toEqual({
    facetName: "brand",
    facetQuery: "a",
    filter: "price > 3",
  });
});

test("with replicas every shard counts once", async () => {
  const index = indexOn(nodeIds(3), 2);
  const fleet = new ScriptedFleet(({ node }) => answers[node] ?? "");
  await facetSearch(readContext(fleet, nodeIds(3), index), index, QUERY);
  const counted = fleet.sent.flatMap(({ node, body }) => {
    const marks = JSON.stringify(body["filter"]).match(/[«»]+/g);
    const held = index.shardMap.flatMap((nodes, shard) => (nodes.includes(node) ? [shard] : []));
    return marks === null ? held : marks.map(shardOfMark);
  });
  expect(counted.toSorted((a, b) => Number(a) - Number(b))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
});
