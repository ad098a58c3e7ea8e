/** What a bench measured, as Markdown tables that also read well in a terminal. */
import { cpus, totalmem } from "node:os";

import type { CoreTime } from "./core-time.ts";
import type { IngestResult } from "./ingest.ts";
import type { LatencyResult } from "./latency.ts";

export interface Measurements {
  readonly kind: "real" | "embedded";
  readonly documentCount: number;
  readonly queryCount: number;
  readonly sequential: readonly LatencyResult[];
  readonly concurrent: readonly LatencyResult[];
  readonly ingest: readonly IngestResult[];
  readonly core: readonly CoreTime[];
}

/** Contenders that the others are compared with; the first columns of ratios. */
export const NODE = "node directly";
export const FORWARDER = "plain Worker that forwards";

export function reportText(measured: Measurements): string {
  return [
    `${machineText()}; ${measured.kind} nodes; ${measured.documentCount} documents; ${measured.queryCount} different queries.`,
    ["", "Search, one client (milliseconds, as the client sees it):", ""].join("\n"),
    latencyTable(measured.sequential),
    ["", "Search, eight clients:", ""].join("\n"),
    latencyTable(measured.concurrent),
    ["", "Documents in, in batches of 500 (per second):", ""].join("\n"),
    table(
      ["", "accepted", "visible"],
      measured.ingest.map((row) => [
        row.contender,
        row.acceptedPerSecond.toFixed(0),
        row.visiblePerSecond.toFixed(0),
      ]),
    ),
    ["", "CPU time of the pure core (milliseconds, median):", ""].join("\n"),
    table(
      ["", "ms"],
      measured.core.map(({ name, ms }) => [name, ms.toFixed(3)]),
    ),
    "",
  ].join("\n");
}

export function machineText(): string {
  const [first] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} cores (${first?.model.trim() ?? "unknown"}), ${memory} GB, ${process.platform}, Node.js ${process.versions.node}`;
}

function latencyTable(rows: readonly LatencyResult[]): string {
  const against = (name: string): LatencyResult | undefined =>
    rows.find(({ contender }) => contender === name);
  const ratio = (row: LatencyResult, base: LatencyResult | undefined): string =>
    base === undefined ? "-" : `${(row.p50 / base.p50).toFixed(2)} ×`;
  return table(
    ["", "p50", "p95", "p99", "p50 to node", "p50 to forwarder", "requests/s"],
    rows.map((row) => [
      row.contender,
      row.p50.toFixed(2),
      row.p95.toFixed(2),
      row.p99.toFixed(2),
      ratio(row, against(NODE)),
      ratio(row, against(FORWARDER)),
      row.perSecond.toFixed(0),
    ]),
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0), 3),
  );
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (column === 0 ? (row[column] ?? "").padEnd(width) : (row[column] ?? "").padStart(width))).join(" | ")} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`)).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line)].join("\n");
}
