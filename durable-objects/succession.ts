/**
 * Indexes that are built to take another one's place, in the registry: hidden from readers and
 * writers until one commit exchanges the two. While an exchange is near no name changes, and while
 * a name changes no exchange begins: what a swap waits for must not move to another log meanwhile.
 */
import { instant, type PhysicalUid } from "../worker/core/ids.ts";
import type { Node } from "../worker/core/topology/topology.ts";
import { targetOf } from "./index-views.ts";
import { successorTo } from "./new-index.ts";
import type { WriteTarget } from "./rpc.ts";
import type { RegisteredIndex } from "./storage/registry-store.ts";

/** An exchange is a matter of moments; one that never comes must not hold back names for ever. */
const EXCHANGE_MS = 15_000;
/** How often a change of names looks whether the exchange it waits for is over. */
const POLL_MS = 50;

export class Succession {
  readonly #indexes: ReadonlyMap<PhysicalUid, RegisteredIndex>;
  readonly #put: (index: RegisteredIndex) => void;
  readonly #now: () => number;
  readonly #near = new Map<PhysicalUid, number>();

  constructor(
    indexes: ReadonlyMap<PhysicalUid, RegisteredIndex>,
    put: (index: RegisteredIndex) => void,
    now: () => number,
  ) {
    this.#indexes = indexes;
    this.#put = put;
    this.#now = now;
  }

  /** The index that takes the place of this one; undefined when this one takes no writes. */
  begin(
    physical: PhysicalUid,
    nodes: readonly Node[],
    shardCount: number,
  ): WriteTarget | undefined {
    const index = this.#indexes.get(physical);
    if (index?.phase !== "serving") return undefined;
    const known = [...this.#indexes.values()].find(
      ({ builtFor, phase }) => builtFor === physical && phase === "building",
    );
    if (known !== undefined) return targetOf(known);
    const built = successorTo(index, nodes, shardCount, instant(this.#now()));
    this.#put(built);
    return targetOf(built);
  }

  /** What was built for this one is in vain: nothing more is built on it. */
  abandon(physical: PhysicalUid): readonly PhysicalUid[] {
    const built = [...this.#indexes.values()].filter(({ builtFor }) => builtFor === physical);
    for (const index of built) {
      if (index.phase === "building") this.#put({ ...index, phase: "superseded" });
    }
    return built.map((index) => index.physical);
  }

  /** From now on, for a while, names have to wait. */
  announce(physical: PhysicalUid): void {
    this.#near.set(physical, this.#now() + EXCHANGE_MS);
  }

  /** Resolves when no exchange is near. */
  async isOver(sleep: (ms: number) => Promise<void>): Promise<void> {
    while ([...this.#near.values()].some((until) => until > this.#now())) await sleep(POLL_MS);
  }

  /** One takes the other's place; nothing when that is over, or there is nothing to exchange. */
  exchange(physical: PhysicalUid, successor: PhysicalUid): void {
    this.#near.delete(physical);
    const [old, next] = [this.#indexes.get(physical), this.#indexes.get(successor)];
    if (old === undefined || next?.phase !== "building") return;
    const { uid, readUid, phase, createdAt } = old;
    this.#put({ ...old, phase: "superseded" });
    this.#put({ ...next, uid, readUid, phase, createdAt, builtFor: undefined });
  }
}
