/**
 * Real Meilisearch nodes on this machine. Their ports and their master key are kept in the folder
 * that holds their data, so that a restart finds the same nodes at the same URLs.
 */
import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { isHealthyWithin } from "./health.ts";
import type { NamedNode } from "./options.ts";
import { isPortFree, nextFreePort } from "./ports.ts";
import type { Processes } from "./processes.ts";
import { StartError } from "./state-folder.ts";

const READY_WITHIN_MS = 30_000;
const LOG_LINES_KEPT = 5;
/** Meilisearch greets with a page of text at every log level. */
const WORTH_SHOWING = /\b(WARN|ERROR)\b|panicked/;

export interface RealNodes {
  readonly nodes: readonly NamedNode[];
  readonly key: string;
}

export interface RealNodesRequest {
  readonly program: string;
  readonly names: readonly string[];
  /** Where data, ports and key are kept. */
  readonly folder: string;
  /** Ports are looked for from here on; those of earlier starts are kept where they are free. */
  readonly portsFrom: number;
  /** Master key; made up and kept when undefined. */
  readonly key: string | undefined;
  readonly onLine: (name: string, line: string) => void;
}

interface Kept {
  readonly key: string;
  readonly ports: Readonly<Record<string, number>>;
}

/** Start the nodes and wait until each is healthy; they end with `processes`. */
export async function startRealNodes(
  processes: Processes,
  request: RealNodesRequest,
): Promise<RealNodes> {
  mkdirSync(request.folder, { recursive: true });
  const file = join(request.folder, "nodes.json");
  const kept = readKept(file);
  const key = request.key ?? kept?.key ?? randomBytes(16).toString("hex");
  const ports = await choosePorts(request, kept?.ports ?? {});
  writeFileSync(file, JSON.stringify({ key, ports }, null, 2), { mode: 0o600 });
  const nodes = request.names.map((id) => ({ id, url: `http://127.0.0.1:${ports[id]}` }));
  await Promise.all(nodes.map((node) => startRealNode(processes, request, node, key)));
  return { nodes, key };
}

/** Start one of the nodes again, at its URL and over its data. */
export async function startRealNode(
  processes: Processes,
  { program, folder, onLine }: RealNodesRequest,
  { id, url }: NamedNode,
  key: string,
): Promise<void> {
  const lastLines: string[] = [];
  const data = join(folder, id);
  mkdirSync(data, { recursive: true });
  processes.start({
    name: id,
    command: program,
    args: argumentsOf(url, data),
    cwd: data,
    environment: environmentOf(key),
    onLine: (line) => {
      lastLines.push(line);
      if (lastLines.length > LOG_LINES_KEPT) lastLines.shift();
      if (WORTH_SHOWING.test(line)) onLine(id, line);
    },
  });
  const isReady = await isHealthyWithin(READY_WITHIN_MS, url, () => processes.isRunning(id));
  if (!isReady) {
    throw new StartError(
      [`node ${id} at ${url} did not start`, ...lastLines].join(": ").replaceAll("\n", " "),
    );
  }
}

const argumentsOf = (url: string, folder: string): string[] => [
  `--http-addr=${new URL(url).host}`,
  `--db-path=${join(folder, "data")}`,
  `--dump-dir=${join(folder, "dumps")}`,
  `--snapshot-dir=${join(folder, "snapshots")}`,
  "--env=development",
  "--log-level=WARN",
  "--no-analytics",
];

/** The user's own MEILI_* settings are for their own Meilisearch; the key stays off the process list. */
function environmentOf(key: string): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith("MEILI_"));
  return { ...Object.fromEntries(others), MEILI_MASTER_KEY: key };
}

async function choosePorts(
  { names, portsFrom }: RealNodesRequest,
  before: Readonly<Record<string, number>>,
): Promise<Record<string, number>> {
  const ports: Record<string, number> = { ...before };
  const taken = new Set(Object.values(before));
  for (const name of names) {
    const port = before[name];
    if (port !== undefined && (await isPortFree(port))) continue;
    const chosen = await nextFreePort(portsFrom, taken);
    ports[name] = chosen;
    taken.add(chosen);
  }
  return ports;
}

function readKept(file: string): Kept | undefined {
  try {
    const kept: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof kept !== "object" || kept === null || !("key" in kept && "ports" in kept)) return;
    const { key, ports } = kept;
    if (typeof key !== "string" || typeof ports !== "object" || ports === null) return;
    const numbers = Object.entries(ports).filter(
      (entry): entry is [string, number] => typeof entry[1] === "number",
    );
    return { key, ports: Object.fromEntries(numbers) };
  } catch {
    return undefined;
  }
}
