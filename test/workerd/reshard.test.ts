import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";

import type { IndexLog } from "../../durable-objects/index-log.ts";
import { physicalUid, type PhysicalUid } from "../../worker/core/ids.ts";
import { call, finished, hits } from "./miroir.ts";

interface Document {
  readonly id: number;
  readonly n: number;
  readonly big?: string;
}

const cluster = () => env.CLUSTER.getByName("cluster");
const registered = async (uid: string) => {
  const reply = await cluster().snapshot("probe", undefined);
  const indexes = reply.kind === "changed" ? reply.topology.indexes : [];
  const index = indexes.find((one) => one.uid === uid);
  if (index === undefined) throw new Error(`no index ${uid}`);
  return index;
};
const logOf = (physical: PhysicalUid): DurableObjectStub<IndexLog> =>
  env.INDEX_LOG.getByName(physical);
const documents = (from: number, to: number): Document[] =>
  Array.from({ length: to - from }, (_, at) => ({ id: from + at, n: from + at }));
const all = async (uid: string): Promise<unknown[]> => {
  const { json } = await call("GET", `/indexes/${uid}/documents?limit=1000`);
  return (json as { results: unknown[] }).results;
};
const count = async (uid: string) => (await hits(uid, { limit: 1000 })).length;

async function phaseOf(log: DurableObjectStub<IndexLog>): Promise<string | undefined> {
  return (await log.reshardState())?.phase;
}

async function isOver(log: DurableObjectStub<IndexLog>): Promise<string> {
  await vi.waitUntil(async () => ["done", "abandoned"].includes((await phaseOf(log)) ?? ""), {
    timeout: 60_000,
    interval: 50,
  });
  return (await phaseOf(log)) ?? "";
}

/** Indexes on the nodes themselves. */
async function onNodes(): Promise<readonly string[]> {
  const lists = await Promise.all(
    ["n0", "n1", "n2"].map(async (node) => {
      const response = await env.EMBEDDED_NODE.getByName(node).fetch(
        "http://embedded/indexes?limit=1000",
      );
      const { results } = (await response.json()) as { results: { uid: string }[] };
      return results.map(({ uid }) => uid);
    }),
  );
  return [...new Set(lists.flat())];
}

/** A body of which the second half comes when it is asked for. */
function slowBody(text: string) {
  const bytes = new TextEncoder().encode(text);
  const middle = Math.floor(bytes.length / 2);
  const half = Promise.withResolvers<void>();
  const rest = Promise.withResolvers<void>();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      controller.enqueue(bytes.slice(0, middle));
      half.resolve();
      await rest.promise;
      controller.enqueue(bytes.slice(middle));
      controller.close();
    },
  });
  return [body, { half: half.promise, rest: () => rest.resolve() }] as const;
}

test("an index gets more shards while it is written and searched", async () => {
  const unembedded = { _vectors: { e: null } };
  const written = (from: number, to: number) =>
    documents(from, to).map((document) => ({ ...document, ...unembedded }));
  await finished(call("POST", "/indexes/grow/documents", documents(0, 300)));
  await finished(
    call("PATCH", "/indexes/grow/settings", {
      filterableAttributes: ["n"],
      embedders: { e: { source: "userProvided", dimensions: 2 } },
    }),
  );
  await finished(
    call("POST", "/indexes/grow/documents", [
      { id: 300, n: 300, _vectors: { e: [0.5, 0.25] } },
      { id: 301, n: 301, title: "häßlich «»", nested: { deep: [1, null] }, ...unembedded },
    ]),
  );
  const before = await all("grow");
  const { physical } = await registered("grow");
  const log = logOf(physical);
  expect(await log.reshard("more", 64)).toBe(true);
  // The same request again is the same reshard; another one has to wait.
  expect(await log.reshard("more", 64)).toBe(true);
  expect(await log.reshard("other", 32)).toBe(false);
  const writes = [
    call("POST", "/indexes/grow/documents", written(302, 310)),
    call("PUT", "/indexes/grow/documents", [{ id: 1, more: "yes" }]),
    call("DELETE", "/indexes/grow/documents/2"),
    call("POST", "/indexes/grow/documents/delete-batch", [3, 4]),
    call("POST", "/indexes/grow/documents/delete", { filter: "n >= 10 AND n < 20" }),
    call("PATCH", "/indexes/grow/settings", { sortableAttributes: ["n"] }),
    call("POST", "/indexes/grow/documents", written(310, 320)),
  ];
  let isRunning = true;
  const searching = (async () => {
    const seen: number[] = [];
    while (isRunning) {
      seen.push(await count("grow"));
      // In one isolate with everything else, searches without a pause leave no time for the rest.
      await scheduler.wait(10);
    }
    return seen;
  })();
  for (const task of await Promise.all(writes.map((write) => finished(write)))) {
    expect(task.status).toBe("succeeded");
  }
  expect(await isOver(log)).toBe("done");
  isRunning = false;
  // Complete all the while: what was there, less what the deletions take, more what is added.
  for (const found of await searching) expect(found).toBeGreaterThanOrEqual(302 - 13);
  const after = await registered("grow");
  expect(after.shardMap).toHaveLength(64);
  expect(after.physical).not.toBe(physical);
  const gone = new Set([2, 3, 4, ...Array.from({ length: 10 }, (_, at) => 10 + at)]);
  const expected = [...(before as Document[]), ...documents(302, 320)]
    .filter(({ id }) => !gone.has(id))
    .map((document) => (document.id === 1 ? { ...document, more: "yes" } : document));
  expect(await all("grow")).toEqual(expected);
  expect(await hits("grow", { sort: ["n:desc"], limit: 1 })).toEqual([{ id: 319, n: 319 }]);
  const vectors = await call("POST", "/indexes/grow/documents/fetch", {
    ids: [300],
    retrieveVectors: true,
  });
  expect(vectors.json).toMatchObject({
    results: [{ _vectors: { e: { embeddings: [[0.5, 0.25]], regenerate: false } } }],
  });
  await vi.waitUntil(async () => !(await onNodes()).includes(physical), {
    timeout: 30_000,
    interval: 100,
  });
}, 120_000);

