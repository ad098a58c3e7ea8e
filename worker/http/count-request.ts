/** Counts a served request for `/metrics`, while that feature is on. */
import { Meter } from "../metrics/meter.ts";
import { countsRequests, type RequestContext } from "./call.ts";

/** The isolate's counts: shared by its requests, on purpose. */
const meter = new Meter();

export function countRequest(
  context: RequestContext,
  path: string,
  status: number,
  startedAt: number,
): void {
  if (!countsRequests()) return;
  const { method } = context.req.raw;
  const seconds = (Date.now() - startedAt) / 1000;
  meter.count({ method, path, status, seconds }, context.env.TASKS, (work) =>
    context.executionCtx.waitUntil(work),
  );
}
