/** Clients: each writes and reads, one thing after the other, now through this isolate, now through that. */
import type { Write } from "../../worker/cluster/index-writer.ts";
import { nodeId, shardId } from "../../worker/core/ids.ts";
import type { Judge } from "./checkers/judge.ts";
import type { Isolate } from "./isolate.ts";
import { Random } from "./random.ts";
import type { World } from "./world.ts";
import * as writes from "./writes.ts";

export const UIDS = ["a", "b"] as const;

const IDS = 12;
const TAGS = 3;

const OPERATIONS = [
  ["add", 8],
  ["update", 3],
  ["upload", 2],
  ["spoiled", 1],
  ["edit", 4],
  ["delete", 3],
  ["deleteByFilter", 2],
  ["deleteAll", 1],
  ["settings", 2],
  ["create", 1],
  ["dropIndex", 1],
  ["swap", 1],
  ["cancel", 1],
  ["move", 3],
  ["operate", 2],
] as const;

type OperationName = (typeof OPERATIONS)[number][0];

export class Client {
  readonly #world: World;
  readonly #judge: Judge;
  readonly #random: Random;
  readonly #name: string;
  readonly #weights: readonly (readonly [OperationName, number])[];
  #writes = 0;

  constructor(world: World, judge: Judge, seed: number, name: string) {
    this.#world = world;
    this.#judge = judge;
    this.#name = name;
    this.#random = Random.of(seed, name);
    const focus = Random.of(seed, "operations");
    this.#weights = OPERATIONS.map(([operation, weight]) => [
      operation,
      focus.chance(0.5) ? weight : weight * 0.2,
    ]);
  }

  /** Everything that it does; resolves when it is done. */
  async live(): Promise<void> {
    const random = this.#random;
    for (let count = 0; count < this.#world.shape.writesPerClient; count += 1) {
      await this.#world.wait(random.pick([1, 20, 500, 8000]) * random.next());
      await this.#write();
      const reads = random.int(0, 3);
      for (let read = 0; read < reads; read += 1) {
        await this.#world.wait(random.pick([1, 30, 2000]) * random.next());
        await this.#read();
      }
    }
  }

  #isolate(): Isolate {
    return this.#random.pick(this.#world.isolates);
  }

  async #read(): Promise<void> {
    const random = this.#random;
    const judge = this.#judge;
    const uid = random.pick(UIDS);
    const isolate = this.#isolate();
    const kind = random.weighted([
      ["search", 4],
      ["documents", 2],
      ["filtered", 2],
      ["one", 2],
    ]);
    const filter = this.#filter();
    const id = this.#id();
    switch (kind) {
      case "search":
        await judge.read(uid, isolate, {}, () => isolate.search(uid, null));
        return;
      case "documents":
        await judge.read(uid, isolate, {}, () => isolate.documents(uid, null));
        return;
      case "filtered":
        await judge.read(uid, isolate, { filter }, () => isolate.search(uid, filter));
        return;
      case "one":
        await judge.read(uid, isolate, { id }, () => isolate.document(uid, id));
    }
  }

  async #write(): Promise<void> {
    const random = this.#random;
    const uid = random.pick(UIDS);
    const name = `${this.#name}-${(this.#writes += 1)}`;
    const isolate = this.#isolate();
    const send = async (write: Write): Promise<void> =>
      await this.#judge.write(name, uid, () => isolate.write(write));
    switch (random.weighted(this.#weights)) {
      case "add":
        return await send(
          writes.addition(uid, name, this.#documents(name, 1, 4), "replace", random.chance(0.1)),
        );
      case "update":
        return await send(
          writes.addition(uid, name, this.#documents(name, 1, 3), "update", random.chance(0.2)),
        );
      case "upload":
        return await this.#upload(isolate, uid, name);
      case "spoiled": {
        const [first, ...others] = this.#documents(name, 2, 5);
        return await send(writes.addition(uid, name, [{ ...first, _geo: "x" }, ...others]));
      }
      case "edit": {
        const filter = random.chance(0.3) ? this.#filter() : null;
        const picky = random.chance(0.3) ? random.int(2, 5) : undefined;
        return await send(writes.edition(uid, name, random.int(1, 9), filter, picky));
      }
      case "delete": {
        const ids = Array.from({ length: random.int(1, 4) }, () => this.#id());
        return await send(writes.deletion(uid, name, ids));
      }
      case "deleteByFilter":
        return await send(writes.deletionByFilter(uid, name, this.#filter()));
      case "deleteAll":
        return await send(writes.deletionOfAll(uid, name));
      case "settings":
        return await send(writes.settings(uid, name, random.chance(0.8) ? ["tag"] : []));
      case "create":
        return await send(writes.creation(uid, name, random.chance(0.5) ? "id" : null));
      case "dropIndex":
        return await this.#judge.drop(name, uid, () => isolate.write(writes.removal(uid, name)));
      case "swap":
        return await this.#judge.swap(UIDS, () => isolate.swap(UIDS));
      case "cancel":
        return await this.#judge.attempt(name, () => isolate.cancel());
      case "move":
        // Nobody asks a log past the operations that keep a reshard and moves apart.
        if (this.#world.shape.isResharded === true) return await this.#operate(isolate, name);
        return await this.#move(isolate, name);
      case "operate":
        return await this.#operate(isolate, name);
    }
  }

  /** A shard moves, gets one more replica, or loses one. */
  async #move(isolate: Isolate, name: string): Promise<void> {
    const random = this.#random;
    const { hosts } = this.#world;
    const placed = [...this.#judge.records.values()].filter(
      ({ shardMap }) => shardMap !== undefined,
    );
    if (placed.length === 0) return;
    const { physical, shardMap = [] } = random.pick(placed);
    const shard = random.int(0, shardMap.length - 1);
    const holding = shardMap[shard] ?? [];
    const others = hosts.map((host) => nodeId(host.name)).filter((node) => !holding.includes(node));
    const target = others.length > 0 && random.chance(0.9) ? random.pick(others) : null;
    const mayLose = holding.length > (target === null ? 1 : 0);
    const drop = mayLose && random.chance(0.8) ? random.pick(holding) : null;
    if (target === null && drop === null) return;
    const change = { id: name, shard: shardId(shard), target, drop };
    this.#world.trace.add(name, "move", `${physical} ${JSON.stringify(change)}`);
    await this.#judge.attempt(name, () => isolate.transfer(physical, change));
  }

  /** A node is emptied and taken back, or everything is placed anew. */
  async #operate(isolate: Isolate, name: string): Promise<void> {
    const { hosts, shape } = this.#world;
    // Others must be able to take what it holds.
    const mayDrain = shape.nodes > shape.replicas;
    const kind = mayDrain
      ? this.#random.pick(["drain", "resumeNode", "rebalance"] as const)
      : "rebalance";
    const node = nodeId(hosts[0]?.name ?? "");
    const change = kind === "rebalance" ? { kind } : { kind, node };
    await this.#judge.attempt(name, async () => {
      const { kind: outcome } = await isolate.operate(change);
      this.#world.trace.add(name, "operate", `${JSON.stringify(change)} ${outcome}`);
    });
  }

  #filter(): string {
    return `tag = ${this.#random.int(0, TAGS - 1)}`;
  }

  #id(): string {
    return String(this.#random.int(0, IDS - 1));
  }

  #documents(
    name: string,
    least: number,
    most: number,
  ): readonly [writes.Document, ...writes.Document[]] {
    const random = this.#random;
    const one = (position: number): writes.Document => ({
      id: random.int(0, IDS - 1),
      n: random.int(0, 99),
      tag: random.int(0, TAGS - 1),
      by: `${name}.${position}`,
    });
    const count = random.int(least, most);
    return [one(0), ...Array.from({ length: count - 1 }, (_, at) => one(at + 1))];
  }

  /** A payload that comes in two parts; its Worker may be cut off between them. */
  async #upload(isolate: Isolate, uid: string, name: string): Promise<void> {
    const { faults } = this.#world;
    const documents = this.#documents(name, 2, 6);
    const token = `${name}-upload`;
    const isCut = faults.mayBe("cut-upload") && this.#random.chance(0.5);
    await this.#judge.write(name, uid, async () => {
      const { upload, others } = await isolate.upload(uid, token, (shardCount) =>
        writes.documentRows(documents, shardCount),
      );
      if (isCut) {
        faults.count("cut-upload");
        throw new Error("the Worker was cut off");
      }
      return await isolate.write({
        ...writes.addition(uid, name, documents),
        rows: () => others,
        upload,
      });
    });
  }
}