test("a write that still goes to the old log is carried out by the new one", async () => {
  await finished(call("POST", "/indexes/late/documents", documents(0, 20)));
  const { physical } = await registered("late");
  const log = logOf(physical);
  await log.reshard("late", 8);
  expect(await isOver(log)).toBe("done");
  const reply = await log.append({
    token: "stale-worker",
    operation: { kind: "deleteDocuments" },
    task: {
      indexUid: "late" as never,
      type: "documentDeletion",
      details: null,
      indexedDocuments: null,
      customMetadata: null,
    },
    rows: [{ shard: 3 as never, bytes: new TextEncoder().encode('"5","6"') }],
    uploadedRows: 0,
    createsIndex: false,
    failure: null,
    conditional: null,
    releasedLease: undefined,
  });
  expect(reply).toMatchObject({ kind: "accepted" });
  const { uid } = reply as { uid: number };
  const status = async () =>
    ((await call("GET", `/tasks/${uid}`)).json as { status: string }).status;
  await vi.waitUntil(async () => (await status()) === "succeeded", { timeout: 20_000 });
  expect(await count("late")).toBe(18);
}, 60_000);

test("a payload that comes while the index is exchanged is split for the one that it goes to", async () => {
  const ids = Array.from({ length: 40 }, (_, at) => at);
  await finished(call("POST", "/indexes/slow/documents", documents(0, 40)));
  const log = logOf((await registered("slow")).physical);
  const [body, sent] = slowBody(JSON.stringify(ids.map((id) => ({ id, n: id + 1000 }))));
  const write = call("POST", "/indexes/slow/documents", body);
  await sent.half;
  await log.reshard("slow", 3);
  expect(await isOver(log)).toBe("done");
  sent.rest();
  expect((await finished(write)).status).toBe("succeeded");
  expect(await all("slow")).toEqual(ids.map((id) => ({ id, n: id + 1000 })));
  await finished(call("POST", "/indexes/slow/documents/delete-batch", ids.slice(1)));
  expect(await all("slow")).toEqual([{ id: 0, n: 1000 }]);
}, 60_000);

test("one that is canceled leaves no trace, and what waited goes on", async () => {
  await finished(call("POST", "/indexes/stay/documents", documents(0, 50)));
  const { physical } = await registered("stay");
  const log = logOf(physical);
  await log.reshard("no", 64);
  const write = call("POST", "/indexes/stay/documents", documents(50, 60));
  await log.cancelReshard("no");
  expect(await isOver(log)).toBe("abandoned");
  expect((await finished(write)).status).toBe("succeeded");
  expect(await count("stay")).toBe(60);
  expect((await registered("stay")).physical).toBe(physical);
  await vi.waitUntil(
    async () => (await onNodes()).filter((name) => name.startsWith("stay-")).length === 1,
    { timeout: 30_000, interval: 100 },
  );
}, 60_000);

test("a swap or a deletion goes before", async () => {
  await finished(call("POST", "/indexes/left/documents", documents(0, 30)));
  await finished(call("POST", "/indexes/right/documents", documents(0, 5)));
  const left = logOf((await registered("left")).physical);
  await left.reshard("left", 64);
  const swapped = await finished(call("POST", "/swap-indexes", [{ indexes: ["left", "right"] }]));
  expect(swapped.status).toBe("succeeded");
  expect([await count("left"), await count("right")]).toEqual([5, 30]);
  await isOver(left);
  const right = logOf((await registered("right")).physical);
  await right.reshard("right", 64);
  expect((await finished(call("DELETE", "/indexes/right"))).status).toBe("succeeded");
  expect((await call("GET", "/indexes/right")).status).toBe(404);
  // Neither the index, which kept its first name on nodes, nor what was built for it.
  await vi.waitUntil(async () => !(await onNodes()).some((name) => name.startsWith("left-")), {
    timeout: 30_000,
    interval: 100,
  });
}, 90_000);

test("an index that nothing was written to, or that is not there, is not resharded", async () => {
  expect(await logOf(physicalUid("nowhere-12345678")).reshard("x", 64)).toBe(false);
});
