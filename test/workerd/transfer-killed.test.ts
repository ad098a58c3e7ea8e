import { abortAllDurableObjects, runDurableObjectAlarm } from "cloudflare:test";
import { afterEach, expect, test, vi } from "vitest";

import { TransferStore } from "../../durable-objects/transfer/transfer-store.ts";
import { shardId } from "../../worker/core/ids.ts";
import type { TransferPhase } from "../../worker/core/transfer/shard-change.ts";
import { aMove, expectTidy, logOf, registered } from "./fleet-of-shards.ts";
import { call, finished, hits } from "./miroir.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** From the turn on in which this phase is stored, nothing is stored any more: the log is dead. */
function deadFrom(phase: TransferPhase): {
  readonly isDead: () => boolean;
  readonly revive: () => void;
} {
  let isDead = false;
  let isSpent = false;
  const original = TransferStore.prototype.put;
  vi.spyOn(TransferStore.prototype, "put").mockImplementation(function (
    this: TransferStore,
    stored,
  ) {
    if (isDead) throw new Error("the log was killed");
    original.call(this, stored);
    const { state } = stored;
    const isIt = state.kind === phase && (state.kind !== "fencing" || state.cut !== null);
    if (isIt && !isSpent) isDead = isSpent = true;
  });
  return { isDead: () => isDead, revive: () => void (isDead = false) };
}

const PHASES: readonly TransferPhase[] = [
  "announcing",
  "fencing",
  "copying",
  "verifying",
  "catchingUp",
  "switching",
  "dropping",
];

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({ id: from + i, n: from + i }));

const LONG = { timeout: 120_000 };

test.for(PHASES)("a log killed while %s carries the move to its end", LONG, async (phase) => {
  const uid = `killed${phase.toLowerCase()}`;
  await finished(call("POST", `/indexes/${uid}/documents`, numbered(0, 200)));
  const change = await aMove(uid, shardId(3));
  const { physical } = await registered(uid);
  const { isDead, revive } = deadFrom(phase);
  await logOf(physical).transfer([change]);
  await vi.waitUntil(isDead, { timeout: 60_000, interval: 5 });
  const write = await call("POST", `/indexes/${uid}/documents`, numbered(200, 240));
  await abortAllDurableObjects();
  revive();
  await vi.waitUntil(
    async () => {
      // What was reached before the kill cannot be reached any more.
      const log = logOf(physical);
      await runDurableObjectAlarm(log);
      const [status] = await log.transfers();
      return status?.phase === "done" && (await registered(uid)).mixed.length === 0;
    },
    { timeout: 80_000, interval: 100 },
  );
  await finished(Promise.resolve(write));
  const { shardMap } = await registered(uid);
  expect(shardMap[3]).toContain(change.target);
  expect(shardMap[3]).not.toContain(change.drop);
  await expectTidy(uid);
  expect(await hits(uid, { limit: 1000 })).toHaveLength(240);
});

test("a move that is canceled, and one whose index is deleted, leave nothing behind", async () => {
  await finished(call("POST", "/indexes/ended/documents", numbered(0, 200)));
  const { physical, shardMap } = await registered("ended");
  const log = logOf(physical);
  const { isDead, revive } = deadFrom("copying");
  const change = await aMove("ended", shardId(3));
  await log.transfer([change]);
  await vi.waitUntil(isDead, { timeout: 60_000, interval: 5 });
  revive();
  await log.cancelTransfers([change.id]);
  await expect.poll(async () => (await registered("ended")).mixed, { timeout: 40_000 }).toEqual([]);
  expect((await log.transfers())[0]?.phase).toBe("canceled");
  expect((await registered("ended")).shardMap).toEqual(shardMap);
  await expectTidy("ended");
  await log.transfer(
    await Promise.all([0, 1, 2, 3].map(async (shard) => await aMove("ended", shardId(shard)))),
  );
  expect((await finished(call("DELETE", "/indexes/ended"))).status).toBe("succeeded");
  await expect
    .poll(async () => (await log.transfers()).map(({ phase }) => phase), { timeout: 40_000 })
    .not.toContain("queued");
  expect((await call("GET", "/indexes/ended")).status).toBe(404);
}, 120_000);
