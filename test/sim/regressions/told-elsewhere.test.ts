import { expect, test } from "vitest";

import { documents, quietWorld, told } from "../teller.ts";
import * as writes from "../writes.ts";

test("a replica does not come back without what only the task log knows to be over", async () => {
  const world = quietWorld();
  const [, away] = world.hosts;
  let lost = 0;
  const violation = await told(world, async (teller) => {
    await teller.send(writes.addition("a", "w1", documents("w1")));
    await teller.world.wait(1500);
    away?.stop();
    await teller.send(writes.addition("a", "w2", documents("w2")));
    // The task log has the end of the write; its log never hears that it has.
    world.faults.wanted = {
      statement: (query) => {
        if (!query.startsWith("UPDATE tasks SET status")) return undefined;
        lost += 1;
        return "answerLost";
      },
    };
    await teller.world.wait(8000);
    away?.start();
    // It takes no writes, and the other one answers no reads: who may read it would.
    world.faults.wanted = {
      ...world.faults.wanted,
      request: (node, method, path) => {
        if (node === "n0") return path.includes("search") ? "overload" : undefined;
        return method === "POST" && path.includes("/documents?") ? "drop" : undefined;
      },
    };
    for (let look = 0; look < 40; look += 1) {
      await teller.world.wait(250);
      await teller.look("a");
    }
    world.faults.wanted = {};
  });
  expect(violation).toBeUndefined();
  expect(lost).toBeGreaterThan(0);
});
