import { expect, test } from "vitest";

import { exposition } from "../../../worker/core/metrics/exposition.ts";
import { families } from "../../../worker/core/metrics/families.ts";
import { RequestCounts } from "../../../worker/core/metrics/request-counts.ts";

const NOTHING = {
  databaseBytes: 0,
  counts: [],
  documents: new Map<string, number>(),
  isIndexing: false,
  lastUpdate: null,
  tasks: { statuses: new Map(), types: new Map(), indexes: new Map(), latency: 0 },
  epoch: 1,
  nodes: new Map<string, boolean>(),
  lagging: [],
} as const;

function linesOf(counts: RequestCounts): readonly string[] {
  return exposition(families({ ...NOTHING, counts: counts.take() })).split("\n");
}

test("requests are counted by method, route and status, and their times in buckets", () => {
  const counts = new RequestCounts();
  const path = "/indexes/:indexUid/documents/:documentId";
  counts.add({ method: "GET", path, status: 200, seconds: 0.03 });
  counts.add({ method: "GET", path, status: 200, seconds: 0.2 });
  counts.add({ method: "GET", path, status: 404, seconds: 60 });
  const route = 'method="GET",path="/indexes/{index_uid}/documents/{document_id}"';
  const lines = linesOf(counts);
  expect(lines).toContain(`meilisearch_http_requests_total{${route},status="200"} 2`);
  expect(lines).toContain(`meilisearch_http_requests_total{${route},status="404"} 1`);
  const name = "meilisearch_http_response_time_seconds";
  expect(lines).toContain(`${name}_bucket{${route},le="0.025"} 0`);
  expect(lines).toContain(`${name}_bucket{${route},le="0.05"} 1`);
  expect(lines).toContain(`${name}_bucket{${route},le="0.25"} 2`);
  expect(lines).toContain(`${name}_bucket{${route},le="10"} 2`);
  expect(lines).toContain(`${name}_bucket{${route},le="+Inf"} 3`);
  expect(lines).toContain(`${name}_count{${route}} 3`);
});

test("counts are handed over once, and again when they were given back", () => {
  const counts = new RequestCounts();
  const request = { method: "GET", path: "/health", status: 200, seconds: 0 };
  counts.add(request);
  const taken = counts.take();
  expect(counts.take()).toEqual([]);
  counts.add(request);
  counts.giveBack(taken);
  expect(counts.take().find(({ name }) => name === "requests")?.value).toBe(2);
});

test("statuses and types of no task are told as 0, indexes are not", () => {
  const tasks = {
    ...NOTHING.tasks,
    statuses: new Map([["failed", 3]]),
    indexes: new Map([["m", 3]]),
  };
  const lines = exposition(families({ ...NOTHING, tasks })).split("\n");
  expect(lines).toContain('meilisearch_nb_tasks{kind="statuses",value="failed"} 3');
  expect(lines).toContain('meilisearch_nb_tasks{kind="statuses",value="enqueued"} 0');
  expect(lines).toContain('meilisearch_nb_tasks{kind="types",value="dumpCreation"} 0');
  expect(lines).toContain('meilisearch_nb_tasks{kind="indexes",value="m"} 3');
});

test("a family without samples has no header, and labels are escaped", () => {
  const text = exposition([
    { name: "a", help: "A", type: "gauge", samples: [] },
    { name: "b", help: "B", type: "counter", samples: [{ labels: { x: 'q"\\\n' }, value: 1 }] },
  ]);
  expect(text).toBe('# HELP b B\n# TYPE b counter\nb{x="q\\"\\\\\\n"} 1\n');
});
