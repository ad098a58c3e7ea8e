import { env } from "cloudflare:workers";
import { expect, test } from "vitest";

import { shardId, type NodeId, type PhysicalUid } from "../../worker/core/ids.ts";
import { shardMark } from "../../worker/core/placement/shard-mark.ts";
import { expectTidy, held, logOf, registered } from "./fleet-of-shards.ts";
import { call, finished, hits } from "./miroir.ts";

const SHARD = shardId(3);

/** Straight to a node, past Miroir. */
async function onNode(node: NodeId, method: string, path: string, body: unknown): Promise<void> {
  const request = new Request(`http://node${path}`, {
    method,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const response = await env.EMBEDDED_NODE.getByName(node).fetch(request);
  await response.text();
  expect(response.status).toBe(202);
}

interface Planted {
  readonly title: string;
  readonly uid: string;
  readonly plant: (path: string, node: NodeId, document: { readonly id: number }) => Promise<void>;
}

const PLANTED: readonly Planted[] = [
  {
    title: "a changed document",
    uid: "changed",
    plant: (path, node, document) => onNode(node, "POST", path, [{ ...document, n: -1 }]),
  },
  {
    title: "a missing document",
    uid: "missing",
    plant: (path, node, { id }) => onNode(node, "POST", `${path}/delete-batch`, [id]),
  },
  {
    title: "an extra document",
    uid: "extra",
    plant: (path, node) =>
      onNode(node, "POST", path, [{ id: 99_999, n: 1, _miroir_shard: shardMark(SHARD) }]),
  },
];

test.for(PLANTED)(
  "$title on one replica is found and repaired",
  { timeout: 90_000 },
  async ({ uid, plant }) => {
    const documents = Array.from({ length: 200 }, (_, id) => ({ id, n: id }));
    await finished(call("POST", `/indexes/${uid}/documents`, documents));
    const { physical, shardMap } = await registered(uid);
    const log = logOf(physical);
    expect(await log.verify(SHARD, true)).toMatchObject({ kind: "same" });
    const [, wrong] = shardMap[SHARD] ?? [];
    if (wrong === undefined) throw new Error("a shard has two replicas");
    const [document] = await held(wrong, physical, SHARD);
    if (document === undefined) throw new Error("the shard has no document");
    await plant(`/indexes/${physical}/documents`, wrong, document);
    // Only looked at, it stays as it is.
    for (let looks = 0; looks < 2; looks += 1) {
      const seen = await log.verify(SHARD, false);
      expect(seen).toMatchObject({ kind: "different", wrong: [wrong], repaired: [] });
    }
    const writing = finished(call("POST", `/indexes/${uid}/documents`, [{ id: 500, n: 500 }]));
    const found = await log.verify(SHARD, true);
    expect(found).toMatchObject({ kind: "different", repaired: [wrong], ranges: 1 });
    await writing;
    await repaired(physical);
    expect(await log.verify(SHARD, true)).toMatchObject({ kind: "same" });
    await expect.poll(async () => (await registered(uid)).mixed, { timeout: 20_000 }).toEqual([]);
    await expectTidy(uid);
    expect(await hits(uid, { limit: 1000 })).toHaveLength(201);
  },
);

async function repaired(physical: PhysicalUid): Promise<void> {
  const phases = async () => (await logOf(physical).transfers()).map(({ phase }) => phase);
  await expect.poll(phases, { timeout: 60_000 }).toEqual(["done"]);
}

test("settings that somebody changed on a node are brought back", async () => {
  await finished(
    call("PATCH", "/indexes/tuned/settings", { filterableAttributes: ["n"], stopWords: ["the"] }),
  );
  await finished(call("POST", "/indexes/tuned/documents", [{ id: 1, n: 1 }]));
  const { physical, shardMap } = await registered("tuned");
  const [node] = shardMap[SHARD] ?? [];
  if (node === undefined) throw new Error("a shard has replicas");
  const path = `/indexes/${physical}/settings`;
  const settings = async (): Promise<string> => {
    const response = await env.EMBEDDED_NODE.getByName(node).fetch(`http://node${path}`);
    return await response.text();
  };
  const before = await settings();
  await onNode(node, "PATCH", path, { filterableAttributes: null, stopWords: ["a", "b"] });
  await expect.poll(settings).not.toBe(before);
  await logOf(physical).verify(SHARD, true);
  expect(await settings()).toBe(before);
});
