import { expect, test } from "vitest";

import { UPLOAD_HELD_BYTES, UPLOADS_HELD_BYTES_MAX } from "../../worker/core/limits.ts";
import { UploadBudget } from "../../worker/ingest/upload-budget.ts";

const FIT = Math.floor(UPLOADS_HELD_BYTES_MAX / UPLOAD_HELD_BYTES);

/** A budget whose time passes only while somebody waits in it. */
function budget() {
  let time = 0;
  const clock = {
    now: () => time,
    sleep: async (ms: number) => {
      time += ms;
    },
  };
  return { uploads: new UploadBudget(clock), pass: clock.sleep };
}

const never = async (): Promise<never> => await new Promise(() => undefined);

test("uploads that fit run at once, one more waits for the end of another", async () => {
  const { uploads } = budget();
  const { promise, resolve } = Promise.withResolvers<void>();
  const first = uploads.reading(null, undefined, async () => await promise);
  for (let at = 1; at < FIT; at += 1) void uploads.reading(null, undefined, never);
  const late = uploads.reading(null, undefined, async () => "read");
  resolve();
  await first;
  expect(await late).toBe("read");
});

test("one more than fit is refused before its body is read, small ones still pass", async () => {
  const { uploads } = budget();
  for (let at = 0; at < FIT; at += 1) void uploads.reading(null, 100_000_000, never);
  let reads = 0;
  const late = uploads.reading(null, undefined, async () => {
    reads += 1;
  });
  await expect(late).rejects.toMatchObject({
    code: "miroir_too_many_uploads",
    status: 503,
    retryAfterSeconds: 1,
  });
  expect(reads).toBe(0);
});

test("200 small uploads fit beside each other", async () => {
  const { uploads } = budget();
  for (let at = 0; at < 200; at += 1) void uploads.reading(null, 20_000, never);
  expect(await uploads.reading(null, 20_000, async () => "read")).toBe("read");
});

test("the share of an upload that was cut off comes back, of one that moves it does not", async () => {
  const { uploads, pass } = budget();
  for (let at = 0; at < FIT; at += 1) void uploads.reading(null, undefined, never);
  await pass(31_000);
  expect(await uploads.reading(null, undefined, async () => "read")).toBe("read");
});

test("a failing upload gives its share back", async () => {
  const { uploads } = budget();
  for (let at = 0; at < 2 * FIT; at += 1) {
    const failing = uploads.reading(null, undefined, async () => {
      throw new Error("broken");
    });
    await expect(failing).rejects.toThrow("broken");
  }
});
