/** Stories told on purpose: a small world in which nothing goes wrong but what the story says. */
import type { ControlChange } from "../../durable-objects/topology/control-rpc.ts";
import type { Write } from "../../worker/cluster/index-writer.ts";
import { indexUid } from "../../worker/core/ids.ts";
import type { Judge } from "./checkers/judge.ts";
import type { Isolate, ReadResult } from "./isolate.ts";
import { live } from "./life-of-a-cluster.ts";
import type { Document } from "./writes.ts";
import { World } from "./world.ts";

/** Two nodes, both with every shard unless said otherwise, and two isolates. */
export function quietWorld(replicas = 2, nodes = 2): World {
  const shape = { nodes, replicas, shards: 2, leaseMs: 1000, isolates: 2 };
  const nothing = { enabled: new Set<never>(), untilMs: 0 };
  return new World(1, { ...shape, clients: 0, writesPerClient: 0 }, nothing, false);
}

/** Tells a story to its end; what the judge finds wrong with it. */
export async function told(
  world: World,
  story: (teller: Teller) => Promise<void>,
): Promise<string | undefined> {
  const { violation } = await live(world, 1, 0, (judge) => ({
    jobs: [story(new Teller(world, judge))],
  }));
  return violation;
}

export const documents = (by: string): readonly Document[] =>
  [1, 2, 3, 4].map((id) => ({ id, n: id, tag: id % 2, by }));

/** A story's hands: one isolate writes, the other one reads and does the rest. */
export class Teller {
  readonly world: World;
  readonly judge: Judge;
  readonly writer: Isolate;
  readonly reader: Isolate;

  constructor(world: World, judge: Judge) {
    const [writer, reader] = world.isolates;
    if (writer === undefined || reader === undefined) throw new Error("there are two isolates");
    this.world = world;
    this.judge = judge;
    this.writer = writer;
    this.reader = reader;
  }

  async send(write: Write): Promise<void> {
    const name = write.task.customMetadata ?? "";
    await this.judge.write(name, write.uid, () => this.writer.write(write));
  }

  async look(uid: string): Promise<ReadResult> {
    return await this.judge.read(uid, this.reader, {}, () => this.reader.search(uid, null));
  }

  /** The operation that the change has become, if it was taken. */
  async operate(change: ControlChange): Promise<number | undefined> {
    let operation: number | undefined;
    await this.judge.attempt("operator", async () => {
      const reply = await this.reader.operate(change);
      if (reply.kind === "accepted") operation = reply.operation?.id;
    });
    return operation;
  }

  async reshard(uid: string, to: number): Promise<number | undefined> {
    return await this.operate({ kind: "reshard", uid: indexUid(uid), to });
  }
}
