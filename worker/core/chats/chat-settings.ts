/**
 * The settings of a chat workspace: read, checked, changed and shown as Meilisearch does. The texts
 * are Meilisearch's own, which a client that shows or edits them expects.
 */
import { nullable, oneOf, text } from "../decode/decoders.ts";
import { fill, Optional } from "../decode/fields.ts";
import type { Json } from "../decode/json.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import { ApiError } from "../errors/api-error.ts";
import type { ErrorCode } from "../errors/codes.ts";
import { maskSecret } from "../settings/mask-secret.ts";
import { DEFAULT_PROMPTS, type Prompts } from "./default-prompts.ts";

const SOURCES = ["openAi", "mistral", "azureOpenAi", "vLlm"] as const;

type Source = (typeof SOURCES)[number];

export interface ChatSettings {
  readonly source: Source;
  readonly orgId: string | null;
  readonly projectId: string | null;
  readonly apiVersion: string | null;
  readonly deploymentId: string | null;
  readonly baseUrl: string | null;
  readonly apiKey: string | null;
  readonly prompts: Prompts;
}

export const DEFAULT_CHAT: ChatSettings = {
  source: "openAi",
  orgId: null,
  projectId: null,
  apiVersion: null,
  deploymentId: null,
  baseUrl: null,
  apiKey: null,
  prompts: DEFAULT_PROMPTS,
};

type Texts = "orgId" | "projectId" | "apiVersion" | "deploymentId" | "baseUrl" | "apiKey";

/** Undefined: as it is; null: its default. */
export type ChatPatch = { readonly [Name in Texts]: string | null | undefined } & {
  readonly source: Source | null | undefined;
  readonly prompts:
    | { readonly [Name in keyof Prompts]: string | null | undefined }
    | null
    | undefined;
};

export function parseChatSettings(body: string): ChatPatch {
  const slots = {
    source: new Optional<ChatPatch["source"]>(nullable(oneOf(SOURCES)), undefined),
    orgId: field("invalid_chat_completion_org_id"),
    projectId: field("invalid_chat_completion_project_id"),
    apiVersion: field("invalid_chat_completion_api_version"),
    deploymentId: field("invalid_chat_completion_deployment_id"),
    baseUrl: field("invalid_chat_completion_base_api"),
    apiKey: field("invalid_chat_completion_api_key"),
    prompts: new Optional<ChatPatch["prompts"]>(nullable(prompts), undefined),
  };
  fill(slots, parseJson(body), Place.root());
  return {
    source: slots.source.value,
    orgId: slots.orgId.value,
    projectId: slots.projectId.value,
    apiVersion: slots.apiVersion.value,
    deploymentId: slots.deploymentId.value,
    baseUrl: slots.baseUrl.value,
    apiKey: slots.apiKey.value,
    prompts: slots.prompts.value,
  };
}

function field(code: ErrorCode): Optional<string | null | undefined> {
  return new Optional<string | null | undefined>(nullable(text), undefined, code);
}

function prompts(value: Json, at: Place): NonNullable<ChatPatch["prompts"]> {
  const slots = {
    system: field("invalid_chat_completion_system_prompt"),
    searchDescription: field("invalid_chat_completion_search_description_prompt"),
    searchQParam: field("invalid_chat_completion_search_query_param_prompt"),
    searchFilterParam: field("invalid_chat_completion_search_filter_param_prompt"),
    searchIndexUidParam: field("invalid_chat_completion_search_index_uid_param_prompt"),
  };
  fill(slots, value, at);
  return {
    system: slots.system.value,
    searchDescription: slots.searchDescription.value,
    searchQParam: slots.searchQParam.value,
    searchFilterParam: slots.searchFilterParam.value,
    searchIndexUidParam: slots.searchIndexUidParam.value,
  };
}

/** The settings after a change; refused when the source misses what it needs. */
export function changedChat(before: ChatSettings, patch: ChatPatch): ChatSettings {
  const changed = {
    source: member(before.source, patch.source, DEFAULT_CHAT.source),
    orgId: member(before.orgId, patch.orgId, null),
    projectId: member(before.projectId, patch.projectId, null),
    apiVersion: member(before.apiVersion, patch.apiVersion, null),
    deploymentId: member(before.deploymentId, patch.deploymentId, null),
    baseUrl: member(before.baseUrl, patch.baseUrl, null),
    apiKey: member(before.apiKey, patch.apiKey, null),
    prompts: changedPrompts(before.prompts, patch.prompts),
  };
  const { baseUrl, deploymentId, apiVersion } = changed;
  if (changed.source === "azureOpenAi" && [baseUrl, deploymentId, apiVersion].includes(null)) {
    throw new ApiError(
      "bad_request",
      "azureOpenAi requires setting a valid `baseUrl`, `deploymentId`, and `apiVersion`",
    );
  }
  if (changed.source === "vLlm" && baseUrl === null) {
    throw new ApiError("bad_request", "vLlm requires setting a valid `baseUrl`");
  }
  return changed;
}

function changedPrompts(before: Prompts, patch: ChatPatch["prompts"]): Prompts {
  if (patch === undefined) return before;
  if (patch === null) return DEFAULT_PROMPTS;
  const one = (name: keyof Prompts): string =>
    member(before[name], patch[name], DEFAULT_PROMPTS[name]);
  return {
    system: one("system"),
    searchDescription: one("searchDescription"),
    searchQParam: one("searchQParam"),
    searchFilterParam: one("searchFilterParam"),
    searchIndexUidParam: one("searchIndexUidParam"),
  };
}

function member<T>(current: T, patch: T | null | undefined, fallback: T): T {
  return patch === undefined ? current : (patch ?? fallback);
}

/** As answers show it: the key is masked. */
export function viewChat(settings: ChatSettings): ChatSettings {
  const { apiKey } = settings;
  return { ...settings, apiKey: apiKey === null ? null : maskSecret(apiKey) };
}
