import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";

import { EmbeddedNode } from "../../durable-objects/embedded-node.ts";
import { call, finished, hits } from "./miroir.ts";

/** Nodes that do not answer. */
const down = new Set<string>();
const original = EmbeddedNode.prototype.fetch;
vi.spyOn(EmbeddedNode.prototype, "fetch").mockImplementation(async function (
  this: EmbeddedNode,
  request: Request,
) {
  const { name } = Reflect.get(this, "ctx").id as DurableObjectId;
  if (name !== undefined && down.has(name)) throw new Error("the node is down");
  return await original.call(this, request);
});

afterEach(() => down.clear());

const documents = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({ id: from + i, n: from + i }));
const total = async (index: string, query: object = {}) => {
  const answer = await call("POST", `/indexes/${index}/search`, { limit: 1, ...query });
  return [
    answer.status,
    (answer.json as { estimatedTotalHits?: number }).estimatedTotalHits,
    answer.headers.get("X-Miroir-Degraded"),
  ];
};

test("one of three nodes dies and returns: every search is complete, every write gets through", async () => {
  await finished(call("POST", "/indexes/two/documents", documents(0, 90)));
  down.add("n1");
  expect(await total("two")).toEqual([200, 90, null]);
  await finished(call("POST", "/indexes/two/documents", documents(90, 100)));
  await finished(call("PUT", "/indexes/two/settings/filterable-attributes", ["n"]));
  await finished(call("POST", "/indexes/two/documents/delete", { filter: "n < 10" }));
  expect(await total("two", { filter: "n >= 0" })).toEqual([200, 90, null]);
  down.clear();
  await vi.waitUntil(async () => (await lagging("two")).length === 0, {
    timeout: 25_000,
    interval: 200,
  });
  // With each of the nodes that stayed gone in turn, the returned one has to answer for its shards.
  for (const node of ["n0", "n2"]) {
    down.clear();
    down.add(node);
    expect(await total("two", { filter: "n >= 0" })).toEqual([200, 90, null]);
  }
}, 60_000);

test("with every replica of a shard down a search says what it lacks, and a write waits", async () => {
  await finished(call("POST", "/indexes/few/documents", documents(0, 90)));
  down.add("n0").add("n1");
  const [status, count, degraded] = await total("few");
  expect(status).toBe(200);
  expect(count).toBeLessThan(90);
  expect(degraded).toMatch(/^shards=\d+(,\d+)*$/);
  const { json } = await call("POST", "/indexes/few/documents", documents(90, 120));
  const { taskUid } = json as { taskUid: number };
  expect((await call("GET", `/tasks/${taskUid}`)).json).toMatchObject({ status: "enqueued" });
  down.clear();
  await succeeded(taskUid);
  expect(await hits("few", { limit: 1000 })).toHaveLength(120);
}, 60_000);

test("of two replicas that are lost at once only one leaves: no task ends that nobody applied", async () => {
  await finished(call("POST", "/indexes/pair/documents", documents(0, 90)));
  down.add("n0").add("n1");
  const { json } = await call("POST", "/indexes/pair/documents", documents(90, 120));
  const { taskUid } = json as { taskUid: number };
  await vi.waitUntil(async () => (await lagging("pair")).length > 0, {
    timeout: 20_000,
    interval: 50,
  });
  const { resolve, promise } = Promise.withResolvers<void>();
  // Longer than the other one's next try, and than a lease.
  setTimeout(resolve, 7000);
  await promise;
  expect(await lagging("pair")).toHaveLength(1);
  expect((await call("GET", `/tasks/${taskUid}`)).json).toMatchObject({ status: "enqueued" });
  down.clear();
  await succeeded(taskUid);
  expect(await total("pair")).toEqual([200, 120, null]);
  await vi.waitUntil(async () => (await lagging("pair")).length === 0, {
    timeout: 25_000,
    interval: 100,
  });
  expect(await total("pair")).toEqual([200, 120, null]);
}, 70_000);

