/**
 * Routes of experimental features. Switched off, they answer as Meilisearch's do. What one process
 * alone has (logs, the task queue's file) is refused with `miroir_not_supported`.
 */
import { ApiError } from "../core/errors/api-error.ts";
import { parseLogStream, parseLogTarget, parseObject } from "../core/features/parse-gated.ts";
import { parseNetwork, viewNetwork, type NetworkPatch } from "../core/network/network.ts";
import { jsonValue } from "../http/call.ts";
import { changeNetwork, storedNetwork } from "../instance/stored-network.ts";
import { chatRoutes } from "./chats.ts";
import { body, gate, nothing } from "./gate.ts";
import { ruleRoutes } from "./rules.ts";
import { taskDocumentRoutes } from "./task-documents.ts";
import { renderRoutes } from "./render-template.ts";
import type { Route } from "./route.ts";

const LOGS = {
  action: "metrics.get",
  doing: "Modifying logs through the `/logs/*` routes",
  serve: unsupported("streaming logs; `wrangler tail` shows them"),
} as const;

const logs: readonly Route[] = [
  gate("logsRoute", "POST", "/logs/stream", { ...LOGS, read: body(parseLogStream) }),
  gate("logsRoute", "DELETE", "/logs/stream", { ...LOGS, read: nothing }),
  gate("logsRoute", "POST", "/logs/stderr", { ...LOGS, read: body(parseLogTarget) }),
];

const network: readonly Route[] = [
  gate("network", "GET", "/network", {
    action: "network.get",
    doing: "Using the /network route",
    read: nothing,
    serve: async (_, call) => jsonValue(viewNetwork(await storedNetwork(call.values))),
  }),
  gate<NetworkPatch>("network", "PATCH", "/network", {
    action: "network.update",
    doing: "Using the /network route",
    read: body(parseNetwork),
    serve: async (patch, call) => {
      if (patch.hasLeader) throw enterprise("set `network.leader`");
      return jsonValue(viewNetwork(await changeNetwork(call.values, patch)));
    },
  }),
  gate("network", "POST", "/network/control", {
    action: "network.update",
    doing: "Using the /network/control route",
    read: body(parseObject),
    serve: () => {
      throw enterprise("call this route");
    },
  }),
];

const others: readonly Route[] = [
  gate("taskQueueCompactionRoute", "POST", "/tasks/compact", {
    action: "tasks.compact",
    doing: "Using the /tasks/compact route",
    read: nothing,
    serve: unsupported("compacting the task queue: its database does that"),
  }),
];

export const gatedRoutes: readonly Route[] = [
  ...logs,
  ...network,
  ...chatRoutes,
  ...ruleRoutes,
  ...renderRoutes,
  ...taskDocumentRoutes,
  ...others,
];

function unsupported(what: string): () => never {
  return () => {
    throw new ApiError("miroir_not_supported", `Miroir does not support ${what}.`);
  };
}

function enterprise(what: string): ApiError {
  return new ApiError(
    "requires_enterprise_edition",
    `Meilisearch Enterprise Edition is required to ${what}`,
  );
}
