/**
 * What goes wrong in one life of a cluster. Every seed switches some kinds on (a swarm: all at once
 * would hide what single ones do), and each has its own stream of luck.
 */
import type { Clock } from "./platform/life.ts";
import type { Passage } from "./platform/wire.ts";
import { Random } from "./random.ts";

export const FAULTS = [
  // Requests to nodes.
  "drop",
  "hang",
  "lose-answer",
  "fail-after-effect",
  "cut-answer",
  "delay",
  "overload",
  // Nodes.
  "node-down",
  "node-restart",
  "node-pause",
  "node-slow",
  "disk-full",
  "refuse-settings",
  // Durable Objects.
  "kill-log",
  "kill-cluster",
  "lose-call",
  "lose-reply",
  // D1.
  "database-fails",
  "database-loses-answer",
  "database-slow",
  "database-down",
  // Workers.
  "cut-upload",
  "new-isolate",
  "clocks",
  // Disks.
  "wipe",
  "restore-old-disk",
] as const;

export type Fault = (typeof FAULTS)[number];

export const isFault = (name: string): name is Fault => FAULTS.some((known) => known === name);

/** What happens to one request to a node. */
export interface RequestFate {
  readonly thereMs: number;
  readonly backMs: number;
  /** It is held up for longer than anything is on its way. */
  readonly isDelayed: boolean;
  readonly fate:
    | "whole"
    | Extract<
        Fault,
        "drop" | "hang" | "lose-answer" | "fail-after-effect" | "cut-answer" | "overload"
      >;
}

const REQUEST_FATES = [
  "drop",
  "hang",
  "lose-answer",
  "fail-after-effect",
  "cut-answer",
  "overload",
] as const;

/** Leases are given back so much early: clocks may differ by less. */
const CLOCK_SKEW_MS = 100;
/** A clock that is slow by 4 % stretches a lease of 5 s by 200 ms. */
const CLOCK_DRIFT = 0.04;
const LEASE_MARGIN_MS = 250;

export interface FaultPlan {
  readonly enabled: ReadonlySet<Fault>;
  /** When everything is well again. */
  readonly untilMs: number;
}

/** A random half of the allowed kinds. */
export function swarm(seed: number, allowed: readonly Fault[], untilMs: number): FaultPlan {
  const random = Random.of(seed, "swarm");
  const share = random.pick([0.15, 0.3, 0.5]);
  return { enabled: new Set(allowed.filter(() => random.chance(share))), untilMs };
}

export class Faults {
  readonly plan: FaultPlan;
  /** How often each kind happened. */
  readonly counts = new Map<Fault, number>();
  readonly #now: () => number;
  readonly #leaseMs: number;
  readonly #network: Random;
  readonly #points: Random;
  readonly #calls: Random;
  readonly #clocks: Random;
  readonly #intensity: number;
  isDatabaseDown = false;
  /** What a story wants to happen to a request, a call or a statement; undefined for nothing special. */
  wanted: {
    readonly request?: (
      node: string,
      method: string,
      path: string,
    ) => RequestFate["fate"] | undefined;
    readonly delayMs?: (node: string, method: string, path: string) => number;
    readonly call?: (object: string, method: string) => Passage["fate"] | undefined;
    readonly statement?: (query: string) => Passage["fate"] | undefined;
    readonly refusesSettings?: (node: string) => boolean;
  } = {};

  constructor(seed: number, plan: FaultPlan, leaseMs: number, now: () => number) {
    this.plan = plan;
    this.#now = now;
    this.#leaseMs = leaseMs;
    this.#network = Random.of(seed, "network");
    this.#points = Random.of(seed, "points");
    this.#calls = Random.of(seed, "calls");
    this.#clocks = Random.of(seed, "clocks");
    this.#intensity = Random.of(seed, "intensity").pick([0.5, 1, 3]);
  }

  /** Whether a fault of the kind may happen now. */
  mayBe(kind: Fault): boolean {
    return this.plan.enabled.has(kind) && this.#now() < this.plan.untilMs;
  }

  count(kind: Fault): void {
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
  }

  request(node: string, method: string, path: string): RequestFate {
    const random = this.#network;
    const backMs = random.between(0.5, 3);
    let thereMs = random.between(0.5, 3);
    const isDelayed = this.#strikes("delay", random, 0.03);
    if (isDelayed) thereMs += random.pick([20, 200, 2000, 9000]);
    const fate = REQUEST_FATES.find((kind) => this.#strikes(kind, random, 0.02));
    thereMs += this.wanted.delayMs?.(node, method, path) ?? 0;
    const wanted = this.wanted.request?.(node, method, path);
    return { thereMs, backMs, isDelayed, fate: wanted ?? fate ?? "whole" };
  }

  /** Whether a node finds something wrong with settings that others take. */
  refusesSettings(node: string): boolean {
    if (this.wanted.refusesSettings?.(node) === true) return true;
    return this.#strikes("refuse-settings", this.#network, 0.1);
  }

  call(object: string, method: string): Passage {
    const random = this.#calls;
    const ways = { thereMs: random.between(0.2, 2), backMs: random.between(0.2, 2) };
    const wanted = this.wanted.call?.(object, method);
    if (wanted !== undefined) return { ...ways, fate: wanted };
    if (this.#strikes("lose-call", random, 0.02)) return { ...ways, fate: "lost" };
    const isLost = this.#strikes("lose-reply", random, 0.02);
    return { ...ways, fate: isLost ? "answerLost" : "whole" };
  }

  statement(query: string): Passage {
    const random = this.#calls;
    let thereMs = random.between(0.5, 3);
    const backMs = random.between(0.5, 3);
    if (this.#strikes("database-slow", random, 0.05)) thereMs += random.pick([100, 2000, 20_000]);
    const wanted = this.wanted.statement?.(query);
    if (wanted !== undefined) return { thereMs, backMs, fate: wanted };
    if (this.isDatabaseDown) return { thereMs, backMs, fate: "lost" };
    if (this.#strikes("database-fails", random, 0.06)) return { thereMs, backMs, fate: "lost" };
    const isLost = this.#strikes("database-loses-answer", random, 0.06);
    return { thereMs, backMs, fate: isLost ? "answerLost" : "whole" };
  }

  /** Whether an object ends at this point. */
  endsAt(kind: "kill-log" | "kill-cluster"): boolean {
    return this.#strikes(kind, this.#points, 0.006);
  }

  clock(isWorker: boolean): Clock {
    if (!this.plan.enabled.has("clocks")) return { aheadMs: 0, drift: 0 };
    const aheadMs = this.#clocks.between(-CLOCK_SKEW_MS / 2, CLOCK_SKEW_MS / 2);
    const most = Math.min(CLOCK_DRIFT, (LEASE_MARGIN_MS - 2 * CLOCK_SKEW_MS) / this.#leaseMs);
    return { aheadMs, drift: isWorker ? this.#clocks.between(-most, most) : 0 };
  }

  #strikes(kind: Fault, random: Random, probability: number): boolean {
    if (!this.mayBe(kind) || !random.chance(probability * this.#intensity)) return false;
    this.count(kind);
    return true;
  }
}
