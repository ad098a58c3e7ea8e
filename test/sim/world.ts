/**
 * One simulated deployment: the Durable Objects, D1, nodes and Workers of production code, on
 * virtual time, under the faults of one seed.
 */
import { Cluster } from "../../durable-objects/cluster.ts";
import { IndexLog } from "../../durable-objects/index-log.ts";
import type { Env } from "../../worker/env.ts";
import type { FaultPlan } from "./faults.ts";
import { Faults } from "./faults.ts";
import { Isolate } from "./isolate.ts";
import { Network } from "./network.ts";
import { NodeHost } from "./node/host.ts";
import type { NodeTask } from "./node/tasks.ts";
import { SimulatedDatabase } from "./platform/database.ts";
import { Events } from "./platform/events.ts";
import { installGlobals } from "./platform/globals.ts";
import { Life, lives, type PointKind } from "./platform/life.ts";
import {
  ObjectSpace,
  type ObjectClass,
  type ObjectTools,
  type SimulatedObject,
} from "./platform/objects.ts";
import { Wire } from "./platform/wire.ts";
import { Random } from "./random.ts";
import { Trace } from "./trace.ts";

export interface Shape {
  readonly nodes: number;
  /** Nodes that an operator may add. */
  readonly spares?: number;
  /** How long a node may be away before its shards are rebuilt elsewhere. */
  readonly failAfterMs?: number;
  /** Indexes get other numbers of shards; then shards move by operations only. */
  readonly isResharded?: boolean;
  readonly replicas: number;
  readonly shards: number;
  readonly leaseMs: number;
  readonly isolates: number;
  readonly clients: number;
  readonly writesPerClient: number;
}

export interface Observer {
  readonly logCommitted: (log: SimulatedObject) => void;
  readonly tasksCommitted: () => void;
  readonly nodeApplied: (host: NodeHost, task: NodeTask) => void;
}

const CRON_EVERY_MS = 60_000;

/** Nobody listens to webhooks in a simulated deployment. */
class Courier {
  wake(): void {}
}

export class World {
  readonly events = new Events();
  readonly faults: Faults;
  readonly trace: Trace;
  readonly shape: Shape;
  readonly hosts: readonly NodeHost[];
  readonly clusters: ObjectSpace;
  readonly logs: ObjectSpace;
  readonly database: SimulatedDatabase;
  readonly isolates: Isolate[] = [];
  /** Decides whether an object ends at a point, beside what the faults decide. */
  endsAt: (object: SimulatedObject, kind: PointKind) => boolean = () => false;
  #observer: Observer | undefined;
  readonly #seed: number;
  readonly #wire: Wire;
  readonly #network: Network;
  #isolateCount = 0;

