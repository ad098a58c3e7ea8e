/**
 * A real node is killed and stays away past its grace period: the cluster rebuilds what it held on a
 * spare node, by itself. Then it returns with its old data, of which nobody may see anything. Needs a
 * Meilisearch program.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";

import { CHAOS_KEY, ChaosFleet } from "../../scripts/chaos/chaos-fleet.ts";
import { Client } from "../../scripts/ctl/client.ts";
import { findMeilisearch, type NamedNode } from "../../scripts/options.ts";
import {
  changeView,
  nodesView,
  operationList,
  shardReportView,
} from "../../worker/admin/schemas.ts";

const program = findMeilisearch(process.env);
const without = program === undefined ? " (skipped: no MEILISEARCH_BIN)" : "";
const INDEX = "books";
const SHARDS = 16;
const GRACE_MS = 4000;
const PATIENCE = { timeout: 120_000, interval: 200 };

const accepted = z.looseObject({ taskUid: z.number() });
const task = z.looseObject({ status: z.string() });
const found = z.looseObject({ hits: z.array(z.unknown()) });
const stats = z.looseObject({
  indexes: z.record(z.string(), z.looseObject({ numberOfDocuments: z.number() })),
});

let folder = "";
let fleet: ChaosFleet | undefined;
let client = new Client({ url: "", key: "" });

beforeAll(async () => {
  if (program === undefined) return;
  folder = mkdtempSync(join(tmpdir(), "miroir-"));
  fleet = new ChaosFleet({
    folder,
    program,
    nodeCount: 3,
    spareCount: 1,
    replicationFactor: 2,
    portsFrom: 17_870,
    variables: { MIROIR_FAIL_AFTER_MS: String(GRACE_MS), MIROIR_LEASE_MS: "1000" },
  });
  await fleet.start();
  client = new Client({ url: fleet.url, key: CHAOS_KEY });
}, 120_000);
afterAll(async () => {
  await fleet?.stop();
  if (folder !== "") rmSync(folder, { recursive: true, force: true });
});

async function write(path: string, body: object): Promise<void> {
  const { taskUid } = await client.ask("POST", `/indexes/${INDEX}/${path}`, accepted, body);
  await vi.waitUntil(async () => {
    const { status } = await client.ask("GET", `/tasks/${taskUid}`, task);
    if (status === "failed") throw new Error("the task failed");
    return status === "succeeded";
  }, PATIENCE);
}

const count = async () =>
  (await client.ask("POST", `/indexes/${INDEX}/search`, found, { limit: 1000 })).hits.length;
const nodeNamed = async (id: string) =>
  (await client.ask("GET", "/_miroir/nodes", nodesView)).results.find((node) => node.id === id);
const lastOperation = async () =>
  (await client.ask("GET", "/_miroir/operations?limit=1", operationList)).results[0];

async function active(id: string): Promise<void> {
  await vi.waitUntil(async () => (await nodeNamed(id))?.state === "active", PATIENCE);
}

async function over(kind: string): Promise<void> {
  await vi.waitUntil(async () => {
    const last = await lastOperation();
    return last?.kind === kind && last.state === "succeeded";
  }, PATIENCE);
}

/** Documents of the index on the node itself. */
async function heldBy({ url }: NamedNode): Promise<number> {
  const node = new Client({ url, key: fleet?.nodeKey ?? "" });
  const { indexes } = await node.ask("GET", "/stats", stats);
  const own = Object.entries(indexes).filter(([uid]) => uid.startsWith(`${INDEX}-`));
  return own.reduce((sum, [, { numberOfDocuments }]) => sum + numberOfDocuments, 0);
}

test.skipIf(program === undefined)(
  `a killed node is rebuilt on a spare one, and returns with nothing${without}`,
  { timeout: 300_000 },
  async () => {
    const [, killed] = fleet?.members ?? [];
    const [spare] = fleet?.spares ?? [];
    if (fleet === undefined || killed === undefined || spare === undefined) throw new Error();
    await write(
      "documents",
      Array.from({ length: 600 }, (_, id) => ({ id, title: `Book ${id}` })),
    );
    const { nodeKey } = fleet;
    await client.ask("POST", "/_miroir/nodes", changeView, { ...spare, key: nodeKey });
    await active(spare.id);
    expect(await nodeNamed(spare.id)).toMatchObject({ replicas: 0 });
    const before = await heldBy(killed);
    expect(before).toBeGreaterThan(0);

    await fleet.end(killed.id, "SIGKILL");
    // Meanwhile: read, written and deleted from, as if nothing had happened.
    expect(await count()).toBe(600);
    await write("documents", [{ id: 600 }, { id: 601 }]);
    await write(
      "documents/delete-batch",
      Array.from({ length: 100 }, (_, id) => id),
    );
    expect(await count()).toBe(502);
    await over("fail");
    expect(await nodeNamed(killed.id)).toMatchObject({ state: "failed", replicas: 0 });
    expect(await count()).toBe(502);

    await fleet.startNode(killed);
    await active(killed.id);
    await vi.waitUntil(async () => {
      // Never more than there is: nothing of what it had comes back.
      expect(await count()).toBe(502);
      return (await heldBy(killed)) === 0;
    }, PATIENCE);
    await client.ask("POST", "/_miroir/rebalance", changeView, {});
    await over("rebalance");
    expect(await heldBy(killed)).toBeGreaterThan(0);
    expect(await count()).toBe(502);
    for (let shard = 0; shard < SHARDS; shard += 1) {
      const path = `/_miroir/indexes/${INDEX}/verify`;
      const report = await client.ask("POST", path, shardReportView, { shard });
      expect(report).toMatchObject({ shard, state: "same" });
    }
    expect(fleet.crashes).toEqual([]);
  },
);
