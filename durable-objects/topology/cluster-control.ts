/** The control plane with everything it stands on in the Cluster object: wiring only. */
import { configOf, type Env } from "../../worker/env.ts";
import { OperationHistory } from "../../worker/tasklog/operation-history.ts";
import { sleep } from "../sleep.ts";
import { ControlPlane, type ControlPlaneTools } from "./control-plane.ts";
import { IndexLogs } from "./index-logs.ts";
import { OperationRecords } from "./operation-records.ts";

export function clusterControl(
  ctx: DurableObjectState,
  env: Env,
  registry: Pick<
    ControlPlaneTools,
    "roster" | "indexes" | "aliases" | "putIndex" | "epoch" | "advance"
  >,
): ControlPlane {
  return new ControlPlane({
    ...configOf(env),
    ...registry,
    records: new OperationRecords(ctx.storage.sql),
    history: new OperationHistory(env.TASKS),
    logs: new IndexLogs(env.INDEX_LOG),
    waitUntil: (work) => ctx.waitUntil(work),
    now: () => Date.now(),
    sleep,
  });
}
