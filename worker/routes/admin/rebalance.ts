/** Rebalancing: what it would move, and doing it. */
import { changeView, rebalanceSchema } from "../../admin/schemas.ts";
import { shardSizes } from "../../admin/shard-sizes.ts";
import { namesOf, viewPlan } from "../../admin/views.ts";
import type { Call } from "../../http/call.ts";
import { adminRoute, type AdminAnswer, type AdminRoute } from "./admin-route.ts";
import { asked, type ChangeView } from "./changes.ts";

export const rebalanceRoutes: readonly AdminRoute[] = [
  adminRoute({
    method: "POST",
    path: "rebalance",
    summary: "Moves shards to where they are wanted; with `dryRun`, only says which",
    body: rebalanceSchema,
    reply: changeView,
    status: 202,
    serve: async (call, { dryRun }) =>
      dryRun ? await plan(call) : await asked(call, { kind: "rebalance" }),
  }),
];

async function plan(call: Call): Promise<AdminAnswer<ChangeView>> {
  const { epoch, drift, indexes } = await call.cluster.overview();
  const view = viewPlan(drift, await shardSizes(await call.read()), namesOf(indexes));
  return { value: { epoch, operation: null, node: null, plan: view }, epoch };
}
