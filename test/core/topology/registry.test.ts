import { expect, test } from "vitest";

import { epoch, indexUid, physicalUid } from "../../../worker/core/ids.ts";
import { Leases } from "../../../worker/core/topology/leases.ts";
import {
  ended,
  served,
  superseded,
  visible,
  writable,
  type IndexPhase,
} from "../../../worker/core/topology/registry.ts";

const uid = indexUid("movies");
const index = (physical: string, phase: IndexPhase) => ({
  uid,
  readUid: uid,
  physical: physicalUid(physical),
  phase,
});

test.for<[string, IndexPhase[], string | undefined, string | undefined]>([
  ["being created", ["creating"], "p0", undefined],
  ["serving", ["serving"], "p0", "p0"],
  ["being deleted", ["ending"], undefined, "p0"],
  ["deleted and created again", ["ending", "creating"], "p1", "p0"],
  ["the new one serves before the old one is gone", ["ending", "serving"], "p1", "p1"],
  ["deleted before it was created", ["unserved"], undefined, undefined],
  ["created again and deleted again", ["superseded", "ending"], undefined, "p1"],
  ["of which only what nobody may come back to is left", ["superseded"], undefined, undefined],
  ["none", [], undefined, undefined],
])("an index %s", ([, phases, writes, reads]) => {
  const indexes = phases.map((phase, i) => index(`p${i}`, phase));
  expect(writable(indexes, uid)?.physical).toBe(writes);
  expect(visible(indexes)[0]?.physical).toBe(reads);
});

test("an index whose deletion came before its creation is read from when it is there", () => {
  expect([ended("creating"), served(ended("creating"))]).toEqual(["unserved", "ending"]);
  expect([served("creating"), ended(served("creating"))]).toEqual(["serving", "ending"]);
});

test("once a newer index of a uid is found, readers never come back to older ones", () => {
  const all = [index("p0", "ending"), index("p1", "unserved"), index("p2", "serving")];
  const [first, second, newest] = all;
  expect(superseded(all, newest!)).toEqual([first, second]);
  // The creation of an older one may be announced later.
  expect(superseded(all, second!)).toEqual([first]);
  expect(served("superseded")).toBe("superseded");
});

test("a change is waited for until the last lease on an older epoch has ended", () => {
  const leases = new Leases(0);
  leases.grant("a", undefined, { epoch: epoch(7), until: 11_000 }, 9000);
  leases.grant("b", undefined, { epoch: epoch(8), until: 12_000 }, 9000);
  expect(leases.waitMs(epoch(7), 10_000)).toBe(0);
  expect(leases.waitMs(epoch(8), 10_000)).toBe(1000);
  expect(leases.waitMs(epoch(9), 10_000)).toBe(2000);
  leases.release("b");
  expect(leases.waitMs(epoch(9), 10_000)).toBe(1000);
  expect(leases.waitMs(epoch(9), 11_000)).toBe(0);
});

test("a holder that asks again is counted with its new epoch", () => {
  const leases = new Leases(0);
  leases.grant("a", undefined, { epoch: epoch(7), until: 11_000 }, 9000);
  leases.grant("a", epoch(7), { epoch: epoch(8), until: 15_000 }, 9500);
  // It may not have got the answer yet: the older lease counts until it ends, or it says otherwise.
  expect(leases.waitMs(epoch(8), 10_000)).toBe(1000);
  leases.grant("a", epoch(8), { epoch: epoch(8), until: 16_000 }, 10_500);
  expect(leases.waitMs(epoch(8), 10_500)).toBe(0);
});

test("after a restart every Worker is presumed to hold a lease until the stored horizon", () => {
  const leases = new Leases(6000);
  expect(leases.waitMs(epoch(1), 1000)).toBe(5000);
  expect(leases.waitMs(epoch(1), 6000)).toBe(0);
});

test("no lease outlives the horizon that was stored before it was granted", () => {
  const leases = new Leases(0);
  let stored = 0;
  let moves = 0;
  for (let now = 0; now < 60_000; now += 100) {
    const moved = leases.grant(`w${now}`, undefined, { epoch: epoch(1), until: now + 5000 }, now);
    if (moved !== undefined) {
      stored = moved;
      moves += 1;
    }
    expect(stored).toBeGreaterThanOrEqual(now + 5000);
  }
  expect(moves).toBeLessThan(15);
});
