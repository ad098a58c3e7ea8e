/**
 * `npm run chaos -- --meilisearch`: real Meilisearch processes under Miroir, killed, stopped and
 * restarted (with `--wipe` emptied, with `--kill-service` Miroir too) while the official client
 * writes and searches. Then everything is compared with what one Meilisearch holds that was given
 * the same writes. Exit code 1 when a promise was not kept.
 */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { Meilisearch } from "meilisearch";

import { ChaosFleet, CHAOS_KEY } from "./chaos/chaos-fleet.ts";
import { Faults } from "./chaos/faults.ts";
import { staticDocuments } from "./chaos/operations.ts";
import { runSearcher } from "./chaos/searcher.ts";
import { runToEnd } from "./chaos/run-to-end.ts";
import { Tally } from "./chaos/tally.ts";
import { judge, prepare } from "./chaos/verdict.ts";
import { textOf, Writer, type Sent } from "./chaos/writer.ts";
import { findMeilisearch } from "./options.ts";
import { mulberry32 } from "./random.ts";

const PORTS_FROM = 27_000;
const WRITERS = 8;
const SEARCHERS = 4;

const options = readOptions();
const folder = mkdtempSync(join(tmpdir(), "miroir-chaos-"));
const fleet = new ChaosFleet({
  folder,
  portsFrom: PORTS_FROM,
  spareCount: 0,
  variables: {},
  ...options,
});

await runToEnd({ fleet, folder, keep: options.keep, say }, chaos);

async function chaos(): Promise<boolean> {
  const { minutes, seed, wipe, killService, overlap, replicationFactor } = options;
  say(`seed ${seed}: starting ${options.nodeCount} nodes, ${replicationFactor} replicas`);
  await fleet.start();
  const preparation = { documents: staticDocuments(), filterable: [], sortable: [] };
  await prepare(new Meilisearch({ host: fleet.url, apiKey: CHAOS_KEY }), preparation);
  await prepare(new Meilisearch({ host: fleet.reference.url, apiKey: fleet.nodeKey }), preparation);
  const tally = new Tally();
  const endsAt = Date.now() + minutes * 60_000;
  const plan = { random: mulberry32(seed), wipe, killService, overlap, endsAt };
  const faults = new Faults(fleet, plan);
  const tools = (at: number) => {
    return {
      url: fleet.url,
      tally,
      serviceWasDown: (since: number) => faults.serviceWasDown(since),
      random: mulberry32(seed * 1000 + at),
      isOver: () => Date.now() >= endsAt,
      mayLackAll: overlap,
    };
  };
  const writers = Array.from({ length: WRITERS }, (_, at) => new Writer(`w${at}`, tools(at + 1)));
  const searchers = Array.from({ length: SEARCHERS }, (_, at) => runSearcher(tools(at + 100)));
  await Promise.all([faults.run(), ...writers.map((writer) => writer.run()), ...searchers]);
  say("the faults are over: comparing");
  const sent = new Map<string, Sent>(writers.flatMap((writer) => [...writer.sent]));
  const differences = await judge(fleet, sent, replicationFactor, tally);
  for (const crash of fleet.crashes) say(crash);
  const { text, isClean } = tally.report(differences);
  process.stdout.write(
    `\n${minutes} minutes, ${options.nodeCount} nodes, ${replicationFactor} replicas, ${faults.count} faults, seed ${seed}\n\n${text}\n`,
  );
  return isClean;
}

function readOptions() {
  const values = readArguments();
  const whole = (name: string, text: string): number => {
    if (/^\d{1,9}$/.test(text)) return Number(text);
    return refuse(`--${name} must be a whole number, not "${text}"`);
  };
  if (!values.meilisearch) refuse("needs --meilisearch: embedded nodes are no processes to kill");
  const program = findMeilisearch(process.env);
  if (program === undefined) refuse("set MEILISEARCH_BIN to the program, or put it on PATH");
  const minutes = Number(values.minutes);
  if (!(minutes > 0)) refuse(`--minutes must be a number above 0, not "${values.minutes}"`);
  return {
    program,
    minutes,
    nodeCount: whole("nodes", values.nodes),
    replicationFactor: whole("rf", values.rf),
    seed: values.seed === undefined ? Math.floor(Math.random() * 1e6) : whole("seed", values.seed),
    wipe: values.wipe,
    overlap: values.overlap,
    killService: values["kill-service"],
    keep: values.keep,
  };
}

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        meilisearch: { type: "boolean", default: false },
        minutes: { type: "string", default: "10" },
        nodes: { type: "string", default: "3" },
        rf: { type: "string", default: "2" },
        seed: { type: "string" },
        wipe: { type: "boolean", default: false },
        "kill-service": { type: "boolean", default: false },
        overlap: { type: "boolean", default: false },
        keep: { type: "boolean", default: false },
      },
    });
    return values;
  } catch (error) {
    return refuse(textOf(error));
  }
}

function refuse(message: string): never {
  say(message);
  process.exit(2);
}

function say(line: string): void {
  process.stderr.write(`chaos: ${line}\n`);
}
