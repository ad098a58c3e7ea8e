/**
 * Stats of an index: how many documents there are is counted over one replica of each shard, what
 * nodes keep about their documents is summed over all of them (see `core/merge/stats.ts`). Sizes are
 * those on the nodes, with the shard mark and partly filled pages of each.
 */
import { readDocumentsAnswer } from "../core/merge/documents.ts";
import {
  averageDocumentSize,
  mergeIndexStats,
  readIndexStats,
  type IndexStats,
} from "../core/merge/stats.ts";
import { NODE_CALL_DEADLINE_MS } from "../core/limits.ts";
import type { StatsQuery } from "../core/query/parse-stats.ts";
import { roundedSize } from "../core/tasks/human-size.ts";
import type { IndexEntry, Node } from "../core/topology/topology.ts";
import { attempt } from "./attempt.ts";
import { fetchRequest } from "./documents-request.ts";
import type { ReadContext } from "./read-context.ts";
import { scatter, type Scattered } from "./scatter.ts";

export interface StatsOutcome {
  readonly stats: IndexStats;
  readonly averageDocumentSize: number;
  readonly missing: Scattered["missing"];
}

/** The stats of one index; `isIndexing` is what the nodes say. */
export async function indexStats(
  read: ReadContext,
  index: IndexEntry,
  { showInternalDatabaseSizes }: Pick<StatsQuery, "showInternalDatabaseSizes"> = {
    showInternalDatabaseSizes: false,
  },
): Promise<StatsOutcome> {
  const [counted, nodes] = await Promise.all([
    countDocuments(read, index),
    nodeStats(read, index, showInternalDatabaseSizes ? "?showInternalDatabaseSizes=true" : ""),
  ]);
  const stats = mergeIndexStats(nodes, counted.documents);
  return { stats, averageDocumentSize: averageDocumentSize(stats), missing: counted.missing };
}

const NOTHING = {
  offset: 0,
  limit: 0,
  fields: [],
  filter: null,
  ids: null,
  sort: null,
  retrieveVectors: false,
};

async function countDocuments(
  read: ReadContext,
  index: IndexEntry,
): Promise<{ readonly documents: number; readonly missing: Scattered["missing"] }> {
  if (index.primaryKey === undefined) return { documents: 0, missing: [] };
  const { answers, missing } = await scatter(read, index, (part) =>
    fetchRequest(index, part, NOTHING, { offset: 0, limit: 0 }),
  );
  const totals = answers.map(({ text }) => readDocumentsAnswer(text).total);
  return { documents: totals.reduce((sum, total) => sum + total, 0), missing };
}

/** The stats of every node in sync that answers. */
export async function nodeStats(
  read: ReadContext,
  index: IndexEntry,
  search = "",
): Promise<readonly IndexStats[]> {
  const holders = new Set(index.shardMap.flat());
  const nodes = read.topology.nodes.filter(
    ({ id }) => holders.has(id) && !index.lagging.includes(id),
  );
  const stats = await Promise.all(nodes.map((node) => statsOf(read, index, node, search)));
  return stats.flat();
}

async function statsOf(
  read: ReadContext,
  index: IndexEntry,
  node: Node,
  search: string,
): Promise<readonly IndexStats[]> {
  const path = `/indexes/${encodeURIComponent(index.physical)}/stats${search}`;
  const timeLeft = Math.min(NODE_CALL_DEADLINE_MS, read.deadlineAt - read.now());
  const reply = await attempt(read, node, { method: "GET", path }, timeLeft);
  return reply.kind === "answered" ? [readIndexStats(reply.text)] : [];
}

/** A size as the client wants it written. */
export function sizeView(bytes: number, format: StatsQuery["sizeFormat"]): number | string {
  return format === "human" ? roundedSize(bytes) : bytes;
}

/** The response of `GET /indexes/{uid}/stats`. */
export function indexStatsBody(
  { stats, averageDocumentSize: average }: StatsOutcome,
  { showInternalDatabaseSizes, sizeFormat }: StatsQuery,
): string {
  const { fieldDistribution, databaseSizes, ...counts } = stats;
  const size = (bytes: number): string => JSON.stringify(sizeView(bytes, sizeFormat));
  const databases = [...databaseSizes].map(
    ([database, bytes]) => `${JSON.stringify(database)}:${size(bytes)}`,
  );
  const fields = [...fieldDistribution].map(
    ([field, count]) => `${JSON.stringify(field)}:${count}`,
  );
  return [
    `{"numberOfDocuments":${counts.numberOfDocuments}`,
    `"rawDocumentDbSize":${size(counts.rawDocumentDbSize)}`,
    `"avgDocumentSize":${size(average)}`,
    `"isIndexing":${counts.isIndexing}`,
    ...(showInternalDatabaseSizes ? [`"internalDatabaseSizes":{${databases.join(",")}}`] : []),
    `"numberOfEmbeddings":${counts.numberOfEmbeddings}`,
    `"numberOfEmbeddedDocuments":${counts.numberOfEmbeddedDocuments}`,
    `"fieldDistribution":{${fields.join(",")}}}`,
  ].join(",");
}
