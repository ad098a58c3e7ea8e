import { env } from "cloudflare:workers";
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";

import { shardId, type NodeId } from "../../worker/core/ids.ts";
import { expectTidy, logOf, NODES, registered } from "./fleet-of-shards.ts";
import { call, finished, hits } from "./miroir.ts";

const documents = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({ id: from + i, n: from + i }));

const standings = async (uid: string) => {
  const states = await logOf((await registered(uid)).physical).replicaStates();
  return Object.fromEntries(states.map(({ node, standing }) => [node, standing]));
};

const IN_SYNC = { n0: "in-sync", n1: "in-sync", n2: "in-sync" };

/** The node is there and answers, and has forgotten everything. */
async function wipe(node: string): Promise<void> {
  const stub = env.EMBEDDED_NODE.getByName(node);
  await runInDurableObject(stub, async (_, { storage }) => await storage.deleteAll());
  await evictDurableObject(stub);
}

/** The Cluster has looked at every node, and what it found has been mended. */
async function noticed(uid: string): Promise<void> {
  const cluster = env.CLUSTER.getByName("cluster");
  await cluster.reconcile();
  await runDurableObjectAlarm(cluster);
  await expect.poll(() => standings(uid), { timeout: 60_000 }).toEqual(IN_SYNC);
  const log = logOf((await registered(uid)).physical);
  await expect
    .poll(async () => (await log.transfers()).every(({ phase }) => phase === "done"), {
      timeout: 60_000,
    })
    .toBe(true);
}

test("a replica that lost everything is copied anew from the others", async () => {
  await finished(call("PUT", "/indexes/lost/settings/filterable-attributes", ["n"]));
  await finished(call("POST", "/indexes/lost/documents", documents(0, 200)));
  const { physical, shardMap } = await registered("lost");
  await wipe("n1");
  await logOf(physical).rebuild("n1" as NodeId);
  const writing = finished(call("POST", "/indexes/lost/documents", documents(200, 260)));
  await expect.poll(() => standings("lost"), { timeout: 60_000 }).toEqual(IN_SYNC);
  expect((await writing).status).toBe("succeeded");
  await expect
    .poll(async () => (await logOf(physical).transfers()).every(({ phase }) => phase === "done"), {
      timeout: 60_000,
    })
    .toBe(true);
  await expect.poll(async () => (await registered("lost")).mixed, { timeout: 20_000 }).toEqual([]);
  const sorted = (map: readonly (readonly NodeId[])[]) => map.map((nodes) => nodes.toSorted());
  expect(sorted((await registered("lost")).shardMap)).toEqual(sorted(shardMap));
  await expectTidy("lost");
  expect(await hits("lost", { limit: 1000, filter: "n >= 0" })).toHaveLength(260);
  // Its identity was lost as well: that is found out here, and not in the middle of what follows.
  await noticed("lost");
}, 120_000);

test("a node that comes back empty is noticed, not trusted, and filled again", async () => {
  await finished(call("POST", "/indexes/empty/documents", documents(0, 200)));
  await wipe("n2");
  // Whatever is answered until it is noticed and after, it is all there or says that it is not.
  const cluster = env.CLUSTER.getByName("cluster");
  await cluster.reconcile();
  await runDurableObjectAlarm(cluster);
  expect(await hits("empty", { limit: 1000 })).toHaveLength(200);
  const { physical } = await registered("empty");
  await expect
    .poll(async () => (await logOf(physical).transfers()).map(({ phase }) => phase), {
      timeout: 60_000,
    })
    .toContain("done");
  await expect
    .poll(async () => (await logOf(physical).transfers()).every(({ phase }) => phase === "done"), {
      timeout: 60_000,
    })
    .toBe(true);
  await expect.poll(async () => (await registered("empty")).mixed, { timeout: 20_000 }).toEqual([]);
  expect(await hits("empty", { limit: 1000 })).toHaveLength(200);
  await expectTidy("empty");
}, 120_000);

