import { expect, test } from "vitest";

import { documents, quietWorld, told } from "../teller.ts";
import * as writes from "../writes.ts";

test("what follows settings that one node refused finds the same on every replica", async () => {
  const world = quietWorld();
  let refusals = 0;
  world.faults.wanted = { refusesSettings: (node) => node === "n1" && (refusals += 1) === 1 };
  const violation = await told(world, async (teller) => {
    await teller.send(writes.addition("a", "w1", documents("w1")));
    await Promise.all([
      teller.send(writes.settings("a", "w2", ["tag"])),
      teller.world.wait(1).then(() => teller.send(writes.deletionByFilter("a", "w3", "tag = 1"))),
      teller.world.wait(2).then(() => teller.send(writes.edition("a", "w4", 5, "tag = 0"))),
    ]);
    await teller.world.wait(3000);
    await teller.look("a");
  });
  expect(violation).toBeUndefined();
  expect(refusals).toBeGreaterThan(0);
});
