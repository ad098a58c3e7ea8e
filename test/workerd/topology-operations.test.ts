/**
 * Operations on the topology from end to end: embedded nodes, real logs and leases, the admin API.
 * All the while a client searches, and never gets less than everything.
 */
import { abortAllDurableObjects } from "cloudflare:test";
import { afterAll, beforeAll, expect, test, vi } from "vitest";

import { call, finished } from "./miroir.ts";

interface OperationView {
  readonly id: number;
  readonly state: string;
  readonly error: string | null;
  readonly progress: { readonly documents: number; readonly steps: { readonly done: number } };
  readonly steps: readonly { readonly phase: string; readonly target: string | null }[];
}

const DOCUMENTS = 200;
const LIMIT_MS = 120_000;
const admin = (method: string, path: string, body?: unknown) =>
  call(method, `/_miroir/${path}`, body);

async function begun(method: string, path: string, body?: unknown): Promise<number> {
  const { status, json } = await admin(method, path, body);
  expect([status, json]).toMatchObject([202, { operation: { state: "running" } }]);
  return (json as { operation: { id: number } }).operation.id;
}

async function succeeded(id: number): Promise<OperationView> {
  const view = async () => (await admin("GET", `operations/${id}`)).json as OperationView;
  await vi.waitUntil(async () => !["running", "paused"].includes((await view()).state), {
    timeout: LIMIT_MS,
    interval: 100,
  });
  const last = await view();
  expect(last).toMatchObject({ state: "succeeded", error: null });
  return last;
}

async function replicasOf(node: string): Promise<number> {
  const { results } = (await admin("GET", "nodes")).json as {
    results: { id: string; replicas: number }[];
  };
  return results.find(({ id }) => id === node)?.replicas ?? -1;
}

/** Answers that were not whole, of the client that searches all the while. */
const wrong: unknown[] = [];
let searches = 0;
let isOver = false;
let searching: Promise<void> | undefined;

async function search(): Promise<void> {
  while (!isOver) {
    const answer = await call("POST", "/indexes/kept/search", { limit: 1000, q: "" });
    const found = (answer.json as { hits?: unknown[] }).hits?.length;
    const degraded = answer.headers.get("X-Miroir-Degraded");
    if (found !== DOCUMENTS || degraded !== null) wrong.push({ found, degraded, at: answer.text });
    searches += 1;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

beforeAll(async () => {
  const documents = Array.from({ length: DOCUMENTS }, (_, id) => ({ id, text: `document ${id}` }));
  await finished(call("POST", "/indexes/kept/documents", documents));
  searching = search();
});

afterAll(async () => {
  isOver = true;
  await searching;
});

test(
  "a node joins, and a rebalance brings it its share and nothing else",
  async () => {
    expect((await admin("POST", "nodes", { id: "n3", url: "embedded://n3" })).status).toBe(202);
    await vi.waitUntil(
      async () =>
        (await admin("GET", "nodes")).text.includes(
          '"id":"n3","url":"embedded://n3","group":"default","zone":null,"weight":1,"state":"active"',
        ),
      { timeout: LIMIT_MS, interval: 100 },
    );
    const { json } = await admin("POST", "rebalance", { dryRun: true });
    const { plan } = json as {
      plan: {
        changes: { target: string }[];
        estimate: { moves: number; documents: number; bytes: number };
      };
    };
    expect(plan.changes.every(({ target }) => target === "n3")).toBe(true);
    const { moves } = plan.estimate;
    expect(moves).toBeGreaterThan(3);
    expect(plan.estimate.documents).toBe(Math.round((DOCUMENTS / 16) * moves));
    const done = await succeeded(await begun("POST", "rebalance"));
    expect(done.progress.steps.done).toBe(moves);
    expect(done.progress.documents).toBeGreaterThan(0);
    expect(await replicasOf("n3")).toBe(moves);
    expect(((await admin("GET", "topology")).json as { drift: number }).drift).toBe(0);
  },
  LIMIT_MS,
);

test(
  "the replicas of an index go up and down again, across restarts of every object",
  async () => {
    const up = await begun("POST", "indexes/kept/replicas", { replicas: 3 });
    await abortAllDurableObjects();
    await succeeded(up);
    const holding = async () =>
      (
        (await admin("GET", "shards?index=kept")).json as {
          results: { replicas: unknown[] }[];
        }
      ).results.map(({ replicas }) => replicas.length);
    expect(new Set(await holding())).toEqual(new Set([3]));
    await succeeded(await begun("POST", "indexes/kept/replicas", { replicas: 1 }));
    expect(new Set(await holding())).toEqual(new Set([1]));
  },
  LIMIT_MS,
);

test(
  "a node is drained and comes back; one that is removed stays away after a restart",
  async () => {
    const id = await begun("POST", "nodes/n1/drain");
    await succeeded(id);
    expect(await replicasOf("n1")).toBe(0);
    expect((await admin("POST", "nodes/n1/resume")).status).toBe(200);
    await succeeded(await begun("DELETE", "nodes/n2"));
    await abortAllDurableObjects();
    const { json } = await admin("GET", "nodes");
    const nodes = (json as { results: { id: string; state: string }[] }).results;
    expect(nodes.map(({ id: name, state }) => [name, state])).toEqual([
      ["n0", "active"],
      ["n1", "active"],
      ["n3", "active"],
    ]);
  },
  LIMIT_MS,
);

test("operations are listed, newest first, also from the history", async () => {
  const { json } = await admin("GET", "operations?limit=3");
  expect(json).toMatchObject({
    results: [
      { id: 5, kind: "remove", node: "n2", state: "succeeded" },
      { id: 4, kind: "drain", node: "n1", state: "succeeded" },
      { id: 3, kind: "replicas", index: "kept", state: "succeeded" },
    ],
    next: 2,
  });
});

test("every search meanwhile was whole", async () => {
  isOver = true;
  await searching;
  expect(searches).toBeGreaterThan(100);
  expect(wrong).toEqual([]);
});
