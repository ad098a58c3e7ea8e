/**
 * `npm run bench`: one corpus and one query mix over a node directly, a Worker that only forwards,
 * Miroir over one node and Miroir over three, all on this machine and interleaved. Real nodes where
 * there is a Meilisearch; embedded ones otherwise, which cannot be asked directly.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import type { Contender } from "./bench/client.ts";
import { coreTimes } from "./bench/core-time.ts";
import { corpus, queries } from "./bench/corpus.ts";
import { ingest, type IngestResult } from "./bench/ingest.ts";
import { concurrent, sequential } from "./bench/latency.ts";
import { FORWARDER, NODE, reportText } from "./bench/report.ts";
import { buildWorker, startHost, startScript } from "./miniflare-host.ts";
import { findMeilisearch, workerVariables, type NamedNode } from "./options.ts";
import { nextFreePort } from "./ports.ts";
import { Processes } from "./processes.ts";
import { startRealNodes } from "./real-nodes.ts";
import { PROJECT } from "./wrangler.ts";

const PORTS_FROM = 17_750;
const KEY = "bench-key";
const SHARDS = 16;
const FORWARDER_FILE = join(PROJECT, "scripts/bench/forwarder.js");

const { times, count, rounds, write } = readOptions();
const folder = mkdtempSync(join(tmpdir(), "miroir-bench-"));
const processes = new Processes(({ name }) => say(`${name} ended by itself`));
const stops: (() => Promise<void>)[] = [() => processes.stop()];
let isEnding = false;

async function end(code: number): Promise<void> {
  if (isEnding) return;
  isEnding = true;
  for (const stop of stops.reverse()) await stop();
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => void end(130));
}

try {
  await bench();
  await end(0);
} catch (error) {
  say(`bench: ${error instanceof Error ? error.message : String(error)}`);
  await end(1);
}

async function bench(): Promise<void> {
  const documents = corpus(times);
  const bodies = queries(documents, count);
  const program = findMeilisearch(process.env);
  const build = join(folder, "build");
  await buildWorker(build);
  const contenders =
    program === undefined ? await embeddedContenders(build) : await realContenders(build, program);
  const results: IngestResult[] = [];
  for (const contender of contenders) {
    // The forwarder's node is filled through the node itself.
    if (contender.name === FORWARDER) continue;
    say(`filling: ${contender.name}`);
    results.push(await ingest(contender, documents));
  }
  say(`searching: ${bodies.length} queries, ${rounds} rounds`);
  const text = reportText({
    kind: program === undefined ? "embedded" : "real",
    documentCount: documents.length,
    queryCount: bodies.length,
    sequential: await sequential(contenders, bodies, rounds),
    concurrent: await concurrent(contenders, bodies, rounds),
    ingest: results,
    core: coreTimes(documents),
  });
  process.stdout.write(`\n${text}`);
  if (write) writeFileSync(join(PROJECT, "docs/benchmarks.md"), documentText(text));
}

async function realContenders(build: string, program: string): Promise<Contender[]> {
  const names = ["alone", "one", "a", "b", "c"];
  const { nodes, key } = await startRealNodes(processes, {
    program,
    names,
    folder: join(folder, "nodes"),
    portsFrom: PORTS_FROM,
    key: undefined,
    onLine: (name, line) => say(`[${name}] ${line}`),
  });
  const [alone, one, ...three] = nodes;
  if (alone === undefined || one === undefined) throw new Error("nodes were started");
  const forwarder = await startScript(FORWARDER_FILE, await nextFreePort(PORTS_FROM, new Set()), {
    NODE_URL: alone.url,
  });
  stops.push(forwarder.stop);
  return [
    { name: NODE, url: alone.url, key },
    { name: FORWARDER, url: forwarder.url, key },
    await miroir("Miroir over 1 node", build, [one], key),
    await miroir("Miroir over 3 nodes", build, three, key),
  ];
}

async function embeddedContenders(build: string): Promise<Contender[]> {
  const nodes = ["n0", "n1", "n2"].map((id) => ({ id, url: `embedded://${id}` }));
  return [
    await miroir("Miroir over 1 node", build, nodes.slice(0, 1), undefined),
    await miroir("Miroir over 3 nodes", build, nodes, undefined),
  ];
}

async function miroir(
  name: string,
  build: string,
  nodes: readonly NamedNode[],
  nodeKey: string | undefined,
): Promise<Contender> {
  const options = { key: KEY, shardCount: SHARDS, replicationFactor: 1 };
  const host = await startHost({
    port: await nextFreePort(PORTS_FROM, new Set()),
    storage: join(folder, name),
    build,
    variables: workerVariables(options, nodes, nodeKey),
  });
  stops.push(host.stop);
  return { name, url: host.url, key: KEY };
}

function readOptions() {
  const { values } = readArguments();
  const whole = (name: string, text: string): number => {
    if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
    say(`bench: --${name} must be a whole number from 1 on, not "${text}"`);
    process.exit(2);
  };
  return {
    times: whole("times", values.times),
    count: whole("queries", values.queries),
    rounds: whole("rounds", values.rounds),
    write: values.write,
  };
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        times: { type: "string", default: "4" },
        queries: { type: "string", default: "200" },
        rounds: { type: "string", default: "5" },
        write: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    say(`bench: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(2);
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function documentText(text: string): string {
  return `# Benchmarks

Written by \`npm run bench -- --write\`: one corpus and one seeded query mix over four contenders on one machine, interleaved, so that
read the ratios rather than the milliseconds. Miroir runs as \`npm run serve\` runs it; \`wrangler dev\` adds a proxy hop and is
never measured. Client, Miroir and nodes share the machine: with eight clients it is full, and what is measured is who gets it.

The aims are a p50 of 1.5 × the node's over one node, 2 × over three, and a merge of 3 × 1,000 hits in less than 1 ms beyond parsing.

${text}`;
}