test("below min_in_sync tasks stay enqueued, the reason shows, and nothing is lost", async () => {
  await finished(call("POST", "/indexes/kept/documents", documents(0, 90)));
  const log = await logOf("kept");
  const writes = "/_miroir/indexes/kept/writes";
  expect((await call("GET", writes)).json).toMatchObject({ minInSync: 1, waiting: null });
  const changed = await call("PATCH", writes, { minInSync: 2 });
  expect(changed).toMatchObject({ status: 200, json: { index: "kept", minInSync: 2 } });
  down.add("n1");
  const { json } = await call("POST", "/indexes/kept/documents", documents(90, 120));
  const { taskUid } = json as { taskUid: number };
  await vi.waitUntil(async () => (await log.status()).waiting !== null, {
    timeout: 20_000,
    interval: 100,
  });
  expect((await call("GET", writes)).json).toMatchObject({
    minInSync: 2,
    waiting: { reason: "replicas", nodes: ["n1"] },
  });
  const { resolve, promise } = Promise.withResolvers<void>();
  // Longer than a replica is waited for when others may do without it.
  setTimeout(resolve, 6000);
  await promise;
  expect(await lagging("kept")).toEqual([]);
  expect((await call("GET", `/tasks/${taskUid}`)).json).toMatchObject({ status: "enqueued" });
  down.clear();
  await succeeded(taskUid);
  expect(await total("kept")).toEqual([200, 120, null]);
  expect((await log.status()).waiting).toBe(null);
}, 70_000);

test("min_in_sync that is raised while a replica is away waits for its return", async () => {
  await finished(call("POST", "/indexes/raised/documents", documents(0, 90)));
  const log = await logOf("raised");
  down.add("n1");
  await finished(call("POST", "/indexes/raised/documents", documents(90, 100)));
  await log.setMinInSync(2);
  const { json } = await call("POST", "/indexes/raised/documents", documents(100, 120));
  const { taskUid } = json as { taskUid: number };
  expect((await log.status()).waiting).toMatchObject({ kind: "min-in-sync", nodes: ["n1"] });
  expect((await call("GET", `/tasks/${taskUid}`)).json).toMatchObject({ status: "enqueued" });
  down.clear();
  await succeeded(taskUid);
  expect(await total("raised")).toEqual([200, 120, null]);
}, 70_000);

test("deleted documents count once, also while one of their replicas is out", async () => {
  await finished(call("POST", "/indexes/count/documents", documents(0, 90)));
  down.add("n2");
  const one = await finished(call("DELETE", "/indexes/count/documents/1"));
  expect(one.details["deletedDocuments"]).toBe(1);
  const all = await finished(call("DELETE", "/indexes/count/documents"));
  // Some were counted twice and some once: an estimate, but not half of them.
  expect(all.details["deletedDocuments"]).toBeGreaterThan(72);
  expect(all.details["deletedDocuments"]).toBeLessThan(106);
}, 60_000);

async function logOf(uid: string) {
  const target = await env.CLUSTER.getByName("cluster").writeTarget(uid as never, false, undefined);
  if (target === undefined) throw new Error(`no index ${uid}`);
  return env.INDEX_LOG.getByName(target.physical);
}

async function succeeded(taskUid: number): Promise<void> {
  const status = async () =>
    ((await call("GET", `/tasks/${taskUid}`)).json as { status: string }).status;
  await vi.waitUntil(async () => (await status()) === "succeeded", {
    timeout: 25_000,
    interval: 100,
  });
}

async function lagging(uid: string): Promise<readonly string[]> {
  const reply = await env.CLUSTER.getByName("cluster").snapshot("probe", undefined);
  if (reply.kind !== "changed") return [];
  return reply.topology.indexes.find((index) => index.uid === uid)?.lagging ?? [];
}
