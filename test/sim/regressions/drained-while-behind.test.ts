import { expect, test } from "vitest";

import { nodeId } from "../../../worker/core/ids.ts";
import { documents, quietWorld, told } from "../teller.ts";
import * as writes from "../writes.ts";

test("a node that is drained while it is behind leaves nothing of it in the registry", async () => {
  const world = quietWorld(2, 3);
  let left = 0;
  const violation = await told(world, async (teller) => {
    await teller.send(writes.addition("a", "w1", documents("w1")));
    await teller.world.wait(2500);
    const [record] = teller.judge.records.values();
    const behind = record?.shardMap?.[0]?.[0] ?? "";
    const host = world.hosts.find(({ name }) => name === behind);
    host?.stop();
    await teller.send(writes.addition("a", "w2", documents("w2")));
    // It leaves the in-sync set first, and the cluster after that.
    await teller.world.wait(8000);
    left += record?.replicas.filter(({ standing }) => standing !== 0).length ?? 0;
    await teller.reader.operate({ kind: "drain", node: nodeId(behind) });
    await teller.world.wait(10_000);
    host?.start();
  });
  expect(violation).toBeUndefined();
  expect(left).toBe(1);
});
