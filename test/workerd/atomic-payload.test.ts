import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";

import { EmbeddedNode } from "../../durable-objects/embedded-node.ts";
import { countDocumentWrites } from "./document-writes.ts";
import { call, finished, hits } from "./miroir.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const good = Array.from({ length: 40 }, (_, id) => ({ id, _geo: { lat: 1, lng: 1 } }));

test("a wrong point fails the whole payload, and no node gets any of it", async () => {
  await finished(call("PUT", "/indexes/points/settings/sortable-attributes", ["_geo"]));
  await finished(call("POST", "/indexes/points/documents", good));
  const writes = countDocumentWrites();
  const payload = [
    ...good.map(({ id }) => ({ id: 100 + id })),
    { id: 7, _geo: { lat: "north", lng: 1 } },
  ];
  const task = await finished(call("POST", "/indexes/points/documents", payload));
  expect(task).toMatchObject({
    status: "failed",
    details: { receivedDocuments: 41, indexedDocuments: 0 },
    error: {
      code: "invalid_document_geo_field",
      message:
        'Index `points`: Could not parse latitude in the document with the id: `"7"`. Was expecting a finite number but instead got `"north"`.',
    },
  });
  expect(writes()).toBe(0);
  expect(await hits("points", { limit: 100 })).toHaveLength(40);
  await finished(call("POST", "/indexes/points/documents", [{ id: 200 }]));
  expect(await hits("points", { limit: 100 })).toHaveLength(41);
});

test("the settings of its turn decide, not those of now", async () => {
  await finished(call("POST", "/indexes/turns/documents", [{ id: 0 }]));
  const wrong = (id: number) => call("POST", "/indexes/turns/documents", [{ id, _geo: 5 }]);
  const path = "/indexes/turns/settings/sortable-attributes";
  const before = await wrong(1);
  const after = await wrong(2);
  // Documents of before are wrong for the change, so that it fails: they have to go first.
  const gone = await call("POST", "/indexes/turns/documents/delete-batch", [1, 2]);
  const change = await call("PUT", path, ["_geo"]);
  const under = await wrong(3);
  const back = await call("PUT", path, []);
  const behind = await wrong(4);
  const statuses = [];
  for (const write of [before, after, gone, change, under, back, behind]) {
    statuses.push((await finished(Promise.resolve(write))).status);
  }
  expect(statuses).toEqual([
    "succeeded",
    "succeeded",
    "succeeded",
    "succeeded",
    "failed",
    "succeeded",
    "succeeded",
  ]);
  expect(await hits("turns", {})).toEqual([{ id: 0 }, { id: 4, _geo: 5 }]);
});

test("between writes that travel together, the one that fails fails alone", async () => {
  await finished(call("PUT", "/indexes/among/settings/sortable-attributes", ["_geo"]));
  const writes = await Promise.all(
    Array.from({ length: 30 }, (_, id) =>
      call("POST", "/indexes/among/documents", [{ id, _geo: id % 3 === 0 ? id : null }]),
    ),
  );
  for (const [id, write] of writes.entries()) {
    const { status } = await finished(Promise.resolve(write));
    expect(status).toBe(id % 3 === 0 ? "failed" : "succeeded");
  }
  expect(await hits("among", { limit: 100 })).toHaveLength(20);
});

test("vectors of a wrong length fail the whole payload; without their embedder they do not", async () => {
  const documents = [
    ...good.map(({ id }) => ({ id, _vectors: { d: [1, 2, 3] } })),
    { id: 50, _vectors: { d: [1, 2] } },
  ];
  await finished(call("POST", "/indexes/lengths/documents", [{ id: 0 }]));
  expect(await finished(call("POST", "/indexes/lengths/documents", documents))).toMatchObject({
    status: "succeeded",
  });
  const embedders = { d: { source: "userProvided", dimensions: 3 } };
  await finished(call("DELETE", "/indexes/lengths/documents"));
  await finished(call("PATCH", "/indexes/lengths/settings", { embedders }));
  expect(await finished(call("POST", "/indexes/lengths/documents", documents))).toMatchObject({
    status: "failed",
    error: {
      code: "invalid_vector_dimensions",
      message:
        "Index `lengths`: Invalid vector dimensions in document with id `50` in `._vectors.d`.\n  - note: embedding #0 has dimensions 2\n  - note: embedder `d` requires 3",
    },
  });
  expect(await hits("lengths", {})).toEqual([]);
});

test("a verdict holds for a replica that comes back much later", async () => {
  const original = EmbeddedNode.prototype.fetch;
  const down = new Set<string>();
  vi.spyOn(EmbeddedNode.prototype, "fetch").mockImplementation(async function (
    this: EmbeddedNode,
    request: Request,
  ) {
    const { name } = Reflect.get(this, "ctx").id as DurableObjectId;
    if (name !== undefined && down.has(name)) throw new Error("the node is down");
    return await original.call(this, request);
  });
  await finished(call("PUT", "/indexes/later/settings/sortable-attributes", ["_geo"]));
  await finished(call("POST", "/indexes/later/documents", good));
  down.add("n1");
  const wrong = good.map(({ id }) => ({ id, _geo: id === 7 ? 5 : null, n: 1 }));
  expect(await finished(call("POST", "/indexes/later/documents", wrong))).toMatchObject({
    status: "failed",
  });
  await finished(call("PUT", "/indexes/later/settings/sortable-attributes", ["n"]));
  down.clear();
  const target = await env.CLUSTER.getByName("cluster").writeTarget(
    "later" as never,
    false,
    undefined,
  );
  if (target === undefined) throw new Error("the index is there");
  const log = env.INDEX_LOG.getByName(target.physical);
  await vi.waitUntil(
    async () => {
      const { head, replicas } = await log.status();
      return replicas.every(({ standing, cursor }) => standing === "in-sync" && cursor === head);
    },
    { timeout: 25_000, interval: 100 },
  );
  for (const node of ["n0", "n1", "n2"]) {
    const stub = env.EMBEDDED_NODE.getByName(node);
    const path = `/indexes/${target.physical}/documents?limit=100`;
    const text = await (await stub.fetch(`http://embedded${path}`)).text();
    expect(text).not.toContain('"n":1');
  }
}, 60_000);
