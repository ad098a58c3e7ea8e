/** A node stays away: its shards are rebuilt on others, and what it had is not trusted afterwards. */
import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";

import { EmbeddedNode } from "../../durable-objects/embedded-node.ts";
import { call, finished } from "./miroir.ts";

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

const LIMIT_MS = 120_000;
const admin = (method: string, path: string, body?: unknown) =>
  call(method, `/_miroir/${path}`, body);
const cluster = () => env.CLUSTER.getByName("cluster");

async function until(condition: () => Promise<boolean>): Promise<void> {
  await vi.waitUntil(condition, { timeout: LIMIT_MS, interval: 100 });
}

interface Operation {
  readonly kind: string;
  readonly state: string;
  readonly waiting: readonly { reason: string; shards: readonly number[] }[];
}

const lastOperation = async (): Promise<Operation | undefined> => {
  const { json } = await admin("GET", "operations?limit=1");
  return (json as { results: Operation[] }).results[0];
};
const stateOf = async (node: string) => {
  const { json } = await admin("GET", "nodes");
  return (json as { results: { id: string; state: string }[] }).results.find(
    ({ id }) => id === node,
  )?.state;
};

/** The grace period passes. */
async function graceOver(): Promise<void> {
  await cluster().reconcile();
  await runInDurableObject(cluster(), (_, state) => {
    state.storage.sql.exec("UPDATE downtimes SET since = since - 400000");
  });
  await cluster().reconcile();
}

const documents = Array.from({ length: 120 }, (_, id) => ({ id }));
const found = async (index: string) => {
  const answer = await call("POST", `/indexes/${index}/search`, { limit: 1000 });
  return [
    (answer.json as { hits: unknown[] }).hits.length,
    answer.headers.get("X-Miroir-Degraded"),
  ];
};

test(
  "a node that stays away is rebuilt on others, and returns empty-handed",
  async () => {
    await finished(call("POST", "/indexes/lost/documents", documents));
    down.add("n1");
    await graceOver();
    await until(async () => (await stateOf("n1")) === "failed");
    await until(async () => (await lastOperation())?.state === "succeeded");
    expect(await lastOperation()).toMatchObject({ kind: "fail", node: "n1" });
    expect((await admin("GET", "shards?index=lost")).text).not.toContain('"n1"');
    expect(await found("lost")).toEqual([120, null]);
    await finished(call("POST", "/indexes/lost/documents/delete-batch", [0, 1, 2, 3, 4]));
    down.clear();
    await until(async () => (await stateOf("n1")) === "active");
    expect((await admin("POST", "rebalance")).status).toBe(202);
    await until(async () => {
      const last = await lastOperation();
      return last?.kind === "rebalance" && last.state === "succeeded";
    });
    for (const other of ["n0", "n2"]) {
      down.clear();
      down.add(other);
      expect(await found("lost")).toEqual([115, null]);
    }
  },
  LIMIT_MS,
);
