/** What `GET /metrics` tells, out of what was gathered: Meilisearch's names, then Miroir's own. */
import { sortedByBytes } from "../settings/attribute-patterns.ts";
import { TASK_STATUSES } from "../tasks/task.ts";
import { TASK_TYPES } from "../query/parse-tasks.ts";
import { BUCKETS, ENDLESS, type Count } from "./request-counts.ts";
import type { Family, Sample } from "./exposition.ts";

export interface Gathered {
  readonly databaseBytes: number;
  readonly counts: readonly Count[];
  /** Documents by index. */
  readonly documents: ReadonlyMap<string, number>;
  readonly isIndexing: boolean;
  /** Seconds since the Unix epoch; null before the first index. */
  readonly lastUpdate: number | null;
  readonly tasks: {
    readonly statuses: ReadonlyMap<string, number>;
    readonly types: ReadonlyMap<string, number>;
    readonly indexes: ReadonlyMap<string, number>;
    /** Seconds that the oldest waiting task has waited. */
    readonly latency: number;
  };
  readonly epoch: number;
  /** Nodes, and whether each can be used. */
  readonly nodes: ReadonlyMap<string, boolean>;
  /** Index and node of replicas that searches do not use now. */
  readonly lagging: readonly (readonly [string, string])[];
}

export function families(gathered: Gathered): readonly Family[] {
  const { tasks, databaseBytes } = gathered;
  return [
    gauge("meilisearch_db_size_bytes", "Meilisearch DB Size In Bytes", databaseBytes),
    requests(gathered.counts),
    times(gathered.counts),
    gauge("meilisearch_index_count", "Meilisearch Index Count", gathered.documents.size),
    {
      name: "meilisearch_index_docs_count",
      help: "Meilisearch Index Docs Count",
      type: "gauge",
      samples: samples(gathered.documents, (index) => ({ index })),
    },
    gauge("meilisearch_is_indexing", "Meilisearch Is Indexing", Number(gathered.isIndexing)),
    gauge("meilisearch_last_update", "Meilisearch Last Update", gathered.lastUpdate),
    {
      name: "meilisearch_nb_tasks",
      help: "Meilisearch Number of tasks",
      type: "gauge",
      samples: [
        ...samples(tasks.indexes, (value) => ({ kind: "indexes", value })),
        ...samples(withZeros(tasks.statuses, TASK_STATUSES), (value) => ({
          kind: "statuses",
          value,
        })),
        ...samples(withZeros(tasks.types, TASK_TYPES), (value) => ({ kind: "types", value })),
      ],
    },
    gauge(
      "meilisearch_task_queue_latency_seconds",
      "Meilisearch Task Queue Latency in Seconds",
      tasks.latency,
    ),
    gauge("meilisearch_used_db_size_bytes", "Meilisearch Used DB Size In Bytes", databaseBytes),
    gauge("miroir_epoch", "Epoch of the topology", gathered.epoch),
    {
      name: "miroir_node_healthy",
      help: "Whether a node can be used",
      type: "gauge",
      samples: [...gathered.nodes].map(([node, is]) => ({ labels: { node }, value: Number(is) })),
    },
    {
      name: "miroir_replica_lagging",
      help: "Replicas that miss finished tasks",
      type: "gauge",
      samples: gathered.lagging.map(([index, node]) => ({ labels: { index, node }, value: 1 })),
    },
  ];
}

function gauge(name: string, help: string, value: number | null): Family {
  return { name, help, type: "gauge", samples: value === null ? [] : [{ labels: {}, value }] };
}

function samples(
  values: ReadonlyMap<string, number>,
  labels: (key: string) => Readonly<Record<string, string>>,
): readonly Sample[] {
  return sortedByBytes(values.keys()).map((key) => ({
    labels: labels(key),
    value: values.get(key) ?? 0,
  }));
}

function withZeros(
  values: ReadonlyMap<string, number>,
  keys: readonly string[],
): ReadonlyMap<string, number> {
  return new Map([...keys.map((key) => [key, 0] as const), ...values]);
}

function requests(counts: readonly Count[]): Family {
  return {
    name: "meilisearch_http_requests_total",
    help: "Meilisearch HTTP requests total",
    type: "counter",
    samples: counts
      .filter(({ name }) => name === "requests")
      .map(({ method, path, label: status, value }) => ({
        labels: { method, path, status },
        value,
      })),
  };
}

function times(counts: readonly Count[]): Family {
  const byRoute = Map.groupBy(counts, ({ method, path }) => `${method} ${path}`);
  return {
    name: "meilisearch_http_response_time_seconds",
    help: "Meilisearch HTTP response times",
    type: "histogram",
    samples: [...byRoute.values()].flatMap(timesOfRoute),
  };
}

function timesOfRoute(counts: readonly Count[]): readonly Sample[] {
  const [first] = counts;
  if (first === undefined) return [];
  const labels = { method: first.method, path: first.path };
  const valueOf = (name: Count["name"], label: string): number =>
    counts.find((count) => count.name === name && count.label === label)?.value ?? 0;
  const bounds = [...BUCKETS.map(String), ENDLESS];
  return [
    ...bounds.map((le) => ({
      suffix: "_bucket",
      labels: { ...labels, le },
      value: valueOf("bucket", le),
    })),
    { suffix: "_sum", labels, value: valueOf("seconds", "") },
    { suffix: "_count", labels, value: valueOf("timed", "") },
  ];
}
