/**
 * Routes of experimental features that need one whole Meilisearch: logs, networks, chats, dynamic
 * search rules, templates, the task queue's file. Switched off, they answer as Meilisearch's do. Once
 * switched on, they say truthfully that there is nothing (no chat, no rule, no network), and refuse
 * to make something with `miroir_not_supported`.
 */
import { ApiError } from "../core/errors/api-error.ts";
import {
  parseLogStream,
  parseLogTarget,
  parseObject,
  parseRule,
  parseRuleList,
} from "../core/features/parse-gated.ts";
import { parseNetwork, viewNetwork, type NetworkPatch } from "../core/network/network.ts";
import { checkIndexUid, pagedList, type Paging } from "../core/query/parse-index.ts";
import { jsonValue } from "../http/call.ts";
import { changeNetwork, storedNetwork } from "../instance/stored-network.ts";
import { chatRoutes } from "./chats.ts";
import { body, gate, nothing } from "./gate.ts";
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

const RULE = "/dynamic-search-rules/:ruleUid";
const CHANGED_RULES = {
  doing: "Using the `/dynamic-search-rules` routes",
  serve: unsupported("dynamic search rules"),
} as const;

const rules: readonly Route[] = [
  gate("dynamicSearchRules", "POST", "/dynamic-search-rules", {
    action: "dynamicSearchRules.get",
    doing: "Calling the `POST /dynamic-search-rules` route",
    read: body(parseRuleList),
    serve: emptyPage,
  }),
  gate("dynamicSearchRules", "DELETE", "/dynamic-search-rules", {
    ...CHANGED_RULES,
    action: "dynamicSearchRules.delete",
    read: nothing,
  }),
  gate("dynamicSearchRules", "GET", RULE, {
    action: "dynamicSearchRules.get",
    doing: "Calling the `GET /dynamic-search-rules/{:ruleUid}` route",
    read: (call) => checkIndexUid(call.param("ruleUid")),
    serve: (uid) => {
      throw new ApiError(
        "dynamic_search_rule_not_found",
        `Dynamic search rule \`${uid}\` not found.`,
      );
    },
  }),
  gate("dynamicSearchRules", "PATCH", RULE, {
    ...CHANGED_RULES,
    action: "dynamicSearchRules.update",
    read: body(parseRule),
  }),
  gate("dynamicSearchRules", "DELETE", RULE, {
    ...CHANGED_RULES,
    action: "dynamicSearchRules.delete",
    read: nothing,
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
  ...rules,
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

function emptyPage(paging: Paging): Response {
  return jsonValue(pagedList([], paging));
}
