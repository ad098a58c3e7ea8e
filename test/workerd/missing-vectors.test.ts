import { afterEach, expect, test, vi } from "vitest";

import { EmbeddedNode } from "../../durable-objects/embedded-node.ts";
import { countDocumentWrites } from "./document-writes.ts";
import { call, finished, hits } from "./miroir.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

const EMBEDDERS = {
  d: { source: "userProvided", dimensions: 2 },
  e: { source: "userProvided", dimensions: 1 },
};
const BOTH = { d: [1, 2], e: null };
const many = Array.from({ length: 40 }, (_, id) => ({ id, _vectors: BOTH }));

const write = (index: string, documents: readonly object[], method = "POST") =>
  finished(call(method, `/indexes/${index}/documents`, documents));

const embed = (index: string) =>
  finished(call("PATCH", `/indexes/${index}/settings/embedders`, EMBEDDERS));

test("a new document without vectors fails the whole payload, and no node gets any of it", async () => {
  await embed("lacking");
  await write("lacking", many);
  const writes = countDocumentWrites();
  const payload = [
    ...many.map(({ id }) => ({ id: 100 + id, _vectors: BOTH })),
    { id: 7, n: 1 },
    { id: 200, _vectors: { d: [1, 2] } },
  ];
  expect(await write("lacking", payload)).toMatchObject({
    status: "failed",
    details: { receivedDocuments: 42, indexedDocuments: 0 },
    error: {
      code: "vector_embedding_error",
      message:
        "Index `lacking`: While embedding documents for embedder `e`: no vectors provided for document `200`\n- Note: `e` has `source: userProvided`, so documents must provide embeddings as an array in `_vectors.e`.\n- Hint: opt-out for a document with `_vectors.e: null`",
    },
  });
  expect(writes()).toBe(0);
  expect(await hits("lacking", { limit: 200 })).toHaveLength(40);
});

test("stored documents keep their vectors, and need not bring any", async () => {
  await embed("keeping");
  await write("keeping", many);
  const changed = many.map(({ id }) => ({ id, n: id }));
  expect((await write("keeping", changed, "PUT")).status).toBe("succeeded");
  expect((await write("keeping", changed)).status).toBe("succeeded");
  expect(await hits("keeping", { limit: 100, q: "", filter: null })).toHaveLength(40);
  await finished(call("DELETE", "/indexes/keeping/documents/5"));
  expect((await write("keeping", changed)).error?.code).toBe("vector_embedding_error");
});

test("what is written before counts as stored, and the settings of its turn decide", async () => {
  await write("turn", [{ id: 1, _vectors: BOTH }]);
  const sent = [
    await call("POST", "/indexes/turn/documents", [{ id: 2, _vectors: BOTH }]),
    await call("PATCH", "/indexes/turn/settings/embedders", EMBEDDERS),
    await call("POST", "/indexes/turn/documents", [{ id: 3 }]),
    await call("POST", "/indexes/turn/documents", [{ id: 4, _vectors: BOTH }]),
    await call("PUT", "/indexes/turn/documents", [{ id: 4, n: 1 }]),
    await call("POST", "/indexes/turn/documents?skipCreation=true", [{ id: 5 }]),
    await call("DELETE", "/indexes/turn/settings/embedders"),
    await call("POST", "/indexes/turn/documents", [{ id: 6 }]),
  ];
  const statuses = [];
  for (const task of sent) statuses.push((await finished(Promise.resolve(task))).status);
  const [good, bad] = ["succeeded", "failed"];
  expect(statuses).toEqual([good, good, bad, good, good, good, good, good]);
});

test("while no replica of a shard can be read, the payload waits, and is judged then", async () => {
  await embed("waiting");
  await write("waiting", many);
  const original = EmbeddedNode.prototype.fetch;
  let isAway = true;
  let asked = 0;
  vi.spyOn(EmbeddedNode.prototype, "fetch").mockImplementation(async function (
    this: EmbeddedNode,
    request: Request,
  ) {
    if (isAway && request.url.includes("/documents/fetch")) {
      asked += 1;
      throw new Error("the node is down");
    }
    return await original.call(this, request);
  });
  const sent = await call("PUT", "/indexes/waiting/documents", [{ id: 1, n: 2 }]);
  await vi.waitUntil(() => asked > 1, { timeout: 30_000, interval: 20 });
  isAway = false;
  expect((await finished(Promise.resolve(sent))).status).toBe("succeeded");
});
