/** Chat workspaces as they are stored, by uid. */
import { z } from "zod";

import {
  changedChat,
  DEFAULT_CHAT,
  type ChatPatch,
  type ChatSettings,
} from "../core/chats/chat-settings.ts";
import type { ValueStore } from "./value-store.ts";

const PREFIX = "chat:";

const text = z.string().nullable();

const stored: z.ZodType<ChatSettings> = z.object({
  source: z.enum(["openAi", "mistral", "azureOpenAi", "vLlm"]),
  orgId: text,
  projectId: text,
  apiVersion: text,
  deploymentId: text,
  baseUrl: text,
  apiKey: text,
  prompts: z.object({
    system: z.string(),
    searchDescription: z.string(),
    searchQParam: z.string(),
    searchFilterParam: z.string(),
    searchIndexUidParam: z.string(),
  }),
});

export class ChatStore {
  readonly #values: ValueStore;

  constructor(values: ValueStore) {
    this.#values = values;
  }

  async uids(): Promise<readonly string[]> {
    return await this.#values.namesAfter(PREFIX);
  }

  async get(uid: string): Promise<ChatSettings | undefined> {
    const value = await this.#values.get(PREFIX + uid);
    return value === undefined ? undefined : stored.parse(JSON.parse(value));
  }

  /** A change brings a missing workspace into being. */
  async change(uid: string, patch: ChatPatch): Promise<ChatSettings> {
    const value = await this.#values.change(PREFIX + uid, (before) => {
      const known = before === undefined ? DEFAULT_CHAT : stored.parse(JSON.parse(before));
      return JSON.stringify(changedChat(known, patch));
    });
    return stored.parse(JSON.parse(value));
  }

  async reset(uid: string): Promise<ChatSettings> {
    await this.#values.change(PREFIX + uid, () => JSON.stringify(DEFAULT_CHAT));
    return DEFAULT_CHAT;
  }

  /** Whether there was one. */
  async remove(uid: string): Promise<boolean> {
    return await this.#values.remove(PREFIX + uid);
  }
}
