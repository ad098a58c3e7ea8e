/**
 * One seed, from beginning to end: clients write and read while faults come, then the faults end and
 * everything must come to rest with nothing lost.
 */
import { stillOpen } from "./checkers/convergence.ts";
import { faultOfPlacement } from "./checkers/placement.ts";
import { Judge } from "./checkers/judge.ts";
import { Client, UIDS } from "./clients.ts";
import { FAULTS, swarm, type Fault } from "./faults.ts";
import { Operator } from "./operator.ts";
import { Resharder } from "./resharder.ts";
import { planLosses } from "./lost-disks.ts";
import { Random } from "./random.ts";
import { planTrouble } from "./trouble.ts";
import { World, type Shape } from "./world.ts";

export interface Options {
  readonly seed: number;
  readonly faults?: readonly Fault[];
  readonly isTraced?: boolean;
  /** Whether indexes are resharded; the seed decides unless this does. */
  readonly isResharded?: boolean;
}

export interface Outcome {
  readonly seed: number;
  /** What is wrong; undefined when nothing is. */
  readonly violation: string | undefined;
  /** Nothing went wrong on the way, so nothing was tried. */
  readonly isVacuous: boolean;
  readonly faults: ReadonlyMap<Fault, number>;
  readonly acknowledged: number;
  readonly reads: number;
  readonly readsFailed: number;
  /** Reshards that were begun, and those of them that came to their end. */
  readonly reshards: { readonly begun: number; readonly done: number };
  readonly turns: number;
  readonly endedAtMs: number;
  readonly lines: readonly string[] | undefined;
}

/** How long faults go on, and how long everything may take to come to rest after them. */
const FAULTS_MS = 20_000;
const REST_MS = 180_000;
const LOOK_EVERY_MS = 250;
const PLACINGS_MAX = 3;
/** More events than any life needs. */
const TURNS_MAX = 200_000;

/** The life of one seed. */
export async function liveOnce(options: Options): Promise<Outcome> {
  const { seed, faults = FAULTS, isTraced = false } = options;
  const { isResharded = Random.of(seed, "resharded").chance(0.4) } = options;
  const plan = swarm(seed, faults, FAULTS_MS);
  const world = new World(seed, shapeOf(seed, isResharded), plan, isTraced);
  return await live(world, seed, FAULTS_MS, (judge) => {
    planTrouble(world, seed, FAULTS_MS);
    planLosses(world, judge, seed, FAULTS_MS);
    const clients = Array.from({ length: world.shape.clients }, (_, count) =>
      new Client(world, judge, seed, `client-${count}`).live(),
    );
    const resharder = isResharded ? [new Resharder(world, judge, seed).live()] : [];
    const jobs = [...clients, ...resharder];
    if (!Random.of(seed, "operated").chance(0.5)) return { jobs };
    const operator = new Operator(world, judge, seed);
    return {
      jobs: [...jobs, operator.live()],
      recover: () => operator.recover(),
      finish: () => operator.finish(),
    };
  });
}

/** What goes on in a life. */
export interface Doings {
  readonly jobs: readonly Promise<void>[];
  /** Done when faults have ended: nothing waits for somebody's hand any more. */
  readonly recover?: () => Promise<void>;
  /** Done when everything has come to rest; then everything has to be where it should. */
  readonly finish?: () => Promise<void>;
}

/** A life in this world: what `begin` starts, for as long as faults last, and until it is at rest. */
export async function live(
  world: World,
  seed: number,
  faultsMs: number,
  begin: (judge: Judge) => Doings,
): Promise<Outcome> {
  const judge = new Judge(world);
  const leave = world.enter();
  try {
    await follow(world, judge, faultsMs, begin);
  } catch (error) {
    // One seed's trouble is told as that seed's, and the next one lives.
    judge.fail(`the simulation broke: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    await world.close();
    leave();
  }
  const { counts } = world.faults;
  return {
    seed,
    violation: judge.violation,
    isVacuous: counts.size === 0 || judge.writesAcknowledged === 0,
    faults: counts,
    acknowledged: judge.writesAcknowledged,
    reads: judge.readsWhole,
    readsFailed: judge.readsFailed,
    reshards: judge.reshards.counts,
    turns: world.events.turn,
    endedAtMs: world.events.now,
    lines: world.trace.lines,
  };
}

function shapeOf(seed: number, isResharded: boolean): Shape {
  const random = Random.of(seed, "shape");
  const nodes = random.int(2, 4);
  return {
    nodes,
    replicas: random.int(1, Math.min(3, nodes)),
    shards: random.pick([2, 4, 6]),
    leaseMs: random.pick([1000, 2000, 5000]),
    isolates: random.int(2, 3),
    clients: random.int(2, 3),
    // More of them, so that some come while an index is built anew.
    writesPerClient: random.int(2, 4) + (isResharded ? 3 : 0),
    isResharded,
    spares: random.int(0, 2),
    failAfterMs: random.pick([3000, 8000, 300_000]),
  };
}

async function follow(
  world: World,
  judge: Judge,
  faultsMs: number,
  begin: (judge: Judge) => Doings,
): Promise<void> {
  world.startCron();
  const { jobs, recover, finish } = begin(judge);
  await runUntilDone(world, judge, jobs, faultsMs);
  world.heal();
  world.trace.add("faults", "end", "");
  if (recover !== undefined && judge.violation === undefined) {
    await runUntilDone(world, judge, [recover()], 0);
  }
  await comeToRest(world, judge);
  if (finish !== undefined) await placeAnew(world, judge, finish);
  if (judge.violation === undefined) {
    await runUntilDone(world, judge, [judge.judgeEnd(UIDS)], 0);
  }
}

/** A node that returns after the last look has to be placed on as well. */
async function placeAnew(world: World, judge: Judge, finish: () => Promise<void>): Promise<void> {
  let fault: string | undefined;
  for (let attempt = 0; attempt < PLACINGS_MAX; attempt += 1) {
    if (judge.violation !== undefined) return;
    await runUntilDone(world, judge, [finish()], 0);
    await comeToRest(world, judge);
    fault = faultOfPlacement(world);
    if (fault === undefined) return;
  }
  judge.fail(fault ?? "nothing was placed");
}

async function runUntilDone(
  world: World,
  judge: Judge,
  jobs: readonly Promise<void>[],
  notBeforeMs: number,
): Promise<void> {
  let isDone = false;
  void Promise.all(jobs).then(
    () => {
      isDone = true;
    },
    (error: unknown) => judge.fail(`a client failed: ${String(error)}`),
  );
  await runUntil(world, judge, () => isDone && world.events.now >= notBeforeMs);
}

async function comeToRest(world: World, judge: Judge): Promise<void> {
  const { events } = world;
  const until = events.now + REST_MS;
  let open: string | undefined = "not looked yet";
  const look = (): void => {
    open = judge.openLoss() ?? stillOpen(world, judge.records);
    if (open !== undefined) events.schedule(LOOK_EVERY_MS, look);
  };
  events.schedule(LOOK_EVERY_MS, look);
  await runUntil(world, judge, () => open === undefined || events.now > until);
  if (open !== undefined) judge.fail(`does not come to rest: ${open}`);
}

async function runUntil(world: World, judge: Judge, isOver: () => boolean): Promise<void> {
  const { events } = world;
  while (!isOver() && judge.violation === undefined) {
    if (!(await events.step())) {
      judge.fail("nothing happens any more");
      return;
    }
    judge.afterStep();
    if (events.turn > TURNS_MAX) judge.fail("it does not end");
  }
}
