/**
 * `npm run elasticity -- --meilisearch`: a fleet of real Meilisearch processes grows by two nodes,
 * loses one by a drain and one by SIGKILL, and gets more shards, while the official client writes,
 * and every search is compared with one Meilisearch. Tells how many documents each change copied
 * and how few it could have been. Exit code 1 when a search failed or an answer was another one.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { Meilisearch } from "meilisearch";

import { ChaosFleet, CHAOS_KEY } from "./chaos/chaos-fleet.ts";
import { runToEnd } from "./chaos/run-to-end.ts";
import { Tally } from "./chaos/tally.ts";
import { judge, prepare, type Preparation } from "./chaos/verdict.ts";
import { INDEX, Writer } from "./chaos/writer.ts";
import { Client } from "./ctl/client.ts";
import { Changes, type ChangeFigures } from "./elasticity/changes.ts";
import { corpus, FILTERABLE_FIELDS, SORTABLE_FIELDS } from "./elasticity/corpus.ts";
import { compareSearches } from "./elasticity/judge-searches.ts";
import { findMeilisearch, type NamedNode } from "./options.ts";
import { mulberry32 } from "./random.ts";

const PORTS_FROM = 27_500;
const MEMBERS = 3;
const SPARES = 2;
const REPLICATION_FACTOR = 2;
const WRITERS = 2;
const SEARCHERS = 2;
/** A killed node counts as failed after this; short, so that the run need not wait long. */
const FAIL_AFTER_MS = 20_000;
const SHARDS_AFTER = 32;

const options = readOptions();
const folder = mkdtempSync(join(tmpdir(), "miroir-elasticity-"));
const fleet = new ChaosFleet({
  folder,
  program: options.program,
  nodeCount: MEMBERS,
  spareCount: SPARES,
  replicationFactor: REPLICATION_FACTOR,
  portsFrom: PORTS_FROM,
  variables: { MIROIR_FAIL_AFTER_MS: String(FAIL_AFTER_MS) },
});

await runToEnd({ fleet, folder, keep: false, say }, elasticity);

async function elasticity(): Promise<boolean> {
  const { documents: documentCount, seed } = options;
  say(`seed ${seed}: starting ${MEMBERS} nodes and ${SPARES} spare ones`);
  await fleet.start();
  const preparation: Preparation = {
    documents: corpus(documentCount, seed),
    filterable: FILTERABLE_FIELDS,
    sortable: SORTABLE_FIELDS,
  };
  const afresh = await timed(
    async () => await prepare(clientOf(fleet.url, CHAOS_KEY), preparation),
  );
  const one = clientOf(fleet.reference.url, fleet.nodeKey);
  const afreshOnOne = await timed(async () => await prepare(one, preparation));
  say(`${documentCount} documents are in`);

  const tally = new Tally();
  let isOver = false;
  const whileChanging = { isOver: () => isOver, random: mulberry32(seed + 1), tally };
  const serviceWasDown = (): boolean => false;
  const writers = Array.from({ length: WRITERS }, (_, at) => {
    const random = mulberry32(seed * 1000 + at);
    return new Writer(`w${at}`, { ...whileChanging, random, url: fleet.url, serviceWasDown });
  });
  const load = [
    ...writers.map(async (writer) => await writer.run()),
    ...Array.from({ length: SEARCHERS }, async () => {
      const { reference, url, nodeKey: referenceKey } = fleet;
      await compareSearches({ ...whileChanging, url, reference, referenceKey });
    }),
  ];
  const rows = await changeAll(tally).finally(() => {
    isOver = true;
  });
  await Promise.all(load);
  say("the changes are over: comparing");
  const sent = new Map(writers.flatMap((writer) => [...writer.sent]));
  const differences = await judge(fleet, sent, REPLICATION_FACTOR, tally);
  const { text, isClean } = tally.report(differences);
  const perTenThousand = (ms: number): string => secondsText((ms / documentCount) * 10_000);
  const lines = [
    `${documentCount} documents, ${REPLICATION_FACTOR} replicas, seed ${seed}`,
    `indexing afresh: ${perTenThousand(afresh)} per 10,000 documents, ` +
      `one Meilisearch ${perTenThousand(afreshOnOne)}`,
    "",
    ...rows,
    "",
    text,
  ];
  process.stdout.write(`\n${lines.join("\n")}\n`);
  return isClean;
}

/** One row of figures per change. */
async function changeAll(tally: Tally): Promise<readonly string[]> {
  const changes = new Changes(new Client({ url: fleet.url, key: CHAOS_KEY }), fleet.nodeKey);
  const [n0, n1] = fleet.members;
  const [n3, n4] = fleet.spares;
  if (!n0 || !n1 || !n3 || !n4) throw new Error("the fleet is too small");
  const rows: string[] = [];
  const record = async (least: number, change: () => Promise<ChangeFigures>): Promise<void> => {
    const before = tally.searches;
    const { name, seconds, copied } = await change();
    const rate = copied === 0 ? "-" : secondsText((seconds * 1000 * 10_000) / copied);
    const row =
      `  ${name}: ${seconds.toFixed(0)} s, ${copied} documents copied, at least ${least} needed, ` +
      `${rate} per 10,000, ${tally.searches - before} searches`;
    rows.push(row);
    say(`${row.trim()}; now ${await changes.spread()}`);
  };
  await record(await fairShare(MEMBERS + 1), async () => await changes.add(n3));
  await record(await fairShare(MEMBERS + 2), async () => await changes.add(n4));
  await record(await heldBy(n1), async () => await changes.drain(n1));
  await record(await heldBy(n0), async () => {
    await fleet.end(n0.id, "SIGKILL");
    return await changes.failure(n0);
  });
  fleet.forget(n0);
  await record(await documentCountOf(), async () => await changes.reshard(INDEX, SHARDS_AFTER));
  return rows;
}

/** What one of so many nodes holds when all hold the same. */
async function fairShare(nodes: number): Promise<number> {
  return Math.round(((await documentCountOf()) * REPLICATION_FACTOR) / nodes);
}

async function documentCountOf(): Promise<number> {
  const { numberOfDocuments } = await clientOf(fleet.url, CHAOS_KEY).index(INDEX).getStats();
  return numberOfDocuments;
}

async function heldBy({ url }: NamedNode): Promise<number> {
  const { indexes } = await clientOf(url, fleet.nodeKey).getStats();
  const held = Object.entries(indexes).filter(([uid]) => uid.startsWith(`${INDEX}-`));
  return held.reduce((sum, [, { numberOfDocuments }]) => sum + numberOfDocuments, 0);
}

function clientOf(host: string, apiKey: string): Meilisearch {
  return new Meilisearch({ host, apiKey });
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

function secondsText(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      meilisearch: { type: "boolean", default: false },
      documents: { type: "string", default: "60000" },
      seed: { type: "string", default: "1" },
    },
  });
  if (!values.meilisearch) refuse("needs --meilisearch: the figures of embedded nodes say nothing");
  const program = findMeilisearch(process.env);
  if (program === undefined) refuse("set MEILISEARCH_BIN to the program, or put it on PATH");
  const [documents, seed] = [values.documents, values.seed].map((text) => {
    if (/^\d{1,7}$/.test(text)) return Number(text);
    return refuse(`"${text}" is no whole number`);
  });
  return { program, documents: documents ?? 0, seed: seed ?? 0 };
}

function refuse(message: string): never {
  say(message);
  process.exit(2);
}

function say(line: string): void {
  process.stderr.write(`elasticity: ${line}\n`);
}
