import { expect, test } from "vitest";

import { indexStats, indexStatsBody } from "../../worker/search/stats.ts";
import { indexOn, nodeIds, readContext, ScriptedFleet } from "./document-fleet.ts";

const NODE_STATS = JSON.stringify({
  numberOfDocuments: 20,
  rawDocumentDbSize: 2160,
  avgDocumentSize: 100,
  isIndexing: false,
  numberOfEmbeddings: 20,
  numberOfEmbeddedDocuments: 20,
  fieldDistribution: { _miroir_shard: 20, id: 20, title: 10 },
});

test("replicas are counted once, and the sizes are those of one copy", async () => {
  const index = indexOn(nodeIds(3), 2);
  const fleet = new ScriptedFleet(({ path }) =>
    path.endsWith("/stats") ? NODE_STATS : '{"results":[],"offset":0,"limit":0,"total":15}',
  );
  const outcome = await indexStats(readContext(fleet, nodeIds(3), index), index);
  expect(indexStatsBody(outcome)).toBe(
    '{"numberOfDocuments":30,"rawDocumentDbSize":3240,"avgDocumentSize":100,"isIndexing":false,"numberOfEmbeddings":30,"numberOfEmbeddedDocuments":30,"fieldDistribution":{"id":30,"title":15}}',
  );
});

test("a lagging node is not asked", async () => {
  const [lagging, ...others] = nodeIds(3);
  const index = { ...indexOn(nodeIds(3), 2), lagging: lagging === undefined ? [] : [lagging] };
  const fleet = new ScriptedFleet(({ path }) =>
    path.endsWith("/stats") ? NODE_STATS : '{"results":[],"offset":0,"limit":0,"total":20}',
  );
  await indexStats(readContext(fleet, nodeIds(3), index), index);
  expect(new Set(fleet.sent.map(({ node }) => node))).toEqual(new Set(others));
});
