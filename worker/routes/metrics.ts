/** GET `/metrics`: the state of the cluster and its traffic, for Prometheus. */
import { CONTENT_TYPE, exposition } from "../core/metrics/exposition.ts";
import { families, type Gathered } from "../core/metrics/families.ts";
import type { Call } from "../http/call.ts";
import { MetricsStore } from "../metrics/metrics-store.ts";
import { indexStats } from "../search/stats.ts";
import { gate, nothing } from "./gate.ts";
import type { Route } from "./route.ts";

export const metricsRoutes: readonly Route[] = [
  gate("metrics", "GET", "/metrics", {
    action: "metrics.get",
    doing: "Getting metrics",
    read: nothing,
    serve: async (_, call) =>
      new Response(exposition(families(await gathered(call))), {
        headers: { "Content-Type": CONTENT_TYPE },
      }),
  }),
];

async function gathered(call: Call): Promise<Gathered> {
  const read = await call.read();
  const store = new MetricsStore(call.env.TASKS);
  const documents = new Map<string, number>();
  let databaseBytes = 0;
  const { epoch, nodes, indexes } = read.topology;
  for (const index of indexes.values()) {
    const { stats } = await indexStats(read, index);
    documents.set(index.uid, stats.numberOfDocuments);
    databaseBytes += stats.rawDocumentDbSize;
  }
  const tasks = await store.tasks(Date.now());
  const updates = [...indexes.values()].map(({ updatedAt }) => updatedAt);
  return {
    databaseBytes,
    counts: await store.counts(),
    documents,
    isIndexing: (tasks.statuses.get("processing") ?? 0) + (tasks.statuses.get("enqueued") ?? 0) > 0,
    lastUpdate: updates.length === 0 ? null : Math.floor(Math.max(...updates) / 1000),
    tasks,
    epoch,
    nodes: new Map(nodes.map(({ id, health }) => [id, health === "healthy"])),
    lagging: [...indexes.values()].flatMap(({ uid, lagging }) =>
      lagging.map((node) => [uid, node] as const),
    ),
  };
}
