/** Clients: each writes and reads, one thing after the other, now through this isolate, now through that. */
import type { Write } from "../../worker/cluster/index-writer.ts";
import { wrappedFunction } from "../../worker/core/documents/edit-function.ts";
import { documentId, indexUid } from "../../worker/core/ids.ts";
import type { Operation } from "../../worker/core/log/operation.ts";
import { shardOf } from "../../worker/core/placement/hash.ts";
import { shardMark } from "../../worker/core/placement/shard-mark.ts";

import type { PayloadRow } from "../../durable-objects/rpc.ts";
import type { Judge } from "./checkers/judge.ts";
import type { Isolate } from "./isolate.ts";
import { Random } from "./random.ts";
import type { World } from "./world.ts";

const IDS = 12;
const TAGS = 3;
const UIDS = ["a", "b"] as const;

const encoder = new TextEncoder();

type Document = Readonly<Record<string, unknown>>;

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
      await this.#wait(random.pick([1, 20, 500, 8000]) * random.next());
      await this.#write();
      const reads = random.int(0, 3);
      for (let read = 0; read < reads; read += 1) {
        await this.#wait(random.pick([1, 30, 2000]) * random.next());
        await this.#read();
      }
    }
  }

  #wait(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#world.events.schedule(delayMs, resolve);
    });
  }

  #isolate(): Isolate {
    return this.#random.pick(this.#world.isolates);
  }

  async #read(): Promise<void> {
    const random = this.#random;
    const uid = random.pick(UIDS);
    const isolate = this.#isolate();
    const kind = random.weighted([
      ["search", 4],
      ["documents", 2],
      ["filtered", 2],
      ["one", 2],
    ]);
    const filter = `tag = ${random.int(0, TAGS - 1)}`;
    const id = String(random.int(0, IDS - 1));
    switch (kind) {
      case "search":
        await this.#judge.read(uid, isolate, {}, () => isolate.search(uid, null));
        return;
      case "documents":
        await this.#judge.read(uid, isolate, {}, () => isolate.documents(uid, null));
        return;
      case "filtered":
        await this.#judge.read(uid, isolate, { filter }, () => isolate.search(uid, filter));
        return;
      case "one":
        await this.#judge.read(uid, isolate, { id }, () => isolate.document(uid, id));
        return;
    }
  }

  async #write(): Promise<void> {
    const random = this.#random;
    const uid = random.pick(UIDS);
    const name = `${this.#name}-${(this.#writes += 1)}`;
    const isolate = this.#isolate();
    switch (random.weighted(this.#weights)) {
      case "add":
        return await this.#add(isolate, uid, name, "replace", this.#documents(name, 1, 4));
      case "update":
        return await this.#add(isolate, uid, name, "update", this.#documents(name, 1, 3));
      case "upload":
        return await this.#upload(isolate, uid, name);
      case "spoiled": {
        const [first, ...others] = this.#documents(name, 2, 5);
        return await this.#add(isolate, uid, name, "replace", [{ ...first, _geo: "x" }, ...others]);
      }
      case "edit": {
        const filter = random.chance(0.3) ? JSON.stringify(`tag = ${random.int(0, 2)}`) : null;
        const edit = wrappedFunction(`doc.n = doc.n + ${random.int(1, 9)}`);
        const operation = { kind: "editDocuments", function: edit, filter, context: null } as const;
        return await this.#append(isolate, uid, name, "documentEdition", operation);
      }
      case "delete":
        return await this.#delete(isolate, uid, name);
      case "deleteByFilter": {
        const filter = JSON.stringify(`tag = ${random.int(0, TAGS - 1)}`);
        return await this.#append(isolate, uid, name, "documentDeletion", {
          kind: "deleteByFilter",
          filter,
        });
      }
      case "deleteAll":
        return await this.#append(isolate, uid, name, "documentDeletion", {
          kind: "deleteAllDocuments",
        });
      case "settings": {
        const filterableAttributes = random.chance(0.8) ? ["tag"] : [];
        const patch = JSON.stringify({ filterableAttributes });
        return await this.#append(
          isolate,
          uid,
          name,
          "settingsUpdate",
          { kind: "changeSettings", patch },
          true,
        );
      }
      case "create":
        return await this.#append(
          isolate,
          uid,
          name,
          "indexCreation",
          { kind: "createIndex", primaryKey: random.chance(0.5) ? "id" : null },
          true,
        );
      case "dropIndex":
        return await this.#judge.drop(name, uid, () =>
          isolate.write(this.#writeOf(uid, name, "indexDeletion", { kind: "deleteIndex" }, false)),
        );
      case "swap":
        return await this.#judge.swap([UIDS[0], UIDS[1]], () => isolate.swap([UIDS[0], UIDS[1]]));
      case "cancel":
        return await this.#judge.attempt(name, () => isolate.cancel());
    }
  }

  #documents(name: string, least: number, most: number): readonly [Document, ...Document[]] {
    const random = this.#random;
    const one = (position: number): Document => ({
      id: random.int(0, IDS - 1),
      n: random.int(0, 99),
      tag: random.int(0, TAGS - 1),
      by: `${name}.${position}`,
    });
    const count = random.int(least, most);
    return [one(0), ...Array.from({ length: count - 1 }, (_, at) => one(at + 1))];
  }

  async #add(
    isolate: Isolate,
    uid: string,
    name: string,
    mode: "replace" | "update",
    documents: readonly Document[],
  ): Promise<void> {
    const skipCreation = this.#random.chance(0.15);
    const operation = { kind: "writeDocuments", mode, skipCreation, primaryKey: "id" } as const;
    await this.#judge.write(name, uid, () =>
      isolate.write({
        ...this.#writeOf(uid, name, "documentAdditionOrUpdate", operation, true),
        rows: (shardCount) => rowsOf(documents, shardCount),
      }),
    );
  }

  /** A payload that comes in two parts; its Worker may be cut off between them. */
  async #upload(isolate: Isolate, uid: string, name: string): Promise<void> {
    const { faults, shape } = this.#world;
    const documents = this.#documents(name, 2, 6);
    const token = `${name}-upload`;
    const isCut = faults.mayBe("cut-upload") && this.#random.chance(0.5);
    const operation = {
      kind: "writeDocuments",
      mode: "replace",
      skipCreation: false,
      primaryKey: "id",
    } as const;
    await this.#judge.write(name, uid, async () => {
      const rows = rowsOf(documents, shape.shards);
      const target = await isolate.upload(uid, token, rows.slice(0, 1));
      if (isCut) {
        faults.count("cut-upload");
        throw new Error("the Worker was cut off");
      }
      return await isolate.write({
        ...this.#writeOf(uid, name, "documentAdditionOrUpdate", operation, true),
        rows: () => rows.slice(1),
        upload: { ...target, token, rowCount: 1 },
      });
    });
  }

  async #delete(isolate: Isolate, uid: string, name: string): Promise<void> {
    const random = this.#random;
    const ids = Array.from({ length: random.int(1, 4) }, () => String(random.int(0, IDS - 1)));
    await this.#judge.write(name, uid, () =>
      isolate.write({
        ...this.#writeOf(uid, name, "documentDeletion", { kind: "deleteDocuments" }, false),
        rows: (shardCount) =>
          bySharded(ids, (id) => id, shardCount).map(([shard, own]) => ({
            shard,
            bytes: encoder.encode(own.map((id) => JSON.stringify(id)).join(",")),
          })),
      }),
    );
  }

  async #append(
    isolate: Isolate,
    uid: string,
    name: string,
    type: Write["task"]["type"],
    operation: Operation,
    createsIndex = false,
  ): Promise<void> {
    await this.#judge.write(name, uid, () =>
      isolate.write(this.#writeOf(uid, name, type, operation, createsIndex)),
    );
  }

  #writeOf(
    uid: string,
    name: string,
    type: Write["task"]["type"],
    operation: Operation,
    createsIndex: boolean,
  ): Write {
    return {
      uid: indexUid(uid),
      operation,
      task: {
        indexUid: indexUid(uid),
        type,
        details: null,
        indexedDocuments: null,
        customMetadata: name,
      },
      rows: () => [],
      failure: null,
      createsIndex,
      upload: undefined,
    };
  }
}

function rowsOf(documents: readonly Document[], shardCount: number): readonly PayloadRow[] {
  return bySharded(documents, ({ id }) => String(id), shardCount).map(([shard, own]) => ({
    shard,
    bytes: encoder.encode(
      own
        .map(
          (one) => `${JSON.stringify(one).slice(0, -1)},"_miroir_shard":"${shardMark(shard)}"}\n`,
        )
        .join(""),
    ),
  }));
}

function bySharded<T>(list: readonly T[], idOf: (one: T) => string, shardCount: number) {
  const groups = Map.groupBy(list, (one) => shardOf(documentId(idOf(one)), shardCount));
  return [...groups];
}
