import { expect, test } from "vitest";

import { documents, quietWorld, told } from "../teller.ts";
import * as writes from "../writes.ts";

test("an index whose deletion overtook its creation is hidden until it is there", async () => {
  const world = quietWorld();
  const seen: string[] = [];
  const violation = await told(world, async (teller) => {
    world.hosts[1]?.stop();
    await teller.send(writes.addition("a", "w1", documents("w1")));
    await teller.judge.drop("w2", "a", () => teller.writer.write(writes.removal("a", "w2")));
    seen.push((await teller.look("a")).kind);
    world.hosts[1]?.start();
    for (let look = 0; look < 20; look += 1) {
      await teller.world.wait(50);
      await teller.look("a");
    }
  });
  expect(violation).toBeUndefined();
  expect(seen).toEqual(["noIndex"]);
});
