/** Statistics of one index and of the whole instance. */
import { compareText } from "../core/json/text-order.ts";
import { checkIndexUid } from "../core/query/parse-index.ts";
import type { Call } from "../http/call.ts";
import { jsonText, visibleIndex } from "../http/call.ts";
import { readResponse } from "../http/read-response.ts";
import { indexStats, indexStatsBody } from "../search/stats.ts";
import type { Route } from "./route.ts";

export const statsRoutes: readonly Route[] = [
  { method: "GET", path: "/indexes/:indexUid/stats", action: "stats.get", serve: ofIndex },
  { method: "GET", path: "/stats", action: "stats.get", serve: ofAll },
];

async function ofIndex(call: Call): Promise<Response> {
  const uid = checkIndexUid(call.uid);
  const read = await call.read();
  const outcome = await indexStats(read, visibleIndex(read.topology, uid));
  return readResponse({ body: indexStatsBody(outcome), missing: outcome.missing });
}

/** Sizes are those of the documents: what a node's database holds besides is its own affair. */
async function ofAll(call: Call): Promise<Response> {
  const read = await call.read();
  const indexes = [...read.topology.indexes.values()]
    .filter(({ uid }) => call.access.allows(uid))
    .toSorted((a, b) => compareText(a.uid, b.uid));
  const outcomes = [];
  for (const index of indexes) outcomes.push([index, await indexStats(read, index)] as const);
  const databaseSize = outcomes.reduce((sum, [, { stats }]) => sum + stats.rawDocumentDbSize, 0);
  const updates = indexes.map(({ updatedAt }) => updatedAt);
  const head = JSON.stringify({
    databaseSize,
    usedDatabaseSize: databaseSize,
    lastUpdate: updates.length === 0 ? null : new Date(Math.max(...updates)).toISOString(),
  });
  const bodies = outcomes.map(
    ([{ uid }, outcome]) => `${JSON.stringify(uid)}:${indexStatsBody(outcome)}`,
  );
  return jsonText(`${head.slice(0, -1)},"indexes":{${bodies.join(",")}}}`);
}
