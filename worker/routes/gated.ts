/**
 * Routes of experimental features that need one whole Meilisearch: logs, networks, chats, dynamic
 * search rules, templates, the task queue's file. Switched off, they answer as Meilisearch's do. Once
 * switched on, they say truthfully that there is nothing (no chat, no rule, no network), and refuse
 * to make something with `miroir_not_supported`.
 */
import { ApiError } from "../core/errors/api-error.ts";
import {
  type NetworkPatch,
  parseChatSettings,
  parseLogStream,
  parseLogTarget,
  parseNetwork,
  parseObject,
  parseRender,
  parseRule,
  parseRuleList,
} from "../core/features/parse-gated.ts";
import { checkIndexUid, pagedList, parsePaging, type Paging } from "../core/query/parse-index.ts";
import { parseTaskUid } from "../core/query/parse-tasks.ts";
import type { Call } from "../http/call.ts";
import { jsonValue } from "../http/call.ts";
import { body, gate, nothing } from "./gate.ts";
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

const NO_NETWORK = {
  self: null,
  remotes: {},
  shards: {},
  leader: null,
  version: "00000000-0000-0000-0000-000000000000",
};

const network: readonly Route[] = [
  gate("network", "GET", "/network", {
    action: "network.get",
    doing: "Using the /network route",
    read: nothing,
    serve: () => jsonValue(NO_NETWORK),
  }),
  gate("network", "PATCH", "/network", {
    action: "network.update",
    doing: "Using the /network route",
    read: body(parseNetwork),
    serve: ({ hasLeader, isEmpty }: NetworkPatch) => {
      if (hasLeader) throw enterprise("set `network.leader`");
      return isEmpty ? jsonValue(NO_NETWORK) : unsupported("being part of a network")();
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

const CHAT = "/chats/:workspace";
const CHAT_SETTINGS = "using the /chats/settings route";

const chats: readonly Route[] = [
  gate("chatCompletions", "GET", "/chats", {
    action: "chats.get",
    doing: "listing the chats",
    read: (call) => parsePaging(call.query),
    serve: emptyPage,
  }),
  gate("chatCompletions", "GET", CHAT, {
    action: "chats.get",
    doing: "displaying a chat",
    read: nothing,
    serve: noChat,
  }),
  gate("chatCompletions", "DELETE", CHAT, {
    action: "chats.delete",
    doing: "deleting a chat",
    read: nothing,
    serve: noChat,
  }),
  gate("chatCompletions", "GET", `${CHAT}/settings`, {
    action: "chatsSettings.get",
    doing: CHAT_SETTINGS,
    read: nothing,
    serve: noChatSettings,
  }),
  gate("chatCompletions", "PATCH", `${CHAT}/settings`, {
    action: "chatsSettings.update",
    doing: CHAT_SETTINGS,
    read: body(parseChatSettings),
    serve: unsupported("chats"),
  }),
  gate("chatCompletions", "DELETE", `${CHAT}/settings`, {
    action: "chatsSettings.update",
    doing: CHAT_SETTINGS,
    read: nothing,
    serve: noChatSettings,
  }),
  gate("chatCompletions", "POST", `${CHAT}/chat/completions`, {
    action: "chatCompletions",
    doing: "using the /chats chat completions route",
    read: body(parseObject),
    serve: noChatSettings,
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
  gate("renderRoute", "POST", "/render-template", {
    action: ["settings.get", "documents.get"],
    doing: "calling the /render-template route",
    read: body(parseRender),
    serve: unsupported("rendering templates"),
  }),
  gate("taskQueueCompactionRoute", "POST", "/tasks/compact", {
    action: "tasks.compact",
    doing: "Using the /tasks/compact route",
    read: nothing,
    serve: unsupported("compacting the task queue: its database does that"),
  }),
  gate("getTaskDocumentsRoute", "GET", "/tasks/:taskUid/documents", {
    action: "tasks.get",
    doing: "Getting the documents of an enqueued task",
    read: nothing,
    serve: taskDocuments,
  }),
];

export const gatedRoutes: readonly Route[] = [...logs, ...network, ...chats, ...rules, ...others];

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

function noChat(_: null, call: Call): never {
  throw new ApiError("chat_not_found", `chat ${call.param("workspace")} not found`);
}

function noChatSettings(_: unknown, call: Call): never {
  throw new ApiError("chat_not_found", `Chat \`${call.param("workspace")}\` not found`);
}

async function taskDocuments(_: null, call: Call): Promise<Response> {
  const uid = parseTaskUid(call.param("taskUid"));
  const task = await call.tasks.get(uid);
  if (task === undefined) throw new ApiError("task_not_found", `Task \`${uid}\` not found.`);
  const isWaiting = task.status === "enqueued" || task.status === "processing";
  if (isWaiting && task.type === "documentAdditionOrUpdate") {
    return unsupported("showing the documents of a task")();
  }
  throw new ApiError(
    "task_file_not_found",
    `Task \`${uid}\` does not contain any documents. Only \`documentAdditionOrUpdate\` tasks with the statuses \`enqueued\` or \`processing\` contain documents`,
  );
}
