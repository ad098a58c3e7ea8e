/** A reshard and a drain asked for at once: both end, one after the other, and nothing is missed. */
import { expect, test, vi } from "vitest";

import { call, finished, hits } from "./miroir.ts";

const admin = (method: string, path: string, body?: unknown) =>
  call(method, `/_miroir/${path}`, body);
const documents = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => ({ id: from + at }));

interface Operation {
  readonly id: number;
  readonly state: string;
  readonly error: string | null;
}

async function begin(path: string, body: object): Promise<number> {
  const { status, json } = await admin("POST", path, body);
  expect(status).toBe(202);
  return (json as { operation: Operation }).operation.id;
}

async function ended(id: number): Promise<Operation> {
  let seen: Operation | undefined;
  await vi.waitUntil(
    async () => {
      seen = (await admin("GET", `operations/${id}`)).json as Operation;
      return !["running", "canceling"].includes(seen.state);
    },
    { timeout: 90_000, interval: 100 },
  );
  return seen ?? { id, state: "unseen", error: null };
}

test.for([
  ["reshard first", true],
  ["drain first", false],
] as const)("%s", { timeout: 120_000 }, async ([, isReshardFirst]) => {
  const uid = isReshardFirst ? "one" : "two";
  await finished(call("POST", `/indexes/${uid}/documents`, documents(0, 200)));
  const reshard = () => begin(`indexes/${uid}/reshard`, { shards: 24 });
  const drain = () => begin("nodes/n0/drain", {});
  const ids = isReshardFirst ? [await reshard(), await drain()] : [await drain(), await reshard()];
  const refused = await admin("POST", `indexes/${uid}/replicas`, { replicas: 1 });
  expect(refused).toMatchObject({ status: 409, json: { code: "miroir_topology_conflict" } });
  const write = call("POST", `/indexes/${uid}/documents`, documents(200, 220));
  for (const id of ids) {
    expect(await ended(id)).toMatchObject({ state: "succeeded", error: null });
  }
  expect((await finished(write)).status).toBe("succeeded");
  expect(await hits(uid, { limit: 1000 })).toHaveLength(220);
  const { json } = await admin("GET", `shards?index=${uid}`);
  const { results } = json as { results: { replicas: { node: string }[] }[] };
  expect(results).toHaveLength(24);
  const holders = results.flatMap(({ replicas }) => replicas.map(({ node }) => node));
  expect(new Set(holders)).toEqual(new Set(["n1", "n2"]));
  expect(await admin("POST", "nodes/n0/resume", {})).toMatchObject({ status: 200 });
});
