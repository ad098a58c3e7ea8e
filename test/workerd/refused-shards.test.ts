import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";

import { EmbeddedNode } from "../../durable-objects/embedded-node.ts";
import { logOf } from "./fleet-of-shards.ts";
import { call, finished, hits } from "./miroir.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const physicalOf = async (uid: string) => {
  const cluster = env.CLUSTER.getByName("cluster");
  const target = await cluster.writeTarget(uid as never, false, undefined);
  if (target === undefined) throw new Error(`no index ${uid}`);
  return target.physical;
};

test("documents that one shard cannot take leave all replicas alike", async () => {
  await finished(call("PUT", "/indexes/geo/settings/filterable-attributes", ["_geo"]));
  const documents = Array.from({ length: 60 }, (_, id) => ({ id, _geo: { lat: 1, lng: 1 } }));
  await finished(call("POST", "/indexes/geo/documents", documents.slice(0, 60)));
  const bad = { id: 3, _geo: { lat: "north", lng: 1 } };
  // Which documents there are, only nodes know: the fault is found where it is.
  const path = "/indexes/geo/documents?skipCreation=true";
  const over = await finished(
    call(
      "POST",
      path,
      documents.map((one) => (one.id === 3 ? bad : { ...one, n: 1 })),
    ),
  );
  expect([over.status, over.error?.code]).toEqual(["failed", "invalid_document_geo_field"]);
  const idsByShard = await replicasOf(await physicalOf("geo"));
  expect(idsByShard.size).toBeGreaterThan(10);
  for (const replicas of idsByShard.values()) {
    expect(replicas).toHaveLength(2);
    expect(replicas[0]).toBe(replicas[1]);
  }
}, 30_000);

test("what one replica refuses and another takes is tried again, until they are alike", async () => {
  await finished(call("POST", "/indexes/fickle/documents", [{ id: 0 }]));
  const physical = await physicalOf("fickle");
  const original = EmbeddedNode.prototype.fetch;
  let refusals = 0;
  // As with a remote embedder that answers one node and not another.
  vi.spyOn(EmbeddedNode.prototype, "fetch").mockImplementation(async function (
    this: EmbeddedNode,
    request: Request,
  ) {
    const { name } = Reflect.get(this, "ctx").id as DurableObjectId;
    const isWrite = request.method === "POST" && request.url.includes("/documents?");
    if (!isWrite || name !== "n1" || refusals >= 30) return await original.call(this, request);
    if (!(await request.clone().text()).includes('"fickle"')) {
      return await original.call(this, request);
    }
    refusals += 1;
    const error = {
      message: "no",
      code: "vector_embedding_error",
      type: "invalid_request",
      link: "",
    };
    return Response.json(error, { status: 400 });
  });
  const documents = Array.from({ length: 60 }, (_, id) => ({ id, fickle: id }));
  await finished(call("POST", "/indexes/fickle/documents", documents));
  expect(refusals).toBeGreaterThan(0);
  await vi.waitUntil(
    async () => {
      const shards = [...(await replicasOf(physical)).values()];
      return shards.every(([one, other]) => one !== undefined && one === other);
    },
    { timeout: 30_000, interval: 200 },
  );
  expect(await hits("fickle", { limit: 100 })).toHaveLength(60);
}, 60_000);

test("what all refused and a replica that was behind took is taken from it again", async () => {
  const documents = Array.from({ length: 60 }, (_, id) => ({ id }));
  await finished(call("POST", "/indexes/late/documents", documents));
  const physical = await physicalOf("late");
  const original = EmbeddedNode.prototype.fetch;
  let isDown = true;
  let hasArrived = false;
  let isReleased = false;
  vi.spyOn(EmbeddedNode.prototype, "fetch").mockImplementation(async function (
    this: EmbeddedNode,
    request: Request,
  ) {
    const { name } = Reflect.get(this, "ctx").id as DurableObjectId;
    if (name === "n1" && isDown) throw new Error("the node is down");
    const isWrite = request.method === "POST" && request.url.includes("/documents?");
    if (!isWrite || !(await request.clone().text()).includes('"late"')) {
      return await original.call(this, request);
    }
    if (name === "n1") {
      hasArrived = true;
      while (!isReleased) await scheduler.wait(10);
      return await original.call(this, request);
    }
    while (!hasArrived) await scheduler.wait(10);
    const message = "no";
    const error = { message, code: "vector_embedding_error", type: "invalid_request", link: "" };
    return Response.json(error, { status: 400 });
  });
  // The first is on its way to it; the second and the refused one come together, as it is behind.
  await finished(call("POST", "/indexes/late/documents", documents));
  await finished(call("POST", "/indexes/late/documents", documents));
  const late = documents.map(({ id }) => ({ id, late: id }));
  const refused = finished(call("POST", "/indexes/late/documents", late));
  isDown = false;
  expect((await refused).error).toMatchObject({ code: "vector_embedding_error" });
  isReleased = true;
  const phases = async () => (await logOf(physical as never).transfers()).map(({ phase }) => phase);
  await expect.poll(phases, { timeout: 40_000 }).toContain("done");
  await expect
    .poll(async () => new Set(await phases()), { timeout: 40_000 })
    .toEqual(new Set(["done"]));
  const path = `/indexes/${physical}/documents?limit=1000`;
  expect(await nodeText("n1", path)).not.toContain('"late"');
  await expect
    .poll(
      async () =>
        [...(await replicasOf(physical)).values()].filter(([one, other]) => one !== other),
      { timeout: 40_000 },
    )
    .toEqual([]);
}, 100_000);

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
