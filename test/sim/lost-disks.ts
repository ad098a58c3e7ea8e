/**
 * A node loses its disk, or comes back with the disk of an earlier day. One node of a life at most,
 * and only while every shard that it holds has another replica in sync: who loses them all has lost
 * them. An old disk takes a while to come: probes and leases know by then that the node is away.
 */
import { PROBE_INTERVAL_MS } from "../../worker/core/limits.ts";
import type { Judge } from "./checkers/judge.ts";
import { UIDS } from "./clients.ts";
import type { Fault } from "./faults.ts";
import type { NodeHost } from "./node/host.ts";
import type { Backup } from "./node/stand-in.ts";
import { Random } from "./random.ts";
import type { World } from "./world.ts";

const EMPTY: Backup = { indexes: [], tasks: [] };
/** How long a disk that comes back is out of date at least. */
const OLD_MS = PROBE_INTERVAL_MS;
/** Until probes have found a node away, also when others keep them waiting. */
const NOTICED_MS = 3 * PROBE_INTERVAL_MS;
/** Reads after a node is back. */
const READS = 10;
const READS_MS = 12_000;

export function planLosses(world: World, judge: Judge, seed: number, untilMs: number): void {
  const random = Random.of(seed, "disks");
  const { events, faults, shape } = world;
  const victim = random.pick(world.hosts);
  const losses = new Losses(world, judge, victim, random);
  if (faults.plan.enabled.has("wipe")) {
    const downMs = random.pick([50, 1000, 6000]);
    events.schedule(random.between(0, untilMs * 0.8), () => losses.lose("wipe", EMPTY, downMs));
  }
  if (faults.plan.enabled.has("restore-old-disk")) {
    const savedAt = random.between(0, untilMs * 0.3);
    const downMs = NOTICED_MS + shape.leaseMs + random.between(0, 3000);
    events.schedule(savedAt, () => {
      const backup = victim.node.backup();
      events.schedule(OLD_MS + random.between(0, 5000), () => {
        // What it has done since and no probe saw, only the next write or a comparison can miss.
        if (losses.wasSeenAfter(backup)) losses.lose("restore-old-disk", backup, downMs);
      });
    });
  }
}

class Losses {
  readonly #world: World;
  readonly #judge: Judge;
  readonly #victim: NodeHost;
  readonly #random: Random;

  constructor(world: World, judge: Judge, victim: NodeHost, random: Random) {
    this.#world = world;
    this.#judge = judge;
    this.#victim = victim;
    this.#random = random;
  }

  lose(kind: Fault, content: Backup, downMs: number): void {
    const { events, faults, trace } = this.#world;
    const victim = this.#victim;
    if (victim.isInRepair || !this.#canBeSpared()) return;
    faults.count(kind);
    trace.add(victim.name, "trouble", `${kind}, back in ${Math.round(downMs)} ms`);
    this.#judge.expectLoss(victim.name);
    victim.exchangeDisk(content);
    events.schedule(downMs, () => {
      victim.repaired();
      for (let read = 0; read < READS; read += 1) {
        events.schedule(this.#random.between(0, READS_MS), () => void this.#read());
      }
    });
  }

  /** Whether the Cluster knows of tasks of the node that are younger. */
  wasSeenAfter({ tasks }: Backup): boolean {
    const { disk } = this.#world.clusters.object("cluster");
    const query = "SELECT last_task FROM node_identities WHERE node = ?";
    const [known] = disk.has("node_identities") ? disk.rows(query, this.#victim.name) : [];
    return Number(known?.["last_task"] ?? -1) >= tasks.length;
  }

  #canBeSpared(): boolean {
    const { name } = this.#victim;
    return [...this.#judge.records.values()].every((record) => {
      const distrusted = new Set(record.distrusted());
      const whole = new Set(
        record.replicas
          .filter(({ node, standing }) => node !== name && standing === 0 && !distrusted.has(node))
          .map(({ node }) => node),
      );
      const own = (record.shardMap ?? []).filter((nodes) => nodes.some((node) => node === name));
      return own.every((nodes) => nodes.some((node) => whole.has(node)));
    });
  }

  async #read(): Promise<void> {
    const uid = this.#random.pick(UIDS);
    const isolate = this.#random.pick(this.#world.isolates);
    await this.#judge.read(uid, isolate, {}, () => isolate.search(uid, null));
  }
}
