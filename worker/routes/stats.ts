/** Statistics of one index and of the whole instance. */
import { compareText } from "../core/json/text-order.ts";
import { checkIndexUid } from "../core/query/parse-index.ts";
import { parseStats } from "../core/query/parse-stats.ts";
import type { Call } from "../http/call.ts";
import { jsonText, visibleIndex } from "../http/call.ts";
import { readResponse } from "../http/read-response.ts";
import { indexStats, indexStatsBody, sizeView } from "../search/stats.ts";
import type { Route } from "./route.ts";

export const statsRoutes: readonly Route[] = [
  { method: "GET", path: "/indexes/:indexUid/stats", action: "stats.get", serve: ofIndex },
  { method: "GET", path: "/stats", action: "stats.get", serve: ofAll },
];

async function ofIndex(call: Call): Promise<Response> {
  const uid = checkIndexUid(call.uid);
  const query = parseStats(call.query);
  const read = await call.read();
  const outcome = await indexStats(read, visibleIndex(read.topology, uid), query);
  return readResponse({ body: indexStatsBody(outcome, query), missing: outcome.missing });
}

/** Sizes are those of the documents: what a node's database holds besides is its own affair. */
async function ofAll(call: Call): Promise<Response> {
  const query = parseStats(call.query);
  const read = await call.read();
  const indexes = [...read.topology.indexes.values()]
    .filter(({ uid }) => call.access.allows(uid))
    .toSorted((a, b) => compareText(a.uid, b.uid));
  const outcomes = [];
  for (const index of indexes)
    outcomes.push([index, await indexStats(read, index, query)] as const);
  const bytes = outcomes.reduce((sum, [, { stats }]) => sum + stats.rawDocumentDbSize, 0);
  const databaseSize = sizeView(bytes, query.sizeFormat);
  const updates = indexes.map(({ updatedAt }) => updatedAt);
  const head = JSON.stringify({
    databaseSize,
    usedDatabaseSize: databaseSize,
    lastUpdate: updates.length === 0 ? null : new Date(Math.max(...updates)).toISOString(),
  });
  const bodies = outcomes.map(
    ([{ uid }, outcome]) => `${JSON.stringify(uid)}:${indexStatsBody(outcome, query)}`,
  );
  return jsonText(`${head.slice(0, -1)},"indexes":{${bodies.join(",")}}}`);
}
