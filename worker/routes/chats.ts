/** Chat workspaces, and conversations with their language models. */
import {
  parseChatSettings,
  viewChat,
  type ChatPatch,
  type ChatSettings,
} from "../core/chats/chat-settings.ts";
import { checkChoices, parseCompletion, type Completion } from "../core/chats/completion.ts";
import { ApiError } from "../core/errors/api-error.ts";
import { checkIndexUid, pagedList, parsePaging } from "../core/query/parse-index.ts";
import { jsonValue, type Call } from "../http/call.ts";
import { ChatStore } from "../instance/chat-store.ts";
import { converse } from "../chats/converse.ts";
import { body, gate, nothing } from "./gate.ts";
import type { Route } from "./route.ts";

const CHAT = "/chats/:workspace";
const SETTINGS = "using the /chats/settings route";

export const chatRoutes: readonly Route[] = [
  gate("chatCompletions", "GET", "/chats", {
    action: "chats.get",
    doing: "listing the chats",
    read: (call) => parsePaging(call.query),
    serve: async (paging, call) => {
      const uids = await storeOf(call).uids();
      return jsonValue(
        pagedList(
          uids.map((uid) => ({ uid })),
          paging,
        ),
      );
    },
  }),
  gate("chatCompletions", "GET", CHAT, {
    action: "chats.get",
    doing: "displaying a chat",
    read: nothing,
    serve: async (_, call) => {
      const uid = workspaceOf(call);
      if ((await storeOf(call).get(uid)) === undefined) throw noChat(uid);
      return jsonValue({ uid });
    },
  }),
  gate("chatCompletions", "DELETE", CHAT, {
    action: "chats.delete",
    doing: "deleting a chat",
    read: nothing,
    serve: async (_, call) => {
      const uid = workspaceOf(call);
      if (!(await storeOf(call).remove(uid))) throw noChat(uid);
      return new Response(null, { status: 204 });
    },
  }),
  gate("chatCompletions", "GET", `${CHAT}/settings`, {
    action: "chatsSettings.get",
    doing: SETTINGS,
    read: nothing,
    serve: async (_, call) => jsonValue(viewChat(await knownSettings(call))),
  }),
  gate<ChatPatch>("chatCompletions", "PATCH", `${CHAT}/settings`, {
    action: "chatsSettings.update",
    doing: SETTINGS,
    read: body(parseChatSettings),
    serve: async (patch, call) =>
      jsonValue(viewChat(await storeOf(call).change(workspaceOf(call), patch))),
  }),
  gate("chatCompletions", "DELETE", `${CHAT}/settings`, {
    action: "chatsSettings.update",
    doing: SETTINGS,
    read: nothing,
    serve: async (_, call) => {
      await knownSettings(call);
      return jsonValue(viewChat(await storeOf(call).reset(workspaceOf(call))));
    },
  }),
  gate<Completion>("chatCompletions", "POST", `${CHAT}/chat/completions`, {
    action: "chatCompletions",
    doing: "using the /chats chat completions route",
    read: body(parseCompletion),
    serve: async (completion, call) => {
      checkChoices(completion);
      return await converse(call, await knownSettings(call), completion);
    },
  }),
];

const storeOf = (call: Call): ChatStore => new ChatStore(call.values);

const workspaceOf = (call: Call): string => checkIndexUid(call.param("workspace"));

async function knownSettings(call: Call): Promise<ChatSettings> {
  const uid = workspaceOf(call);
  const found = await storeOf(call).get(uid);
  if (found !== undefined) return found;
  throw new ApiError("chat_not_found", `Chat \`${uid}\` not found`);
}

function noChat(uid: string): ApiError {
  return new ApiError("chat_not_found", `chat ${uid} not found`);
}
