/** Where a workspace's language model is reached, and how it is addressed. */
import type { ChatSettings } from "./chat-settings.ts";

const BASES = {
  openAi: "https://api.openai.com/v1",
  mistral: "https://api.mistral.ai/v1",
  vLlm: "https://api.openai.com/v1",
} as const;

const PATH = "/chat/completions";

export interface ModelEndpoint {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

export function modelEndpoint(settings: ChatSettings): ModelEndpoint {
  const { source, baseUrl, apiKey, orgId, projectId, deploymentId, apiVersion } = settings;
  const headers = { "Content-Type": "application/json", Accept: "text/event-stream" };
  if (source === "azureOpenAi") {
    const version = encodeURIComponent(apiVersion ?? "");
    return {
      url: `${baseUrl ?? ""}/openai/deployments/${deploymentId ?? ""}${PATH}?api-version=${version}`,
      headers: { ...headers, "api-key": apiKey ?? "" },
    };
  }
  return {
    url: `${baseUrl ?? BASES[source]}${PATH}`,
    headers: {
      ...headers,
      Authorization: `Bearer ${apiKey ?? ""}`,
      "OpenAI-Beta": "assistants=v2",
      ...(orgId === null || orgId === "" ? {} : { "OpenAI-Organization": orgId }),
      ...(projectId === null || projectId === "" ? {} : { "OpenAI-Project": projectId }),
    },
  };
}

/** As Meilisearch does: newer models of OpenAI are told the system's words as a developer's. */
export function systemRole({ source }: ChatSettings, model: string): "system" | "developer" {
  if (source === "mistral" || source === "vLlm") return "system";
  return OLD_MODELS.test(model) ? "system" : "developer";
}

const OLD_MODELS = /^(?:gpt-3\.5|gpt-4\.1|gpt-4\.5|gpt-4o|gpt-4|chatgpt-4o)(?:-|$)/;

/** Whether the model is asked to tell what it used. */
export function tellsUsage({ source }: ChatSettings): boolean {
  return source === "openAi" || source === "azureOpenAi";
}
