/**
 * Whoever runs the cluster: adds, drains, removes and replaces nodes, changes replication factors,
 * places everything anew, while clients read and write and faults go on. What Miroir refuses is
 * refused; what it accepts has to end.
 */
import { groupId, indexUid, nodeId, type NodeId } from "../../worker/core/ids.ts";
import type { ControlChange } from "../../durable-objects/topology/control-rpc.ts";
import type { Judge } from "./checkers/judge.ts";
import { UIDS } from "./clients.ts";
import type { Isolate } from "./isolate.ts";
import { Random } from "./random.ts";
import type { World } from "./world.ts";

const CHANGES = [
  ["addNode", 4],
  ["drain", 2],
  ["resumeNode", 2],
  ["remove", 2],
  ["replace", 1],
  ["replicas", 4],
  ["rebalance", 3],
  ["repair", 1],
  ["cancel", 1],
  ["pause", 1],
] as const;

const REPLICAS_MAX = 3;
/** Refused for now: an operation is under way, or a node is not back yet. */
const RETRY_MS = 2000;
const RETRIES_MAX = 60;

export class Operator {
  readonly #world: World;
  readonly #judge: Judge;
  readonly #random: Random;
  #changes = 0;
  #lastOperation: number | undefined;
  readonly #paused = new Set<number>();

  constructor(world: World, judge: Judge, seed: number) {
    this.#world = world;
    this.#judge = judge;
    this.#random = Random.of(seed, "operator");
  }

  /** Everything that it does while faults go on. */
  async live(): Promise<void> {
    const random = this.#random;
    for (let count = random.int(1, 5); count > 0; count -= 1) {
      await this.#world.wait(random.pick([20, 1000, 8000]) * random.next());
      const change = this.#change();
      if (change !== undefined) await this.#ask(change);
    }
  }

  /** What was paused goes on. */
  async recover(): Promise<void> {
    for (const operation of this.#paused) {
      await this.#insist({ kind: "steer", operation, to: "resume" });
    }
  }

  /** Everything is placed as it should be. */
  async finish(): Promise<void> {
    await this.#insist({ kind: "rebalance" });
  }

  #change(): ControlChange | undefined {
    const random = this.#random;
    const node = nodeId(random.pick(this.#world.hosts).name);
    const uid = indexUid(random.pick(UIDS));
    const kind = random.weighted(CHANGES);
    switch (kind) {
      case "addNode":
        return newNode(node);
      case "drain":
      case "resumeNode":
      case "remove":
        return { kind, node };
      case "replace":
        return { kind, node, by: nodeId(random.pick(this.#world.hosts).name) };
      case "replicas":
        return { kind, uid, to: random.int(1, REPLICAS_MAX) };
      case "rebalance":
        return { kind };
      case "repair":
        return { kind, uid };
      case "cancel":
      case "pause":
        if (this.#lastOperation === undefined) return undefined;
        if (kind === "pause") this.#paused.add(this.#lastOperation);
        return { kind: "steer", operation: this.#lastOperation, to: kind };
    }
  }

  async #ask(change: ControlChange): Promise<void> {
    const name = `operator-${(this.#changes += 1)}`;
    await this.#judge.attempt(name, async () => {
      const reply = await this.#isolate().operate(change);
      this.#world.trace.add(name, "operate", `${JSON.stringify(change)} ${JSON.stringify(reply)}`);
      if (reply.kind === "accepted") this.#lastOperation = reply.operation?.id;
    });
  }

  /** Asks until it is taken, or is not needed any more. */
  async #insist(change: ControlChange): Promise<void> {
    for (let retry = 0; retry < RETRIES_MAX; retry += 1) {
      const reply = await this.#isolate().operate(change);
      this.#world.trace.add("operator", "operate", `${JSON.stringify(change)} ${reply.kind}`);
      if (reply.kind === "accepted" || change.kind === "steer") return;
      await this.#world.wait(RETRY_MS);
    }
    this.#judge.fail(`nobody takes ${JSON.stringify(change)}`);
  }

  #isolate(): Isolate {
    return this.#random.pick(this.#world.isolates);
  }
}

function newNode(id: NodeId): ControlChange {
  const node = { id, url: `http://${id}`, key: undefined, group: groupId("default") };
  return { kind: "addNode", node: { ...node, zone: undefined, weight: 1 } };
}
