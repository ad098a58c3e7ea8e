/**
 * A chat completion as a client asks for it, as far as Meilisearch looks at it itself; the rest goes
 * to the language model as it is.
 */
import { asObject, isArrayValue } from "../decode/decoders.ts";
import { jsonText, JsonNumber, plainObject, type Json, type JsonObject } from "../decode/json.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import { ApiError } from "../errors/api-error.ts";

/** Members that a language model's API knows; others are left out. */
const PASSED = [
  "store",
  "reasoning_effort",
  "metadata",
  "frequency_penalty",
  "logit_bias",
  "logprobs",
  "top_logprobs",
  "max_tokens",
  "max_completion_tokens",
  "n",
  "modalities",
  "prediction",
  "audio",
  "presence_penalty",
  "response_format",
  "seed",
  "service_tier",
  "stop",
  "temperature",
  "top_p",
  "tool_choice",
  "parallel_tool_calls",
  "user",
  "web_search_options",
  "function_call",
  "functions",
] as const;

export interface Completion {
  readonly model: string;
  readonly messages: readonly unknown[];
  readonly isStreamed: boolean;
  readonly n: number | null;
  /** Names of the functions that the client offers. */
  readonly tools: readonly string[];
  /** What goes to the language model besides. */
  readonly passed: Readonly<Record<string, unknown>>;
}

export function parseCompletion(body: string): Completion {
  const members = asObject(parseJson(body), Place.root());
  const messages = members.get("messages");
  const model = members.get("model");
  if (messages === undefined) throw missing("messages", body);
  if (!isArrayValue(messages)) throw mistake("invalid type: expected a sequence");
  if (model === undefined) throw missing("model", body);
  if (typeof model !== "string") throw mistake("invalid type: expected a string");
  const stream = members.get("stream") ?? null;
  if (stream !== null && typeof stream !== "boolean") {
    throw mistake("invalid type: expected a boolean");
  }
  const n = members.get("n") ?? null;
  const all = plainObject(members);
  return {
    model,
    messages: messages.map((message) => messageOf(message)),
    isStreamed: stream === true,
    n: n instanceof JsonNumber ? n.value : null,
    tools: toolNames(members),
    passed: Object.fromEntries(
      PASSED.flatMap((name) =>
        all[name] === undefined || all[name] === null ? [] : [[name, all[name]]],
      ),
    ),
  };
}

/** Refuses what is not implemented, as Meilisearch does. */
export function checkChoices({ n, isStreamed }: Completion): void {
  if (n !== null && n !== 1) {
    throw new ApiError(
      "unimplemented_multi_choice_chat_completions",
      `You tried to specify n = ${n} but only single choices are supported (n = 1).`,
    );
  }
  if (isStreamed) return;
  throw new ApiError(
    "unimplemented_non_streaming_chat_completions",
    "Non-streamed chat completions is not implemented",
  );
}

const ROLES = ["developer", "system", "user", "assistant", "tool", "function"];

function messageOf(message: Json): unknown {
  const members = asObject(message, Place.root());
  const role = members.get("role");
  if (role === undefined) throw mistake("missing field `role`");
  if (typeof role !== "string" || !ROLES.includes(role)) {
    const expected = ROLES.map((name) => `\`${name}\``).join(", ");
    throw mistake(
      `unknown variant \`${typeof role === "string" ? role : jsonText(role)}\`, expected one of ${expected}`,
    );
  }
  if (role !== "assistant" && role !== "function" && !members.has("content")) {
    throw mistake("missing field `content`");
  }
  return plainObject(members);
}

function toolNames(members: JsonObject): readonly string[] {
  const tools = members.get("tools") ?? null;
  if (!isArrayValue(tools)) return [];
  return tools.map((tool) => {
    const declared = asObject(tool, Place.root()).get("function");
    if (declared === undefined) throw mistake("missing field `function`");
    const name = asObject(declared, Place.root()).get("name");
    if (typeof name !== "string") throw mistake("missing field `name`");
    return name;
  });
}

function mistake(reason: string): ApiError {
  return new ApiError("bad_request", `Json deserialize error: ${reason}`);
}

/** As Meilisearch says it: at the end of the object, by line and byte. */
function missing(field: string, body: string): ApiError {
  const lines = body.trimEnd().split("\n");
  const column = new TextEncoder().encode(lines.at(-1)).length;
  return mistake(`missing field \`${field}\` at line ${lines.length} column ${column}`);
}
