/** Copies go no faster than they may, over all indexes together; searches and writes go on. */
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { z } from "zod";

import { Client } from "../../scripts/ctl/client.ts";
import { changeView, nodesView, operationDetail } from "../../worker/admin/schemas.ts";
import { startFleet, type RunningFleet } from "./fleet.ts";

const RATE = 50_000;
const INDEXES = ["books", "films"] as const;
const PATIENCE = { timeout: 120_000, interval: 100 };

const accepted = z.looseObject({ taskUid: z.number() });
const task = z.looseObject({ status: z.string() });
const found = z.looseObject({ hits: z.array(z.unknown()) });

let fleet: RunningFleet | undefined;
let client = new Client({ url: "", key: "" });

async function write(uid: string, documents: readonly object[]): Promise<void> {
  const path = `/indexes/${uid}/documents`;
  const { taskUid } = await client.ask("POST", path, accepted, documents);
  await vi.waitUntil(
    async () => (await client.ask("GET", `/tasks/${taskUid}`, task)).status === "succeeded",
    PATIENCE,
  );
}

beforeAll(async () => {
  fleet = await startFleet({
    nodeCount: 3,
    replicationFactor: 2,
    program: undefined,
    variables: { MIROIR_COPY_BYTES_PER_SECOND: String(RATE), MIROIR_LEASE_MS: "500" },
  });
  client = new Client(fleet);
  const text = "a few words ".repeat(100);
  for (const uid of INDEXES) {
    await write(
      uid,
      Array.from({ length: 400 }, (_, id) => ({ id, text })),
    );
  }
});
afterAll(async () => await fleet?.stop());

test("a rebalance takes the time that its bytes take", { timeout: 180_000 }, async () => {
  const node = { id: "n3", url: "embedded://n3" };
  await client.ask("POST", "/_miroir/nodes", changeView, node);
  await vi.waitUntil(async () => {
    const { results } = await client.ask("GET", "/_miroir/nodes", nodesView);
    return results.some(({ id, state }) => id === "n3" && state === "active");
  }, PATIENCE);
  const begun = await client.ask("POST", "/_miroir/rebalance", changeView, {});
  const path = `/_miroir/operations/${begun.operation?.id}`;
  await write("books", [{ id: 1000 }]);
  let operation = await client.ask("GET", path, operationDetail);
  await vi.waitUntil(async () => {
    for (const [at, uid] of INDEXES.entries()) {
      const query = { limit: 1000, attributesToRetrieve: ["id"] };
      const { hits } = await client.ask("POST", `/indexes/${uid}/search`, found, query);
      expect(hits).toHaveLength(at === 0 ? 401 : 400);
    }
    operation = await client.ask("GET", path, operationDetail);
    return operation.finishedAt !== null;
  }, PATIENCE);
  const { bytes } = operation.progress;
  expect(operation.state).toBe("succeeded");
  expect(bytes).toBeGreaterThan(300_000);
  // The last page of each index is not waited for.
  const free = Math.max(...operation.steps.map((step) => step.bytes)) * INDEXES.length;
  const took = Date.parse(operation.finishedAt ?? "") - Date.parse(operation.createdAt);
  expect(took).toBeGreaterThanOrEqual(((bytes - free) / RATE) * 1000);
});
