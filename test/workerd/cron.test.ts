import { env, exports } from "cloudflare:workers";
import { expect, test, vi } from "vitest";

import { EmbeddedNode } from "../../durable-objects/embedded-node.ts";

async function health(): Promise<readonly string[]> {
  const nodes = await env.CLUSTER.getByName("cluster").nodes();
  return nodes.map((node) => node.health);
}

test("Cron probes the nodes, and starts the object's own alarm again", async () => {
  expect(await health()).toEqual(["unknown", "unknown", "unknown"]);
  await exports.default.scheduled({ cron: "* * * * *" });
  expect(await health()).toEqual(["healthy", "healthy", "healthy"]);
  const dead = vi.spyOn(EmbeddedNode.prototype, "fetch").mockRejectedValue(new Error("down"));
  await exports.default.scheduled({ cron: "* * * * *" });
  expect(await health()).toEqual(["unreachable", "unreachable", "unreachable"]);
  dead.mockRestore();
  await exports.default.scheduled({ cron: "* * * * *" });
  expect(await health()).toEqual(["healthy", "healthy", "healthy"]);
});
