/** Whoever changes how many shards indexes have, and sometimes changes their mind. */
import { indexUid } from "../../worker/core/ids.ts";
import type { ControlChange } from "../../durable-objects/topology/control-rpc.ts";
import type { Judge } from "./checkers/judge.ts";
import { UIDS } from "./clients.ts";
import { Random } from "./random.ts";
import type { World } from "./world.ts";

const SHARDS = [1, 2, 3, 5, 8];
/** Until there is an index, and nothing else goes on with it. */
const RETRY_MS = 700;
const TRIES_MAX = 12;

export class Resharder {
  readonly #world: World;
  readonly #judge: Judge;
  readonly #random: Random;
  #changes = 0;

  constructor(world: World, judge: Judge, seed: number) {
    this.#world = world;
    this.#judge = judge;
    this.#random = Random.of(seed, "resharder");
  }

  async live(): Promise<void> {
    const random = this.#random;
    for (let count = random.int(1, 3); count > 0; count -= 1) {
      await this.#world.wait(random.pick([20, 1000, 6000]) * random.next());
      const operation = await this.#begin(random.pick(UIDS), random.pick(SHARDS));
      if (operation === undefined || !random.chance(0.4)) continue;
      await this.#world.wait(random.pick([5, 400, 800, 3000]) * random.next());
      await this.#ask({ kind: "steer", operation, to: "cancel" });
    }
  }

  /** The operation that it has become. */
  async #begin(uid: string, to: number): Promise<number | undefined> {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const operation = await this.#ask({ kind: "reshard", uid: indexUid(uid), to });
      if (operation !== undefined) return operation;
      await this.#world.wait(RETRY_MS * this.#random.next());
    }
    return undefined;
  }

  async #ask(change: ControlChange): Promise<number | undefined> {
    const name = `resharder-${(this.#changes += 1)}`;
    let operation: number | undefined;
    await this.#judge.attempt(name, async () => {
      const reply = await this.#random.pick(this.#world.isolates).operate(change);
      this.#world.trace.add(name, "operate", `${JSON.stringify(change)} ${JSON.stringify(reply)}`);
      if (reply.kind === "accepted") operation = reply.operation?.id;
    });
    return operation;
  }
}
