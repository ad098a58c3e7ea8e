import { expect, test } from "vitest";

import { indexStats, indexStatsBody } from "../../worker/search/stats.ts";
import { indexOn, nodeIds, readContext, ScriptedFleet } from "./document-fleet.ts";

const PLAIN = { showInternalDatabaseSizes: false, sizeFormat: "raw" } as const;

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
  const outcome = await indexStats(readContext(fleet, nodeIds(3), index), index, PLAIN);
  expect(indexStatsBody(outcome, PLAIN)).toBe(
    '{"numberOfDocuments":30,"rawDocumentDbSize":3240,"avgDocumentSize":100,"isIndexing":false,"numberOfEmbeddings":30,"numberOfEmbeddedDocuments":30,"fieldDistribution":{"id":30,"title":15}}',
  );
});

test("a lagging node is not asked", async () => {
  const [lagging, ...others] = nodeIds(3);
  const index = { ...indexOn(nodeIds(3), 2), lagging: lagging === undefined ? [] : [lagging] };
  const fleet = new ScriptedFleet(({ path }) =>
    path.endsWith("/stats") ? NODE_STATS : '{"results":[],"offset":0,"limit":0,"total":20}',
  );
  await indexStats(readContext(fleet, nodeIds(3), index), index, PLAIN);
  expect(new Set(fleet.sent.map(({ node }) => node))).toEqual(new Set(others));
});

test("each database of the nodes, in words", async () => {
  const query = { showInternalDatabaseSizes: true, sizeFormat: "human" } as const;
  const index = indexOn(nodeIds(3), 2);
  const sizes = { main: 4096, documents: 1_048_576 };
  const fleet = new ScriptedFleet(({ path }) => {
    if (!path.includes("/stats")) return '{"results":[],"offset":0,"limit":0,"total":15}';
    expect(path).toMatch(/\/stats\?showInternalDatabaseSizes=true$/);
    return `${NODE_STATS.slice(0, -1)},"internalDatabaseSizes":${JSON.stringify(sizes)}}`;
  });
  const outcome = await indexStats(readContext(fleet, nodeIds(3), index), index, query);
  const body = JSON.parse(indexStatsBody(outcome, query)) as Record<string, unknown>;
  expect(Object.keys(body)[4]).toBe("internalDatabaseSizes");
  expect(body).toMatchObject({
    rawDocumentDbSize: "3.16 KiB",
    avgDocumentSize: "100 B",
    // Two replicas on three nodes: half of what the three hold.
    internalDatabaseSizes: { main: "6 KiB", documents: "1.5 MiB" },
  });
});