test("a node with an old disk is noticed by its tasks, one of another cluster is left alone", async () => {
  const cluster = env.CLUSTER.getByName("cluster");
  const healths = async () =>
    Object.fromEntries((await cluster.nodes()).map(({ id, health }) => [id, health]));
  await finished(call("POST", "/indexes/old/documents", documents(0, 200)));
  // As after a backup: the node says of itself what it said before, with fewer tasks behind it.
  await runInDurableObject(cluster, (_, { storage }) => {
    storage.sql.exec("UPDATE node_identities SET last_task = 1000000 WHERE node = 'n0'");
  });
  const { physical } = await registered("old");
  await runInDurableObject(logOf(physical), (_, { storage }) => {
    storage.sql.exec("UPDATE facts SET value = '1000000@then' WHERE name = 'lastTask/n0'");
  });
  await cluster.reconcile();
  await runDurableObjectAlarm(cluster);
  await expect
    .poll(async () => (await logOf(physical).transfers()).some(({ phase }) => phase === "done"), {
      timeout: 60_000,
    })
    .toBe(true);
  await expect
    .poll(async () => (await logOf(physical).transfers()).every(({ phase }) => phase === "done"), {
      timeout: 60_000,
    })
    .toBe(true);
  expect(await hits("old", { limit: 1000 })).toHaveLength(200);
  const identity = async (method: string, path: string, body?: unknown): Promise<string> => {
    const response = await env.EMBEDDED_NODE.getByName("n0").fetch(
      new Request(`http://node/indexes/miroir-identity/documents${path}`, {
        method,
        headers: { "content-type": "application/json" },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    return await response.text();
  };
  const own: unknown = JSON.parse(await identity("GET", "/identity"));
  await identity("POST", "", [
    { id: "identity", cluster: "another", node: "n0", incarnation: "x" },
  ]);
  await cluster.reconcile();
  expect(await healths()).toMatchObject({ n0: "incompatible", n1: "healthy" });
  expect(await hits("old", { limit: 1000 })).toHaveLength(200);
  await identity("POST", "", [own]);
  await cluster.reconcile();
  expect(await healths()).toMatchObject({ n0: "healthy" });
  await noticed("old");
}, 120_000);

test("what only one node had is named as lost, writes wait, and an operator may accept it", async () => {
  await finished(call("POST", "/indexes/sole/documents", documents(0, 200)));
  const { physical, shardMap } = await registered("sole");
  const log = logOf(physical);
  await log.transfer(
    shardMap.map(([first, second], shard) => ({
      id: `thin/${shard}`,
      shard: shardId(shard),
      target: null,
      drop: (second === "n1" ? first : second) ?? null,
    })),
  );
  await expect
    .poll(async () => (await log.transfers()).every(({ phase }) => phase === "done"), {
      timeout: 60_000,
    })
    .toBe(true);
  const lost = (await registered("sole")).shardMap.filter(([only]) => only === "n1").length;
  expect(lost).toBeGreaterThan(0);
  await wipe("n1");
  await env.CLUSTER.getByName("cluster").reconcile();
  await runDurableObjectAlarm(env.CLUSTER.getByName("cluster"));
  await expect.poll(async () => (await registered("sole")).lagging).toEqual(["n1"]);
  const search = async () => await call("POST", "/indexes/sole/search", { limit: 1000 });
  await expect
    .poll(async () => (await search()).headers.get("X-Miroir-Degraded"), { timeout: 20_000 })
    .toMatch(/^shards=/);
  const { taskUid } = (await call("POST", "/indexes/sole/documents", documents(200, 260))).json as {
    taskUid: number;
  };
  await expect
    .poll(async () => (await standings("sole"))["n1"], { timeout: 20_000 })
    .toBe("untrusted");
  expect((await call("GET", `/tasks/${taskUid}`)).json).toMatchObject({ status: "enqueued" });
  await log.acceptLoss("n1" as NodeId);
  await expect
    .poll(
      async () => ((await call("GET", `/tasks/${taskUid}`)).json as { status: string }).status,
      {
        timeout: 30_000,
      },
    )
    .toBe("succeeded");
  await expect.poll(async () => (await registered("sole")).lagging).toEqual([]);
  const whole = await search();
  expect(whole.headers.get("X-Miroir-Degraded")).toBeNull();
  const ids = (whole.json as { hits: { id: number }[] }).hits.map(({ id }) => id);
  expect(ids.filter((id) => id >= 200)).toHaveLength(60);
  expect(ids.length).toBeLessThan(260);
  expect(NODES).toHaveLength(3);
  await expectTidy("sole");
}, 120_000);
