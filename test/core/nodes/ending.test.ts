import { expect, test } from "vitest";

import { Ending } from "../../../worker/nodes/ending.ts";

const never = new Promise<string>(() => undefined);

test("what ends by itself is not touched", async () => {
  const ending = new Ending(60_000, undefined);
  expect(await ending.before(Promise.resolve("done"))).toBe("done");
  ending.release();
  expect(ending.signal.aborted).toBe(false);
  expect(ending.isDeadline).toBe(false);
});

test("a deadline ends what hangs, and aborts it", async () => {
  const ending = new Ending(1, undefined);
  await expect(ending.before(never)).rejects.toThrow("deadline");
  expect(ending.signal.aborted).toBe(true);
  expect(ending.isDeadline).toBe(true);
});

test.for(["before", "while"])(
  "a caller gives up %s it hangs: that is no deadline",
  async (when) => {
    const caller = new AbortController();
    if (when === "before") caller.abort();
    const ending = new Ending(60_000, caller.signal);
    const waiting = ending.before(never);
    caller.abort();
    await expect(waiting).rejects.toThrow("gave the request up");
    expect(ending.signal.aborted).toBe(true);
    expect(ending.isDeadline).toBe(false);
    ending.release();
  },
);
