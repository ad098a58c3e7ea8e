import { env } from "cloudflare:workers";
import { abortAllDurableObjects, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";

import { EmbeddedNode } from "../../durable-objects/embedded-node.ts";
import { LogStore } from "../../durable-objects/storage/log-store.ts";
import { logOffset, shardId } from "../../worker/core/ids.ts";
import { TaskLog } from "../../worker/tasklog/task-log.ts";
import { call, finished, hits } from "./miroir.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const cluster = () => env.CLUSTER.getByName("cluster");
const physicalOf = async (uid: string) => {
  const target = await cluster().writeTarget(uid as never, false, undefined);
  if (target === undefined) throw new Error(`no index ${uid}`);
  return target.physical;
};
const logOf = async (uid: string) => env.INDEX_LOG.getByName(await physicalOf(uid));
const task = async (uid: number) =>
  (await call("GET", `/tasks/${uid}`)).json as { status: string; details: unknown };
const uidOf = ({ json }: { json: unknown }) => (json as { taskUid: number }).taskUid;

/** Runs the log's alarm until a task is over, as time would. */
async function overWithAlarms(index: DurableObjectStub<never>, uid: number): Promise<string> {
  await vi.waitUntil(
    async () => {
      await runDurableObjectAlarm(index);
      return !["enqueued", "processing"].includes((await task(uid)).status);
    },
    { timeout: 20_000, interval: 50 },
  );
  return (await task(uid)).status;
}

test("a deletion that was cut off after the registry forgot the index still ends", async () => {
  await finished(call("POST", "/indexes/gone/documents", [{ id: 1 }]));
  const log = await logOf("gone");
  // The registry hears of the end; the task log does not, until the object is restarted.
  const finish = vi.spyOn(TaskLog.prototype, "finish").mockRejectedValue(new Error("D1 is away"));
  const uid = uidOf(await call("DELETE", "/indexes/gone"));
  await vi.waitUntil(() => finish.mock.calls.length > 0, { timeout: 20_000, interval: 20 });
  await abortAllDurableObjects();
  finish.mockRestore();
  expect(await overWithAlarms(log as never, uid)).toBe("succeeded");
}, 40_000);

test("while the task log is away writes keep their place, and get their tasks in order", async () => {
  await finished(call("POST", "/indexes/away/documents", [{ id: 1, n: 0 }]));
  const register = vi
    .spyOn(TaskLog.prototype, "register")
    .mockRejectedValueOnce(new Error("D1 is away"))
    .mockRejectedValueOnce(new Error("D1 is away"));
  const writes = await Promise.all(
    [1, 2, 3].map((n) => call("POST", "/indexes/away/documents", [{ id: 1, n }])),
  );
  expect(writes.map(({ status }) => status)).toEqual([202, 202, 202]);
  expect(register.mock.calls.length).toBeGreaterThan(2);
  for (const write of writes) await finished(Promise.resolve(write));
  const newest = writes.toSorted((a, b) => uidOf(b) - uidOf(a))[0];
  const n = 1 + writes.indexOf(newest ?? (writes[0] as never));
  expect(await hits("away", {})).toEqual([{ id: 1, n }]);
});

test("a log killed in the middle of a flight delivers its entry once", async () => {
  await finished(call("POST", "/indexes/flight/documents", [{ id: 1, n: 0 }]));
  const log = await logOf("flight");
  const original = EmbeddedNode.prototype.fetch;
  let writes = 0;
  let lose = true;
  vi.spyOn(EmbeddedNode.prototype, "fetch").mockImplementation(async function (
    this: EmbeddedNode,
    request: Request,
  ) {
    const isWrite = request.method === "POST" && request.url.includes("/documents?");
    const response = await original.call(this, request);
    if (!isWrite) return response;
    writes += 1;
    // The node has taken it; the answer never gets through.
    return lose ? await new Promise<Response>(() => undefined) : response;
  });
  const uid = uidOf(await call("POST", "/indexes/flight/documents", [{ id: 1, n: 1 }]));
  await vi.waitUntil(() => writes === 2, { timeout: 10_000, interval: 10 });
  lose = false;
  await abortAllDurableObjects();
  expect(await overWithAlarms(log as never, uid)).toBe("succeeded");
  expect(writes).toBe(2);
  expect(await hits("flight", {})).toEqual([{ id: 1, n: 1 }]);
}, 40_000);

test("a full log answers 503 with Retry-After, and takes writes again once nodes have caught up", async () => {
  await finished(call("POST", "/indexes/full/documents", [{ id: 1 }]));
  const size = vi.spyOn(LogStore.prototype, "size", "get").mockReturnValue(2_000_000_001);
  const refused = await call("POST", "/indexes/full/documents", [{ id: 2 }]);
  expect(refused.status).toBe(503);
  expect(refused.json).toMatchObject({ code: "miroir_write_log_full" });
  expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
  size.mockRestore();
  await finished(call("POST", "/indexes/full/documents", [{ id: 3 }]));
  expect(await hits("full", {})).toEqual([{ id: 1 }, { id: 3 }]);
}, 30_000);

test("what all nodes have takes no room in the log", async () => {
  const documents = Array.from({ length: 300 }, (_, id) => ({ id, text: "x".repeat(2000) }));
  await finished(call("POST", "/indexes/room/documents", documents));
  const log = await logOf("room");
  await vi.waitUntil(
    async () =>
      (await runInDurableObject(log, (_, { storage }) => new LogStore(storage.sql).size)) < 10_000,
    { timeout: 5000, interval: 20 },
  );
});

test("an upload is dropped by the age of its last row, and never taken when a part is missing", async () => {
  await finished(call("POST", "/indexes/parts/documents", [{ id: 1 }]));
  const log = await logOf("parts");
  const row = (text: string) => ({ shard: shardId(0), bytes: new TextEncoder().encode(text) });
  await runInDurableObject(log, (_, { storage }) => {
    const store = new LogStore(storage.sql);
    store.addPayload("slow", [row("a")], 1000);
    store.addPayload("slow", [row("b")], 9000);
    store.addPayload("cut", [row("c")], 1000);
    store.dropAbandonedPayload(5000);
    expect([store.payloadRows("slow"), store.payloadRows("cut")]).toEqual([2, 0]);
    const counted = store.size;
    store.measure();
    expect(store.size).toBe(counted);
  });
  const reply = await log.append({
    token: "cut",
    operation: { kind: "writeDocuments", mode: "replace", skipCreation: false, primaryKey: "id" },
    task: {
      indexUid: "parts" as never,
      type: "documentAdditionOrUpdate",
      details: null,
      indexedDocuments: 1,
      customMetadata: null,
    },
    rows: [],
    uploadedRows: 1,
    createsIndex: true,
    failure: null,
    releasedLease: undefined,
  });
  expect(reply).toEqual({ kind: "incomplete" });
});

test("a change whose end was not announced does not keep leases away for ever", async () => {
  await finished(call("POST", "/indexes/lease/documents", [{ id: 1 }]));
  const log = await logOf("lease");
  const leaseMs = async () => (await cluster().snapshot("probe", undefined)).leaseMs;
  await vi.waitUntil(async () => (await leaseMs()) > 0, { timeout: 5000, interval: 20 });
  await cluster().beginChange(await physicalOf("lease"), undefined);
  expect(await leaseMs()).toBe(0);
  await runInDurableObject(log, (instance) => instance.alarm());
  await vi.waitUntil(async () => (await leaseMs()) > 0, { timeout: 5000, interval: 20 });
});

test("an index that nothing was written to is not brought into being by a deletion", async () => {
  // As an upload leaves it that turns out not to be JSON.
  await cluster().writeTarget("ghost" as never, true, undefined);
  const { status, error } = (await finished(call("DELETE", "/indexes/ghost"))) as never as {
    status: string;
    error: { code: string };
  };
  expect([status, error.code]).toEqual(["failed", "index_not_found"]);
  expect((await call("GET", "/indexes/ghost")).status).toBe(404);
});

test("thousands of entries that wait make an append no slower", async () => {
  const log = env.INDEX_LOG.getByName("many-waiting");
  await runInDurableObject(log, (_, { storage }) => {
    const store = new LogStore(storage.sql);
    const row = (id: number) => ({
      shard: shardId(id % 16),
      bytes: new TextEncoder().encode(`{"id":${id}}\n`),
    });
    const append = (id: number) => {
      store.addPayload(`t${id}`, [row(id)], 1000);
      store.append(
        `t${id}`,
        { kind: "writeDocuments", mode: "replace", skipCreation: false, primaryKey: "id" },
        null,
        1000,
      );
    };
    storage.transactionSync(() => {
      for (let id = 0; id < 10_000; id += 1) append(id);
    });
    append(10_000);
    // Rows read say more than time does.
    const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
    const counting = new LogStore({
      exec: (query: string, ...values: unknown[]) => {
        const cursor = storage.sql.exec(query, ...values);
        cursors.push(cursor);
        return cursor;
      },
    } as never);
    cursors.length = 0;
    counting.addPayload("next", [row(1)], 1000);
    counting.append("next", { kind: "deleteDocuments" }, null, 1000);
    expect(counting.hasStructural()).toBe(false);
    expect(counting.unregistered(50)).toEqual([]);
    expect(counting.finishedTo()).toBe(0);
    expect(counting.size).toBeGreaterThan(100_000);
    expect(counting.entriesAfter(logOffset(5000), 1)).toHaveLength(1);
    counting.trim(logOffset(0));
    expect(cursors.reduce((sum, { rowsRead }) => sum + rowsRead, 0)).toBeLessThan(50);
  });
}, 30_000);

test("a write that follows a swap ends after it: whoever saw it end finds its document", async () => {
  await finished(call("POST", "/indexes/left/documents", [{ id: 1 }]));
  await finished(call("POST", "/indexes/right/documents", [{ id: 2 }]));
  const left = await physicalOf("left");
  const original = EmbeddedNode.prototype.fetch;
  const open = Promise.withResolvers<void>();
  vi.spyOn(EmbeddedNode.prototype, "fetch").mockImplementation(async function (
    this: EmbeddedNode,
    request: Request,
  ) {
    if (request.method === "POST" && request.url.includes(`${left}/documents?`)) await open.promise;
    return await original.call(this, request);
  });
  const before = await call("POST", "/indexes/left/documents", [{ id: 3 }]);
  const swap = await call("POST", "/swap-indexes", [{ indexes: ["left", "right"] }]);
  const right = await physicalOf("left");
  const behind = await call("POST", "/indexes/left/documents", [{ id: 4 }]);
  // Its node task is long over, but readers still find the other index under the name.
  const log = env.INDEX_LOG.getByName(right);
  await vi.waitUntil(
    async () =>
      await runInDurableObject(log, (_, { storage }) => {
        const store = new LogStore(storage.sql);
        return store.replicas().every(({ cursor }) => cursor === store.head());
      }),
    { timeout: 5000, interval: 20 },
  );
  expect((await task(uidOf(behind))).status).toBe("enqueued");
  open.resolve();
  await finished(Promise.resolve(behind));
  expect(await hits("left", {})).toEqual([{ id: 2 }, { id: 4 }]);
  expect((await task(uidOf(swap))).status).toBe("succeeded");
  await finished(Promise.resolve(before));
  expect(await hits("right", {})).toEqual([{ id: 1 }, { id: 3 }]);
}, 30_000);

test("a swap that is over before its answer is out is answered all the same", async () => {
  await finished(call("POST", "/indexes/here/documents", [{ id: 1 }]));
  await finished(call("POST", "/indexes/there/documents", [{ id: 2 }]));
  const grant = () => cluster().snapshot("a-slow-reader", undefined);
  await vi.waitUntil(async () => (await grant()).leaseMs > 0, { timeout: 15_000, interval: 20 });
  // The answer waits for this reader's lease.
  const swap = call("POST", "/swap-indexes", [{ indexes: ["here", "there"] }]);
  const stored = (_: unknown, { storage }: DurableObjectState) =>
    storage.sql.exec("SELECT COUNT(*) AS count FROM operations").one()["count"];
  await vi.waitUntil(async () => (await runInDurableObject(cluster(), stored)) === 1, {
    timeout: 5000,
    interval: 10,
  });
  await runInDurableObject(cluster(), (instance) => instance.alarm());
  await vi.waitUntil(async () => (await runInDurableObject(cluster(), stored)) === 0, {
    timeout: 15_000,
    interval: 10,
  });
  expect((await finished(swap)).status).toBe("succeeded");
  expect(await hits("here", {})).toEqual([{ id: 2 }]);
}, 40_000);

test("a hold that a restart left behind is dropped", async () => {
  await finished(call("POST", "/indexes/held/documents", [{ id: 1 }]));
  const log = await logOf("held");
  await log.hold("nobody");
  const uid = uidOf(await call("POST", "/indexes/held/documents", [{ id: 2 }]));
  expect(await overWithAlarms(log as never, uid)).toBe("succeeded");
}, 30_000);

test("documents that one shard cannot take leave all replicas alike", async () => {
  await finished(call("PUT", "/indexes/geo/settings/filterable-attributes", ["_geo"]));
  const documents = Array.from({ length: 60 }, (_, id) => ({ id, _geo: { lat: 1, lng: 1 } }));
  const bad = { id: 60, _geo: { lat: "north", lng: 1 } };
  const over = await finished(call("POST", "/indexes/geo/documents", [...documents, bad]));
  expect([over.status, over.error?.code]).toEqual(["failed", "invalid_document_geo_field"]);
  const idsByShard = await replicasOf(await physicalOf("geo"));
  expect(idsByShard.size).toBe(15);
  for (const replicas of idsByShard.values()) {
    expect(replicas).toHaveLength(2);
    expect(replicas[0]).toBe(replicas[1]);
  }
}, 30_000);

test("settings that some nodes refuse are taken back, and those that follow stay", async () => {
  await finished(call("POST", "/indexes/taken/documents", [{ id: 1, a: 1, b: 1 }]));
  const original = EmbeddedNode.prototype.fetch;
  vi.spyOn(EmbeddedNode.prototype, "fetch").mockImplementation(async function (
    this: EmbeddedNode,
    request: Request,
  ) {
    const { name } = Reflect.get(this, "ctx").id as DurableObjectId;
    const isRefused = name === "n1" && request.method === "PATCH";
    if (!isRefused || !(await request.clone().text()).includes('"a"')) {
      return await original.call(this, request);
    }
    const error = { message: "no", code: "invalid_request", type: "invalid_request", link: "" };
    return Response.json(error, { status: 400 });
  });
  const settings = "/indexes/taken/settings";
  const first = call("PATCH", settings, { filterableAttributes: ["a"] });
  await first;
  const second = call("PATCH", settings, { sortableAttributes: ["b"] });
  expect((await finished(first)).status).toBe("failed");
  expect((await finished(second)).status).toBe("succeeded");
  await finished(call("POST", "/indexes/taken/documents", [{ id: 2 }]));
  const physical = await physicalOf("taken");
  for (const node of ["n0", "n1", "n2"]) {
    const text = await nodeText(node, `/indexes/${physical}/settings`);
    const { filterableAttributes, sortableAttributes } = JSON.parse(text) as {
      filterableAttributes: unknown;
      sortableAttributes: unknown;
    };
    expect(JSON.stringify(filterableAttributes)).not.toContain('"a"');
    expect(sortableAttributes).toEqual(["b", "id"]);
  }
  expect((await call("GET", settings)).json).toMatchObject({
    filterableAttributes: [],
    sortableAttributes: ["b"],
  });
}, 30_000);

async function nodeText(node: string, path: string): Promise<string> {
  return await (await env.EMBEDDED_NODE.getByName(node).fetch(`http://embedded${path}`)).text();
}

/** The ids that each replica of each shard holds, as text. */
async function replicasOf(physical: string): Promise<ReadonlyMap<string, string[]>> {
  const byShard = new Map<string, string[]>();
  for (const node of ["n0", "n1", "n2"]) {
    const text = await nodeText(node, `/indexes/${physical}/documents?limit=1000`);
    const { results } = JSON.parse(text) as { results: { id: number; _miroir_shard: string }[] };
    const own = new Map<string, number[]>();
    for (const { id, _miroir_shard: mark } of results) {
      own.set(mark, [...(own.get(mark) ?? []), id]);
    }
    for (const [mark, ids] of own) {
      const told = ids.toSorted((a, b) => a - b).join();
      byShard.set(mark, [...(byShard.get(mark) ?? []), told]);
    }
  }
  return byShard;
}

test("a write that is not over would be looked at again within seconds after a crash", async () => {
  await finished(call("POST", "/indexes/soon/documents", [{ id: 1 }]));
  const log = await logOf("soon");
  const fetch = vi.spyOn(EmbeddedNode.prototype, "fetch").mockRejectedValue(new Error("away"));
  const uid = uidOf(await call("POST", "/indexes/soon/documents", [{ id: 2 }]));
  // Whatever alarm was set before there was anything to wait for.
  const alarm = await runInDurableObject(log, async (_, { storage }) => await storage.getAlarm());
  expect((alarm ?? Infinity) - Date.now()).toBeLessThanOrEqual(2_000);
  fetch.mockRestore();
  expect(await overWithAlarms(log as never, uid)).toBe("succeeded");
}, 40_000);
