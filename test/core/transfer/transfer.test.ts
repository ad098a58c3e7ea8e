import fc from "fast-check";
import { expect, test } from "vitest";

import { epoch, logOffset, nodeId, shardId } from "../../../worker/core/ids.ts";
import { isOver, TRANSFER_PHASES } from "../../../worker/core/transfer/shard-change.ts";
import {
  ATTEMPTS_MAX,
  cutOf,
  deliversToTarget,
  limitFor,
  step,
  type Observation,
  type Transfer,
  type TransferState,
} from "../../../worker/core/transfer/transfer.ts";

const [source, target, drop] = [nodeId("a"), nodeId("b"), nodeId("c")];
const cut = { source, fence: logOffset(7) };

const STATES: readonly TransferState[] = [
  { kind: "queued" },
  { kind: "announcing" },
  { kind: "fencing", cut: null },
  { kind: "fencing", cut },
  { kind: "copying", cut },
  { kind: "verifying", cut },
  { kind: "catchingUp" },
  { kind: "switching" },
  { kind: "dropping", epoch: epoch(9) },
  { kind: "done" },
  { kind: "failed" },
  { kind: "canceled" },
];

const SEEN: readonly Observation[] = [
  { kind: "started" },
  { kind: "announced" },
  { kind: "fenced", cut },
  { kind: "stopped", total: 5 },
  { kind: "copied", documents: 2, bytes: 20 },
  { kind: "copiedAll" },
  { kind: "matched" },
  { kind: "caughtUp" },
  { kind: "switched", epoch: epoch(9) },
  { kind: "lost" },
  { kind: "dropped" },
  { kind: "faulted", error: "the node is away" },
  { kind: "canceled", error: null },
];

function transferIn(state: TransferState, change: Partial<Transfer["change"]> = {}): Transfer {
  return {
    change: { id: "t", shard: shardId(3), target, drop, ...change },
    state,
    failures: 0,
    total: 0,
    copied: 0,
    bytes: 0,
    error: null,
  };
}

/** Phase and observation to the next phase; every pair that is not here leads nowhere. */
const TABLE: Readonly<Record<string, string>> = {
  "queued started": "announcing",
  "announcing announced": "fencing",
  "fencing fenced": "fencing!",
  "fencing! fenced": "fencing!",
  "fencing! stopped": "copying!",
  "copying! copied": "copying!",
  "copying! copiedAll": "verifying!",
  "verifying! matched": "catchingUp",
  "catchingUp caughtUp": "switching",
  "switching switched": "dropping",
  "switching lost": "fencing",
  "dropping dropped": "done",
  "dropping lost": "canceled",
  "fencing! faulted": "fencing",
  "copying! faulted": "fencing",
  "verifying! faulted": "fencing",
  "catchingUp faulted": "fencing",
  "queued canceled": "canceled",
  "announcing canceled": "canceled",
  "fencing canceled": "canceled",
  "fencing! canceled": "canceled",
  "copying! canceled": "canceled",
  "verifying! canceled": "canceled",
  "catchingUp canceled": "canceled",
};

/** `!`: source and target stand still. */
const nameOf = (state: TransferState): string => `${state.kind}${cutOf(state) === null ? "" : "!"}`;

const PAIRS = STATES.flatMap((state) => SEEN.map((seen) => ({ state, seen })));

test("every phase, every observation: the table, and nothing else", () => {
  for (const { state, seen } of PAIRS) {
    const name = nameOf(state);
    const next = step(transferIn(state), seen);
    expect([name, seen.kind, nameOf(next.state)]).toEqual([
      name,
      seen.kind,
      TABLE[`${name} ${seen.kind}`] ?? name,
    ]);
  }
});

test("every phase is looked at", () => {
  expect(new Set(STATES.map(({ kind }) => kind))).toEqual(new Set(TRANSFER_PHASES));
});

test("what is over stays as it is, whatever is seen", () => {
  for (const { state, seen } of PAIRS.filter((pair) => isOver(pair.state.kind))) {
    const transfer = transferIn(state);
    expect(step(transfer, seen)).toBe(transfer);
  }
});

test("a change without a target copies nothing, one without a drop deletes nothing", () => {
  const announcing = transferIn({ kind: "announcing" }, { target: null });
  expect(step(announcing, { kind: "announced" }).state.kind).toBe("switching");
  const switching = transferIn({ kind: "switching" }, { drop: null });
  expect(step(switching, { kind: "switched", epoch: epoch(9) }).state.kind).toBe("done");
});

test("the last attempt fails the transfer before the switch, and never after it", () => {
  for (const state of STATES) {
    const last = { ...transferIn(state), failures: ATTEMPTS_MAX - 1 };
    const { kind } = step(last, { kind: "faulted", error: "again" }).state;
    const isForwardOnly = ["switching", "dropping"].includes(state.kind) || isOver(state.kind);
    expect([state.kind, kind]).toEqual([state.kind, isForwardOnly ? state.kind : "failed"]);
  }
  const reduction = transferIn({ kind: "switching" }, { target: null });
  const hopeless = { ...reduction, failures: ATTEMPTS_MAX - 1 };
  expect(step(hopeless, { kind: "faulted", error: "again" }).state.kind).toBe("failed");
});

test("only source and target stand, both at the same offset, and only with a cut", () => {
  for (const state of STATES) {
    const fence = cutOf(state)?.fence;
    expect(limitFor(transferIn(state), source)).toBe(fence);
    expect(limitFor(transferIn(state), target)).toBe(fence);
    expect(limitFor(transferIn(state), drop)).toBeUndefined();
  }
});

const observations = fc.array(fc.constantFrom(...SEEN), { maxLength: 60 });

function lives(check: (before: Transfer, seen: Observation, after: Transfer) => void): void {
  fc.assert(
    fc.property(observations, (all) => {
      let transfer = transferIn({ kind: "queued" });
      for (const seen of all) {
        const after = step(transfer, seen);
        check(transfer, seen, after);
        transfer = after;
      }
    }),
    { numRuns: 2000 },
  );
}

test("the log delivers to the target only once it has been proven equal at a fence", () => {
  lives((before, seen, after) => {
    if (deliversToTarget(before.state) || !deliversToTarget(after.state)) return;
    expect([before.state.kind, seen.kind]).toEqual(["verifying", "matched"]);
  });
});

test("from the switch on there is no way back, but for a target that is lost", () => {
  const order = ["switching", "dropping", "done"];
  lives((before, seen, after) => {
    if (seen.kind === "lost") return;
    const at = order.indexOf(before.state.kind);
    if (at !== -1) expect(order.indexOf(after.state.kind)).toBeGreaterThanOrEqual(at);
  });
});

test("a copy that begins again counts from nothing", () => {
  lives((before, _, after) => {
    if (before.state.kind === "fencing" && after.state.kind === "copying") {
      expect([after.copied, after.bytes, after.total]).toEqual([0, 0, 5]);
    }
  });
});
