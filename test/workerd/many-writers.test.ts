import { afterEach, expect, test, vi } from "vitest";

import { EmbeddedNode } from "../../durable-objects/embedded-node.ts";
import { call, finished, hits } from "./miroir.ts";

const original = EmbeddedNode.prototype.fetch;

afterEach(() => {
  vi.restoreAllMocks();
});

/** Counts the write requests that nodes get for an index. */
function countWrites(index: string): () => number {
  let count = 0;
  vi.spyOn(EmbeddedNode.prototype, "fetch").mockImplementation(async function (
    this: EmbeddedNode,
    request: Request,
  ) {
    const isWrite = request.method === "POST" && request.url.includes("/documents?");
    if (isWrite && request.url.includes(`/${index}-`)) count += 1;
    return await original.call(this, request);
  });
  return () => count;
}

test("1,000 small writes are far fewer node tasks", async () => {
  await finished(call("POST", "/indexes/small/documents", [{ id: 0 }]));
  const writes = countWrites("small");
  const writer = async (first: number) => {
    const accepted = [];
    for (let id = first; id < first + 20; id += 1) {
      accepted.push(await call("POST", "/indexes/small/documents", [{ id }]));
    }
    return accepted;
  };
  const accepted = (
    await Promise.all(Array.from({ length: 50 }, (_, at) => writer(at * 20)))
  ).flat();
  for (const write of accepted) {
    expect((await finished(Promise.resolve(write))).status).toBe("succeeded");
  }
  expect((await call("GET", "/indexes/small/documents?limit=0")).json).toMatchObject({
    total: 1000,
  });
  // Each write has two replicas: one by one it would be 2,000.
  console.log(`1,000 writes: ${writes()} node tasks`);
  expect(writes()).toBeLessThan(400);
}, 120_000);

test("200 writers at once: the writes of each keep their order", async () => {
  await finished(call("POST", "/indexes/burst/documents", [{ id: "first" }]));
  const writer = async (at: number) => {
    const uids: number[] = [];
    for (let n = 1; n <= 4; n += 1) {
      const { status, json } = await call("POST", "/indexes/burst/documents", [
        { id: `w${at}`, n },
      ]);
      expect(status).toBe(202);
      uids.push((json as { taskUid: number }).taskUid);
    }
    return uids;
  };
  const all = await Promise.all(Array.from({ length: 200 }, (_, at) => writer(at)));
  for (const uids of all) expect(uids).toEqual(uids.toSorted((a, b) => a - b));
  expect(new Set(all.flat()).size).toBe(800);
  for (const uids of all) {
    const last = { status: 202, json: { taskUid: uids.at(-1) } };
    expect((await finished(Promise.resolve(last))).status).toBe("succeeded");
  }
  const found = await hits("burst", { limit: 1000 });
  expect(found).toHaveLength(201);
  expect(found.filter((hit) => (hit as { n?: number }).n === 4)).toHaveLength(200);
}, 120_000);

test("a full log recovers by itself once its nodes are back, and nothing of it is dropped", async () => {
  await finished(call("POST", "/indexes/budget/documents", [{ id: 0 }]));
  let isDown = true;
  vi.spyOn(EmbeddedNode.prototype, "fetch").mockImplementation(async function (
    this: EmbeddedNode,
    request: Request,
  ) {
    if (isDown) throw new Error("the node is down");
    return await original.call(this, request);
  });
  const text = "x".repeat(900_000);
  const accepted: { status: number; json: unknown }[] = [];
  let refused: { status: number; headers: Headers; json: unknown } | undefined;
  for (let id = 1; id < 100 && refused === undefined; id += 1) {
    const write = await call("POST", "/indexes/budget/documents", [{ id, text }]);
    if (write.status === 202) accepted.push(write);
    else refused = write;
  }
  expect(refused).toMatchObject({ status: 503, json: { code: "miroir_write_log_full" } });
  expect(Number(refused?.headers.get("Retry-After"))).toBeGreaterThan(0);
  isDown = false;
  for (const write of accepted) {
    expect((await finished(Promise.resolve(write))).status).toBe("succeeded");
  }
  await vi.waitUntil(
    async () => (await call("POST", "/indexes/budget/documents", [{ id: 500 }])).status === 202,
    { timeout: 20_000, interval: 100 },
  );
  const total = async () =>
    ((await call("GET", "/indexes/budget/documents?limit=0")).json as { total: number }).total;
  await vi.waitUntil(async () => (await total()) === accepted.length + 2, {
    timeout: 20_000,
    interval: 100,
  });
}, 120_000);
