/**
 * One seed, from beginning to end: clients write and read while faults come, then the faults end and
 * everything must come to rest with nothing lost.
 */
import { stillOpen } from "./checkers/convergence.ts";
import { Judge } from "./checkers/judge.ts";
import { Client } from "./clients.ts";
import { FAULTS, swarm, type Fault } from "./faults.ts";
import type { NodeHost } from "./node/host.ts";
import { Random } from "./random.ts";
import { World, type Shape } from "./world.ts";

export interface Options {
  readonly seed: number;
  readonly faults?: readonly Fault[];
  readonly isTraced?: boolean;
  /** Changes the world before anything happens. */
  readonly prepare?: (world: World) => void;
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
  readonly turns: number;
  readonly endedAtMs: number;
  readonly lines: readonly string[] | undefined;
}

/** How long faults go on, and how long everything may take to come to rest after them. */
const FAULTS_MS = 20_000;
const REST_MS = 180_000;
const LOOK_EVERY_MS = 250;
/** More events than any life needs. */
const TURNS_MAX = 200_000;

export async function liveOnce(options: Options): Promise<Outcome> {
  const { seed, faults = FAULTS, isTraced = false, prepare } = options;
  const plan = swarm(seed, faults, FAULTS_MS);
  const world = new World(seed, shapeOf(seed), plan, isTraced);
  const judge = new Judge(world);
  prepare?.(world);
  const leave = world.enter();
  try {
    await live(world, judge, seed);
  } finally {
    leave();
  }
  const counts = world.faults.counts;
  return {
    seed,
    violation: judge.violation,
    isVacuous: counts.size === 0 || judge.writesAcknowledged === 0,
    faults: counts,
    acknowledged: judge.writesAcknowledged,
    reads: judge.readsWhole,
    readsFailed: judge.readsFailed,
    turns: world.events.turn,
    endedAtMs: world.events.now,
    lines: world.trace.lines,
  };
}

function shapeOf(seed: number): Shape {
  const random = Random.of(seed, "shape");
  const nodes = random.int(2, 4);
  return {
    nodes,
    replicas: random.int(1, Math.min(3, nodes)),
    shards: random.pick([2, 4, 6]),
    leaseMs: random.pick([1000, 2000, 5000]),
    isolates: random.int(2, 3),
    clients: random.int(2, 3),
    writesPerClient: random.int(4, 7),
  };
}

async function live(world: World, judge: Judge, seed: number): Promise<void> {
  const { events, shape } = world;
  planTrouble(world, seed);
  let living = shape.clients;
  for (let count = 0; count < shape.clients; count += 1) {
    const client = new Client(world, judge, seed, `client-${count}`);
    void client.live().then(
      () => (living -= 1),
      (error: unknown) => judge.fail(`a client failed: ${String(error)}`),
    );
  }
  await runUntil(world, judge, () => living === 0 && events.now >= FAULTS_MS);
  world.heal();
  world.trace.add("faults", "end", "");
  await comeToRest(world, judge);
  if (judge.violation !== undefined) return;
  let isJudged = false;
  void judge.judgeEnd(["a", "b"]).then(
    () => (isJudged = true),
    (error: unknown) => judge.fail(String(error)),
  );
  await runUntil(world, judge, () => isJudged);
}

async function comeToRest(world: World, judge: Judge): Promise<void> {
  const { events } = world;
  const until = events.now + REST_MS;
  let open: string | undefined = "not looked yet";
  const look = (): void => {
    open = stillOpen(world, judge.records.values());
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

/** Trouble that begins at a time and goes on for a while, or strikes once. */
function planTrouble(world: World, seed: number): void {
  const random = Random.of(seed, "trouble");
  const { events, faults, hosts } = world;
  const lasting = (kind: Fault, begin: (host: NodeHost) => void, end: (host: NodeHost) => void) => {
    if (!faults.plan.enabled.has(kind)) return;
    const times = random.int(1, 2);
    for (let time = 0; time < times; time += 1) {
      const host = random.pick(hosts);
      const at = random.between(0, FAULTS_MS * 0.8);
      const lastsMs = random.pick([100, 1000, 4000, 15_000]);
      events.schedule(at, () => {
        faults.count(kind);
        world.trace.add(host.name, kind, `for ${lastsMs} ms`);
        begin(host);
      });
      events.schedule(Math.min(at + lastsMs, FAULTS_MS), () => end(host));
    }
  };
  lasting(
    "node-down",
    (host) => host.stop(),
    (host) => host.start(),
  );
  lasting(
    "node-pause",
    (host) => host.pause(),
    (host) => host.start(),
  );
  lasting(
    "node-slow",
    (host) => (host.slowness = 100),
    (host) => (host.slowness = 1),
  );
  lasting(
    "disk-full",
    (host) => (host.node.isFull = true),
    (host) => (host.node.isFull = false),
  );
  lasting(
    "node-restart",
    (host) => {
      host.stop();
      host.start();
    },
    () => undefined,
  );
  lasting(
    "database-down",
    () => (faults.isDatabaseDown = true),
    () => (faults.isDatabaseDown = false),
  );
  const strikes = (kind: Fault, times: number, strike: () => void): void => {
    if (!faults.plan.enabled.has(kind)) return;
    for (let time = 0; time < times; time += 1) {
      events.schedule(random.between(0, FAULTS_MS), () => {
        faults.count(kind);
        strike();
      });
    }
  };
  strikes("kill-cluster", 2, () => world.clusters.object("cluster").end());
  strikes("kill-log", 3, () => {
    const logs = world.logs.all();
    if (logs.length > 0) random.pick(logs).end();
  });
  strikes("new-isolate", 2, () => {
    world.isolates[random.int(0, world.isolates.length - 1)] = world.newIsolate();
  });
}
