/** Trouble that begins at a time and goes on for a while, or strikes once. */
import type { Fault } from "./faults.ts";
import type { NodeHost } from "./node/host.ts";
import { Random } from "./random.ts";
import type { World } from "./world.ts";

interface Lasting {
  readonly begin: (host: NodeHost) => void;
  readonly end: (host: NodeHost) => void;
}

const ON_NODES: readonly (readonly [Fault, Lasting])[] = [
  ["node-down", { begin: (host) => host.stop(), end: (host) => host.start() }],
  ["node-pause", { begin: (host) => host.pause(), end: (host) => host.start() }],
  ["node-restart", { begin: (host) => host.restart(), end: () => undefined }],
  [
    "node-slow",
    {
      begin: (host) => {
        host.slowness = 100;
      },
      end: (host) => {
        host.slowness = 1;
      },
    },
  ],
  [
    "disk-full",
    {
      begin: (host) => {
        host.node.isFull = true;
      },
      end: (host) => {
        host.node.isFull = false;
      },
    },
  ],
];

/** Decides when what kind of trouble comes, all of it before `untilMs`. */
export function planTrouble(world: World, seed: number, untilMs: number): void {
  const random = Random.of(seed, "trouble");
  const { events, faults, hosts } = world;
  const at = (kind: Fault, ms: number, strike: () => void): void => {
    if (!faults.plan.enabled.has(kind)) return;
    events.schedule(ms, () => {
      faults.count(kind);
      strike();
    });
  };
  for (const [kind, { begin, end }] of ON_NODES) {
    for (let time = random.int(1, 2); time > 0; time -= 1) {
      const host = random.pick(hosts);
      const beginsAt = random.between(0, untilMs * 0.8);
      const lastsMs = random.pick([100, 1000, 4000, 15_000]);
      at(kind, beginsAt, () => {
        world.trace.add(host.name, "trouble", `${kind} for ${lastsMs} ms`);
        begin(host);
        events.schedule(Math.min(lastsMs, untilMs - beginsAt), () => end(host));
      });
    }
  }
  at("database-down", random.between(0, untilMs * 0.8), () => {
    faults.isDatabaseDown = true;
    events.schedule(random.pick([100, 2000, 6000]), () => {
      faults.isDatabaseDown = false;
    });
  });
  for (let time = 0; time < 3; time += 1) {
    at("kill-log", random.between(0, untilMs), () => {
      const logs = world.logs.all();
      if (logs.length > 0) random.pick(logs).end();
    });
  }
  for (let time = 0; time < 2; time += 1) {
    at("kill-cluster", random.between(0, untilMs), () => world.clusters.object("cluster").end());
    at("new-isolate", random.between(0, untilMs), () => {
      world.isolates[random.int(0, world.isolates.length - 1)] = world.newIsolate();
    });
  }
}
