import { expect, test } from "vitest";

import { documents, quietWorld, told } from "../teller.ts";
import * as writes from "../writes.ts";

test("a swap that failed while logs were being held holds nothing for ever", async () => {
  const world = quietWorld();
  let holds = 0;
  world.faults.wanted = {
    call: (_, method) => (method === "hold" && (holds += 1) === 2 ? "lost" : undefined),
  };
  const violation = await told(world, async (teller) => {
    await teller.send(writes.addition("a", "w1", documents("w1")));
    await teller.send(writes.addition("b", "w2", documents("w2")));
    await teller.world.wait(2500);
    await teller.judge.swap(["a", "b"], () => teller.reader.swap(["a", "b"]));
    await teller.send(writes.addition("a", "w3", documents("w3")));
    await teller.send(writes.addition("b", "w4", documents("w4")));
  });
  expect(violation).toBeUndefined();
  expect(holds).toBe(2);
});
