import { env } from "cloudflare:workers";
import { afterEach, expect, test, vi } from "vitest";

import { EmbeddedNode } from "../../durable-objects/embedded-node.ts";
import { TopologyLease } from "../../worker/cluster/topology-lease.ts";
import { indexUid } from "../../worker/core/ids.ts";
import { parseSearchBody } from "../../worker/core/query/parse-search.ts";
import { FetchNodeClient } from "../../worker/nodes/fetch-node-client.ts";
import { searchIndex } from "../../worker/search/search.ts";
import { call, finished } from "./miroir.ts";

const original = EmbeddedNode.prototype.fetch;

afterEach(() => {
  vi.restoreAllMocks();
});

/** Another instance of the Worker: a lease and a snapshot of its own. */
class OtherWorker {
  readonly #lease = new TopologyLease();

  async ids(uid: string): Promise<readonly number[]> {
    const topology = await this.#lease.topology(() => env.CLUSTER.getByName("cluster"));
    const index = topology.indexes.get(indexUid(uid));
    if (index === undefined) throw new Error(`no index ${uid}`);
    const read = {
      topology,
      nodes: new FetchNodeClient(env.EMBEDDED_NODE),
      now: () => Date.now(),
      deadlineAt: Date.now() + 10_000,
      policy: "error",
    } as const;
    const query = parseSearchBody('{"limit":1000,"sort":["id:asc"]}');
    const { body } = await searchIndex(read, index, query, { requestUid: "" });
    return (JSON.parse(body) as { hits: { id: number }[] }).hits.map(({ id }) => id);
  }
}

test("what a task wrote is seen through the snapshot that another Worker holds", async () => {
  await finished(call("PUT", "/indexes/seen/settings/sortable-attributes", ["id"]));
  await finished(call("POST", "/indexes/seen/documents", [{ id: 0 }]));
  const others = Array.from({ length: 3 }, () => new OtherWorker());
  // A node that answers reads and gets no writes: whoever still reads it is stale.
  const deaf = new Set<string>();
  vi.spyOn(EmbeddedNode.prototype, "fetch").mockImplementation(async function (
    this: EmbeddedNode,
    request: Request,
  ) {
    const { name } = Reflect.get(this, "ctx").id as DurableObjectId;
    const isWrite = request.method === "POST" && request.url.includes("/documents?");
    if (isWrite && name !== undefined && deaf.has(name)) throw new Error("the node is deaf");
    return await original.call(this, request);
  });
  const wanted = [0];
  for (const node of ["n0", "n1", "n2"]) {
    for (const other of others) expect(await other.ids("seen")).toEqual(wanted);
    deaf.add(node);
    const added = Array.from({ length: 20 }, () => wanted.push(wanted.length) - 1);
    await finished(
      call(
        "POST",
        "/indexes/seen/documents",
        added.map((id) => ({ id })),
      ),
    );
    for (const other of others) expect(await other.ids("seen")).toEqual(wanted);
    deaf.clear();
    await vi.waitUntil(async () => await allInSync("seen"), { timeout: 30_000, interval: 100 });
    for (const other of others) expect(await other.ids("seen")).toEqual(wanted);
  }
}, 120_000);

async function allInSync(uid: string): Promise<boolean> {
  const target = await env.CLUSTER.getByName("cluster").writeTarget(
    indexUid(uid),
    false,
    undefined,
  );
  if (target === undefined) return false;
  const { replicas } = await env.INDEX_LOG.getByName(target.physical).status();
  return replicas.every(({ standing }) => standing === "in-sync");
}
