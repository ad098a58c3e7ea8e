/** Operations: their list, one with its steps, and pausing, resuming and canceling it. */
import { changeView, emptySchema, operationDetail, operationList } from "../../admin/schemas.ts";
import { namesOf, viewOperation, viewOperationDetail } from "../../admin/views.ts";
import { ApiError } from "../../core/errors/api-error.ts";
import { OperationHistory } from "../../tasklog/operation-history.ts";
import type { Call } from "../../http/call.ts";
import { adminRoute, type AdminRoute } from "./admin-route.ts";
import { asked, operationNotFound } from "./changes.ts";

const OPERATION = "operations/:operationId";
const LIMIT_DEFAULT = 20;
const LIMIT_MAX = 1000;
const STEERING = {
  pause: "Begins no more steps; those under way end",
  resume: "Goes on with a paused operation",
  cancel: "Ends an operation where it is; what has moved stays moved",
} as const;

export const operationRoutes: readonly AdminRoute[] = [
  adminRoute({
    method: "GET",
    path: "operations",
    summary: "Operations, newest first; `?limit=` and `?from=` page through them",
    reply: operationList,
    serve: async (call) => ({ value: await list(call) }),
  }),
  adminRoute({
    method: "GET",
    path: OPERATION,
    summary: "One operation, with steps, progress, rates and when it will be over",
    reply: operationDetail,
    serve: async (call) => ({ value: await get(call) }),
  }),
  ...(["pause", "resume", "cancel"] as const).map((to) =>
    adminRoute({
      method: "POST",
      path: `${OPERATION}/${to}`,
      summary: STEERING[to],
      body: emptySchema,
      reply: changeView,
      serve: async (call) => await asked(call, { kind: "steer", operation: idOf(call), to }),
    }),
  ),
];

async function list(call: Call) {
  const limit = Math.min(numberParam(call, "limit") ?? LIMIT_DEFAULT, LIMIT_MAX);
  const from = numberParam(call, "from");
  const { indexes, operations } = await call.cluster.overview();
  // What goes on is told to the history a moment later than here.
  const live = new Map(operations.map((status) => [status.operation.id, status]));
  const told = await new OperationHistory(call.env.TASKS).list(limit + 1, from);
  for (const operation of told) {
    if (!live.has(operation.id)) live.set(operation.id, { operation, steps: [] });
  }
  const all = [...live.values()]
    .filter(({ operation }) => from === undefined || operation.id <= from)
    .toSorted((a, b) => b.operation.id - a.operation.id);
  const now = Date.now();
  const nameOf = namesOf(indexes);
  return {
    results: all.slice(0, limit).map((status) => viewOperation(status, nameOf, now)),
    limit,
    next: all[limit]?.operation.id ?? null,
  };
}

async function get(call: Call) {
  const id = idOf(call);
  const { indexes } = await call.cluster.overview();
  const status = (await call.cluster.operation(id)) ?? (await remembered(call, id));
  if (status === undefined) throw operationNotFound(`${id}`);
  return viewOperationDetail(status, namesOf(indexes), Date.now());
}

async function remembered(call: Call, id: number) {
  const history = new OperationHistory(call.env.TASKS);
  const [operation] = await history.list(1, id);
  if (operation?.id !== id) return undefined;
  return { operation, steps: await history.steps(id) };
}

function idOf(call: Call): number {
  const text = call.param("operationId");
  if (!/^\d{1,15}$/.test(text)) throw operationNotFound(text);
  return Number(text);
}

function numberParam(call: Call, name: string): number | undefined {
  const text = call.query.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,9}$/.test(text)) {
    throw new ApiError(
      "bad_request",
      `Invalid value in parameter \`${name}\`: could not parse \`${text}\` as a positive integer`,
    );
  }
  return Number(text);
}
