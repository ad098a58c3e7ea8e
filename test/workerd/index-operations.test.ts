/** What an operator does to one index, from the request to its end: comparing replicas, resharding. */
import { expect, test, vi } from "vitest";

import { call, finished, hits } from "./miroir.ts";

interface OperationView {
  readonly id: number;
  readonly state: string;
  readonly steps: readonly { readonly note: string | null }[];
}

const LIMIT_MS = 120_000;
const DOCUMENTS = Array.from({ length: 90 }, (_, id) => ({ id, text: `document ${id}` }));
const admin = (method: string, path: string, body?: unknown) =>
  call(method, `/_miroir/${path}`, body);

async function over(path: string, body?: unknown): Promise<OperationView> {
  const { status, json } = await admin("POST", path, body);
  expect(status).toBe(202);
  const { id } = (json as { operation: { id: number } }).operation;
  const view = async () => (await admin("GET", `operations/${id}`)).json as OperationView;
  await vi.waitUntil(async () => (await view()).state !== "running", {
    timeout: LIMIT_MS,
    interval: 100,
  });
  return await view();
}

test(
  "replicas are compared shard by shard",
  async () => {
    await finished(call("POST", "/indexes/alike/documents", DOCUMENTS));
    const operation = await over("indexes/alike/repair");
    expect(operation).toMatchObject({ kind: "repair", index: "alike", state: "succeeded" });
    expect(operation.steps).toHaveLength(16);
    expect(new Set(operation.steps.map(({ note }) => note?.replace(/\d+ documents/, "")))).toEqual(
      new Set(["2 replicas are the same: "]),
    );
  },
  LIMIT_MS,
);

test(
  "an index gets another number of shards, and nothing of it is missed",
  async () => {
    await finished(call("POST", "/indexes/fewer/documents", DOCUMENTS));
    const operation = await over("indexes/fewer/reshard", { shards: 4 });
    expect(operation).toMatchObject({
      kind: "reshard",
      state: "succeeded",
      progress: { documents: 90 },
    });
    const { json } = await admin("GET", "shards?index=fewer");
    expect((json as { results: unknown[] }).results).toHaveLength(4);
    expect(await hits("fewer", { limit: 1000 })).toHaveLength(90);
    await finished(call("POST", "/indexes/fewer/documents", [{ id: 200 }]));
    expect(await hits("fewer", { limit: 1000 })).toHaveLength(91);
    const again = await admin("POST", "indexes/fewer/reshard", { shards: 4 });
    expect(again).toMatchObject({
      status: 409,
      json: { code: "miroir_topology_conflict", message: "The index has 4 shards already." },
    });
  },
  LIMIT_MS,
);
