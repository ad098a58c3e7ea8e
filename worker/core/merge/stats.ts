/**
 * The stats of an index out of its nodes' stats. Nodes count every replica they hold, so what they
 * count is scaled by how many documents they hold together against how many there are: exact when
 * all replicas were counted and are in sync, an estimate while one is missing or behind.
 */
import { compareText } from "../json/text-order.ts";
import { members, valueText } from "../json/text-scanner.ts";
import { MARK_FIELD } from "../placement/shard-mark.ts";

export interface IndexStats {
  readonly numberOfDocuments: number;
  readonly rawDocumentDbSize: number;
  readonly isIndexing: boolean;
  readonly numberOfEmbeddings: number;
  readonly numberOfEmbeddedDocuments: number;
  readonly fieldDistribution: ReadonlyMap<string, number>;
  /** Bytes by database; empty where they were not asked for. */
  readonly databaseSizes: ReadonlyMap<string, number>;
}

/** A node's stats of one index; throws `SyntaxError` when the text is not that. */
export function readIndexStats(text: string): IndexStats {
  const found = new Map(members(text).map((member) => [member.key, valueText(text, member)]));
  const count = (key: string): number => Number(found.get(key) ?? 0);
  const counts = (key: string): ReadonlyMap<string, number> => {
    const object = found.get(key) ?? "{}";
    return new Map(members(object).map((each) => [each.key, Number(valueText(object, each))]));
  };
  return {
    numberOfDocuments: count("numberOfDocuments"),
    rawDocumentDbSize: count("rawDocumentDbSize"),
    isIndexing: found.get("isIndexing") === "true",
    numberOfEmbeddings: count("numberOfEmbeddings"),
    numberOfEmbeddedDocuments: count("numberOfEmbeddedDocuments"),
    fieldDistribution: counts("fieldDistribution"),
    databaseSizes: counts("internalDatabaseSizes"),
  };
}

/** The stats of the whole, of which `documents` is the exact number of documents. */
export function mergeIndexStats(nodes: readonly IndexStats[], documents: number): IndexStats {
  const sum = (of: (node: IndexStats) => number): number =>
    nodes.reduce((total, node) => total + of(node), 0);
  const held = sum((node) => node.numberOfDocuments);
  const scaled = (count: number): number =>
    held === 0 ? 0 : Math.round((count * documents) / held);
  const fields = [...sums(nodes.map((node) => node.fieldDistribution))]
    .filter(([field]) => field !== MARK_FIELD)
    .sort(([a], [b]) => compareText(a, b));
  const sizes = [...sums(nodes.map((node) => node.databaseSizes))];
  return {
    numberOfDocuments: documents,
    rawDocumentDbSize: scaled(sum((node) => node.rawDocumentDbSize)),
    isIndexing: nodes.some((node) => node.isIndexing),
    numberOfEmbeddings: scaled(sum((node) => node.numberOfEmbeddings)),
    numberOfEmbeddedDocuments: scaled(sum((node) => node.numberOfEmbeddedDocuments)),
    fieldDistribution: new Map(
      fields.flatMap(([field, count]) => {
        const whole = scaled(count);
        return whole === 0 ? [] : [[field, whole] as const];
      }),
    ),
    databaseSizes: new Map(sizes.map(([database, size]) => [database, scaled(size)] as const)),
  };
}

/** By key, in the order in which keys first come. */
function sums(maps: readonly ReadonlyMap<string, number>[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const [key, count] of maps.flatMap((map) => [...map])) {
    found.set(key, (found.get(key) ?? 0) + count);
  }
  return found;
}

/** What an entry of a node's document store takes besides the document: a key and its header. */
const ENTRY_OVERHEAD_BYTES = 8;

/** The average as Meilisearch takes it: of the values in its document store. */
export function averageDocumentSize(stats: IndexStats): number {
  const { numberOfDocuments: count, rawDocumentDbSize: size } = stats;
  if (count === 0) return 0;
  return Math.max(0, Math.floor((size - count * ENTRY_OVERHEAD_BYTES) / count));
}
