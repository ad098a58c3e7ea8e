/** The executor of cluster-wide tasks with everything it stands on in the Cluster object. */
import type { Env } from "../worker/env.ts";
import { TaskLog } from "../worker/tasklog/task-log.ts";
import { wakeCourier } from "../worker/webhooks/wake-courier.ts";
import { Operations, type OperationTools } from "./operations.ts";
import { sleep } from "./sleep.ts";

export function clusterOperations(
  ctx: DurableObjectState,
  env: Env,
  tools: Pick<OperationTools, "store" | "rules" | "advance" | "readAs" | "leasesEnded">,
): Operations {
  return new Operations({
    ...tools,
    tasks: new TaskLog(env.TASKS, () => ctx.waitUntil(wakeCourier(env))),
    logs: env.INDEX_LOG,
    now: () => Date.now(),
    random: () => Math.random(),
    sleep,
  });
}