  constructor(seed: number, shape: Shape, plan: FaultPlan, isTraced: boolean) {
    const { events } = this;
    this.#seed = seed;
    this.shape = shape;
    const now = (): number => events.now;
    this.faults = new Faults(seed, plan, shape.leaseMs, now);
    this.trace = new Trace(seed, isTraced, now);
    this.#wire = new Wire(events);
    const nodeLuck = Random.of(seed, "nodes");
    const hostCount = shape.nodes + (shape.spares ?? 0);
    this.hosts = Array.from({ length: hostCount }, (_, position) => {
      const name = `n${position}`;
      const host: NodeHost = new NodeHost(name, events, nodeLuck, (task) =>
        this.#applied(host, task),
      );
      return host;
    });
    this.#network = new Network({
      events,
      faults: this.faults,
      trace: this.trace,
      host: (name) => this.hosts.find((host) => host.name === name),
    });
    this.database = new SimulatedDatabase({
      wire: this.#wire,
      passage: (query) => this.faults.statement(query),
      onCommit: () => this.#observer?.tasksCommitted(),
    });
    this.clusters = this.#space("kill-cluster", Cluster as never);
    this.logs = this.#space("kill-log", IndexLog as never);
    for (let count = 0; count < shape.isolates; count += 1) this.isolates.push(this.newIsolate());
  }

  observe(observer: Observer): void {
    this.#observer = observer;
  }

  /** Puts the globals of production code on this world; what is returned takes them off again. */
  enter(): () => void {
    return installGlobals({
      events: this.events,
      random: Random.of(this.#seed, "production"),
      fetch: (url, init) => this.#network.fetch(url, init),
      log: (line) => this.trace.add("report", "", line),
    });
  }

  wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.events.schedule(delayMs, resolve);
    });
  }

  /** Cron's visits, for as long as there are events. */
  startCron(): void {
    const life = new Life("cron", 0);
    const env = this.#environment();
    const visit = (): void => {
      this.events.schedule(CRON_EVERY_MS, visit);
      void lives
        .run(life, () => env.CLUSTER.getByName("cluster").reconcile())
        .catch((error: unknown) => this.trace.add("cron", "error", String(error)));
    };
    this.events.schedule(CRON_EVERY_MS, visit);
  }

  newIsolate(): Isolate {
    const name = `edge-${(this.#isolateCount += 1)}`;
    if (this.faults.mayBe("clocks")) this.faults.count("clocks");
    const life = new Life(name, this.events.now, this.faults.clock(true));
    return new Isolate(life, this.#environment());
  }

  /** Everything is well from now on. */
  heal(): void {
    for (const host of this.hosts) {
      host.slowness = 1;
      host.node.isFull = false;
      host.start();
    }
    this.faults.isDatabaseDown = false;
  }

  /** Ends every life, and gives back what the next run can use. */
  async close(): Promise<void> {
    for (const { life } of this.isolates) life.isOver = true;
    const objects = [...this.clusters.all(), ...this.logs.all()];
    for (const object of objects) object.end();
    // What wakes up of this world must find its own globals, not those of the next.
    await this.events.settle();
    // Not the Cluster's: it makes its first keys when it makes their table.
    for (const { disk } of [...this.logs.all(), this.database]) disk.discard();
  }

  #applied(host: NodeHost, task: NodeTask): void {
    const outcome = task.error === null ? "" : ` ${JSON.stringify(task.error)}`;
    this.trace.add(
      host.name,
      "applied",
      `${task.uid} ${task.type} ${task.customMetadata ?? ""}${outcome}`,
    );
    this.#observer?.nodeApplied(host, task);
  }

  #space(kind: "kill-log" | "kill-cluster", made: ObjectClass): ObjectSpace {
    return new ObjectSpace(kind, made, this.#objectTools(kind));
  }

  #objectTools(kind: "kill-log" | "kill-cluster"): ObjectTools {
    return {
      events: this.events,
      wire: this.#wire,
      clock: () => this.faults.clock(false),
      environment: () => this.#environment(),
      passage: (object, method) => {
        const passage = this.faults.call(object, method);
        if (passage.fate !== "whole") this.trace.add(object, "call", `${method} ${passage.fate}`);
        return passage;
      },
      endsAt: (object, point) => this.endsAt(object, point) || this.faults.endsAt(kind),
      onCommit: (object) => {
        if (kind === "kill-log") this.#observer?.logCommitted(object);
      },
      onEnd: (object) => this.trace.add(object.name, "killed", ""),
      onError: (object, error) => this.trace.add(object.name, "error", String(error)),
    };
  }

  /** Bindings and variables; one object for each life, as on the platform. */
  #environment(): Env {
    const { nodes, replicas, shards, leaseMs, failAfterMs = 300_000 } = this.shape;
    const named = Array.from({ length: nodes }, (_, position) => ({
      id: `n${position}`,
      url: `http://n${position}`,
    }));
    const bindings = {
      CLUSTER: this.clusters,
      INDEX_LOG: this.logs,
      TASKS: this.database,
      WEBHOOKS: { getByName: () => new Courier() },
      MIROIR_MASTER_KEY: "key",
      MIROIR_NODES: JSON.stringify(named),
      MIROIR_SHARDS: String(shards),
      MIROIR_RF: String(replicas),
      MIROIR_LEASE_MS: String(leaseMs),
      MIROIR_FAIL_AFTER_MS: String(failAfterMs),
    };
    return bindings as never;
  }
}
