/**
 * One fault after another from a seed, until the time is over. By default the next one waits until
 * every replica is in sync again: two replicas can do without one node, and every search must be
 * complete. With overlap, faults come as they come, and Miroir has to say what it lacks.
 */
import { setTimeout as pause } from "node:timers/promises";

import type { NamedNode } from "../options.ts";
import type { ChaosFleet } from "./chaos-fleet.ts";

export interface FaultPlan {
  readonly random: () => number;
  readonly wipe: boolean;
  readonly killService: boolean;
  readonly overlap: boolean;
  readonly endsAt: number;
}

/** A replica leaves some seconds after its last answer, and one lease later it says so. */
const CALM_MS = 12_000;
const POLL_MS = 200;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

export class Faults {
  readonly #fleet: ChaosFleet;
  readonly #plan: FaultPlan;
  readonly #busy = new Set<string>();
  readonly #since = Date.now();
  count = 0;
  /** Whether Miroir is down, or was at some time since `at`. */
  #serviceDownAt = 0;
  #isServiceDown = false;

  constructor(fleet: ChaosFleet, plan: FaultPlan) {
    this.#fleet = fleet;
    this.#plan = plan;
  }

  serviceWasDown(since: number): boolean {
    return this.#isServiceDown || this.#serviceDownAt >= since;
  }

  /** Resolves when the time is over and everything runs again. */
  async run(): Promise<void> {
    const { random, endsAt, overlap } = this.#plan;
    const running: Promise<void>[] = [];
    while (Date.now() < endsAt) {
      const fault = this.#fault();
      running.push(fault);
      if (!overlap || random() > 0.15) await fault;
      if (!overlap) await this.#recovered();
      await pause(500 + random() * 4000);
    }
    await Promise.all(running);
  }

  /** Resolves when every shard has had its replicas in sync for a while, longer than one takes to leave. */
  async #recovered(): Promise<void> {
    const { endsAt } = this.#plan;
    for (let calmMs = 0; calmMs < CALM_MS && Date.now() < endsAt; calmMs += POLL_MS) {
      await pause(POLL_MS);
      if (this.#fleet.away.size > 0 || !(await this.#fleet.isWhole())) calmMs = 0;
    }
  }

  async #fault(): Promise<void> {
    const { random, wipe, killService } = this.#plan;
    this.count += 1;
    if (killService && random() < 0.15) return await this.#killService(random() * 3000);
    const free = this.#fleet.nodes.filter(({ id }) => !this.#busy.has(id));
    const node = free[Math.floor(random() * free.length)];
    if (node === undefined) return;
    this.#busy.add(node.id);
    const draw = random();
    const forMs = 500 + random() * 9500;
    if (wipe && draw < 0.15) await this.#wipe(node, forMs);
    else if (draw < 0.45) await this.#restart(node, "SIGKILL", forMs);
    else if (draw < 0.8) await this.#stop(node, forMs);
    else await this.#restart(node, "SIGTERM", forMs / 5);
    this.#busy.delete(node.id);
  }

  async #restart(node: NamedNode, signal: "SIGKILL" | "SIGTERM", forMs: number): Promise<void> {
    this.#say(`${node.id}: ${signal}, back after ${seconds(forMs)}`);
    await this.#fleet.end(node.id, signal);
    await pause(forMs);
    await this.#fleet.startNode(node);
  }

  async #wipe(node: NamedNode, forMs: number): Promise<void> {
    this.#say(`${node.id}: SIGKILL, back and empty after ${seconds(forMs)}`);
    await this.#fleet.end(node.id, "SIGKILL");
    this.#fleet.wipe(node.id);
    await pause(forMs);
    await this.#fleet.startNode(node);
  }

  async #stop(node: NamedNode, forMs: number): Promise<void> {
    this.#say(`${node.id}: SIGSTOP for ${seconds(forMs)}`);
    this.#fleet.signal(node.id, "SIGSTOP");
    await pause(forMs);
    this.#fleet.signal(node.id, "SIGCONT");
  }

  async #killService(forMs: number): Promise<void> {
    if (this.#isServiceDown) return;
    this.#say(`Miroir: SIGKILL, back after ${seconds(forMs)}`);
    this.#isServiceDown = true;
    await this.#fleet.endService();
    await pause(forMs);
    await this.#fleet.startService();
    this.#serviceDownAt = Date.now();
    this.#isServiceDown = false;
  }

  #say(text: string): void {
    process.stderr.write(`chaos: t ${seconds(Date.now() - this.#since)}: ${text}\n`);
  }
}
