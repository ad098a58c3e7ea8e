/** The command line of the simulation. */
import { parseArgs } from "node:util";

import { FAULTS, isFault, type Fault } from "./faults.ts";
import { LifeEnded } from "./platform/life.ts";
import { liveOnce, type Outcome } from "./life-of-a-cluster.ts";

const USAGE = `npm run simulate -- [options]

  --seed N        the first seed (1)
  --runs N        how many seeds from there on (1000)
  --faults A,B    only these kinds of faults; none for none
  --trace         print every event
  --twice         live each seed twice and compare
  --help          this text

kinds of faults: ${FAULTS.join(" ")}`;

interface Wanted {
  readonly seed: number;
  readonly runs: number;
  readonly faults: readonly Fault[];
  readonly isTraced: boolean;
  readonly isTwice: boolean;
}

/** Runs the seeds; the exit code. */
export async function simulate(args: readonly string[]): Promise<number> {
  const wanted = wantedOf(args);
  if (typeof wanted === "string") {
    process.stdout.write(`${wanted}\n`);
    return wanted === USAGE ? 0 : 2;
  }
  const startedAt = performance.now();
  const totals = { acknowledged: 0, reads: 0, readsFailed: 0, turns: 0, vacuous: 0, failed: 0 };
  const reshards = { begun: 0, done: 0 };
  const faults = new Map<string, number>();
  let isStopped = false;
  process.once("SIGINT", () => {
    isStopped = true;
  });
  // What nobody waits for any more ends with the life that waited.
  process.on("unhandledRejection", (error) => {
    if (!(error instanceof LifeEnded)) throw error;
  });
  let runs = 0;
  for (let seed = wanted.seed; seed < wanted.seed + wanted.runs && !isStopped; seed += 1) {
    runs += 1;
    const outcome = await liveOnce({ seed, faults: wanted.faults, isTraced: wanted.isTraced });
    if (wanted.isTraced) process.stdout.write(`${(outcome.lines ?? []).join("\n")}\n`);
    totals.acknowledged += outcome.acknowledged;
    totals.reads += outcome.reads;
    totals.readsFailed += outcome.readsFailed;
    totals.turns += outcome.turns;
    reshards.begun += outcome.reshards.begun;
    reshards.done += outcome.reshards.done;
    totals.vacuous += outcome.isVacuous ? 1 : 0;
    for (const [kind, count] of outcome.faults) faults.set(kind, (faults.get(kind) ?? 0) + count);
    const violation = outcome.violation ?? (await difference(wanted, outcome));
    if (violation === undefined) continue;
    totals.failed += 1;
    process.stdout.write(`FAILED ${violation}\n  ${replayLine(seed, args)}\n`);
  }
  const seconds = (performance.now() - startedAt) / 1000;
  const perRun = ((seconds * 1000) / runs).toFixed(1);
  const kinds = [...faults]
    .toSorted(([, a], [, b]) => b - a)
    .map(([kind, count]) => `${kind} ${count}`);
  process.stdout.write(
    `${runs} runs in ${seconds.toFixed(1)} s (${perRun} ms each), ${totals.failed} failed, ${totals.vacuous} vacuous\n` +
      `${totals.acknowledged} writes acknowledged, ${totals.reads} reads judged, ${totals.readsFailed} reads failed, ${totals.turns} events\n` +
      `${reshards.begun} reshards begun, ${reshards.done} done\n` +
      `faults: ${kinds.join(", ")}\n`,
  );
  return totals.failed === 0 ? 0 : 1;
}

/** Lives the seed again, and says where the two lives part. */
async function difference(wanted: Wanted, outcome: Outcome): Promise<string | undefined> {
  if (!wanted.isTwice) return undefined;
  const again = { seed: outcome.seed, faults: wanted.faults, isTraced: true };
  const lines = [(await liveOnce(again)).lines ?? [], (await liveOnce(again)).lines ?? []] as const;
  const at = lines[0].findIndex((line, position) => line !== lines[1][position]);
  if (at === -1 && lines[0].length === lines[1].length) return undefined;
  return `two lives differ:\n  ${lines[0][at] ?? "(over)"}\n  ${lines[1][at] ?? "(over)"}`;
}

function replayLine(seed: number, args: readonly string[]): string {
  const at = args.findIndex((argument) => argument.startsWith("--faults"));
  const faults =
    at === -1 ? [] : args.slice(at, args[at]?.includes("=") === true ? at + 1 : at + 2);
  return ["npm run simulate --", `--seed ${seed} --runs 1`, ...faults, "--trace"].join(" ");
}

function wantedOf(args: readonly string[]): Wanted | string {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seed: { type: "string", default: "1" },
        runs: { type: "string", default: "1000" },
        faults: { type: "string" },
        trace: { type: "boolean", default: false },
        twice: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return USAGE;
    const [seed, runs] = [Number(values.seed), Number(values.runs)];
    if (!Number.isSafeInteger(seed) || !Number.isSafeInteger(runs) || seed < 0 || runs < 1) {
      return "simulate: --seed and --runs are whole numbers";
    }
    const named = values.faults?.split(",").filter((name) => name !== "none");
    const unknown = named?.find((name) => !isFault(name));
    if (unknown !== undefined) return `simulate: there is no fault ${unknown}`;
    const faults = named === undefined ? FAULTS : named.filter(isFault);
    return { seed, runs, faults, isTraced: values.trace, isTwice: values.twice };
  } catch (error) {
    return `simulate: ${error instanceof Error ? error.message : String(error)}`;
  }
}
