/**
 * Whether an embedder's fields make sense together, with Meilisearch's refusals. Templates and
 * remote services are only checked by the nodes, which use them.
 */
import { ApiError } from "../errors/api-error.ts";
import { type EnabledFeatures, featureError } from "../query/features.ts";
import {
  CHECKED_FIELDS,
  EMBEDDER_FIELDS,
  EMBEDDER_SOURCES,
  type EmbedderField,
  type EmbedderSource,
  fieldStatus,
  type Nesting,
} from "./embedder-fields.ts";
import type { EmbedderPatch, PatchOf } from "./settings-patch.ts";

const OPENAI_MODELS: Readonly<
  Record<string, { readonly dimensions: number; readonly fixed: boolean }>
> = {
  "text-embedding-ada-002": { dimensions: 1536, fixed: true },
  "text-embedding-3-small": { dimensions: 1536, fixed: false },
  "text-embedding-3-large": { dimensions: 3072, fixed: false },
};

const CONTEXTS: Readonly<Record<Nesting, { readonly suffix: string; readonly phrase: string }>> = {
  none: { suffix: "", phrase: "" },
  search: { suffix: ".searchEmbedder", phrase: " for the search embedder" },
  indexing: { suffix: ".indexingEmbedder", phrase: " for the indexing embedder" },
};

function refuse(message: string): ApiError {
  return new ApiError("invalid_settings_embedders", message);
}

/** Throws when an embedder of a body needs a feature that is off. */
export function checkEmbedderFeatures(
  embedders: PatchOf<"embedders">,
  enabled: EnabledFeatures,
): void {
  for (const embedder of Object.values(embedders)) {
    if (embedder === null) continue;
    const composite = enabled.compositeEmbedders === true;
    if (embedder["source"] === "composite" && !composite) {
      throw featureError("compositeEmbedders", 'using `"composite"` as source');
    }
    for (const half of ["searchEmbedder", "indexingEmbedder"]) {
      if (isSet(embedder[half]) && !composite) {
        throw featureError("compositeEmbedders", `setting \`${half}\``);
      }
    }
    for (const fragments of ["indexingFragments", "searchFragments"]) {
      if (isSet(embedder[fragments]) && enabled.multimodal !== true) {
        throw featureError("multimodal", `setting \`${fragments}\``);
      }
    }
  }
}

/** Throws when the fields given for an embedder cannot be right, whatever it had before. */
export function checkEmbedder(name: string, embedder: EmbedderPatch): void {
  if (isSet(embedder["documentTemplate"]) && embedder["documentTemplateMaxBytes"] === 0) {
    throw refuse(
      `\`.embedders.${name}.documentTemplateMaxBytes\`: \`documentTemplateMaxBytes\` cannot be zero`,
    );
  }
  if (embedder["dimensions"] === 0) {
    throw refuse(`\`.embedders.${name}.dimensions\`: \`dimensions\` cannot be zero`);
  }
  const { url } = embedder;
  if (typeof url === "string") {
    const mistake = urlMistake(url);
    if (mistake !== undefined) {
      throw refuse(`\`.embedders.${name}.url\`: could not parse \`${url}\`: ${mistake}`);
    }
  }
  checkRequest(embedder["request"]);
  const source = sourceOf(embedder);
  if (source === undefined) return;
  checkFields(name, source, embedder, "none");
  if (source === "openAi") checkOpenAi(name, embedder);
  if (source === "composite") {
    checkHalf(name, embedder["searchEmbedder"], "search");
    checkHalf(name, embedder["indexingEmbedder"], "indexing");
  }
}

function sourceOf(embedder: EmbedderPatch): EmbedderSource | undefined {
  return EMBEDDER_SOURCES.find((source) => source === embedder["source"]);
}

function isSet(value: unknown): boolean {
  return value !== null && value !== undefined;
}

function checkFields(
  name: string,
  source: EmbedderSource,
  embedder: EmbedderPatch,
  nesting: Nesting,
): void {
  for (const field of CHECKED_FIELDS) {
    const status = fieldStatus(source, field, nesting);
    if (status === "disallowed" && embedder[field] !== undefined) {
      throw refuse(unavailable(name, source, field, nesting));
    }
    if (status === "mandatory" && !isSet(embedder[field])) {
      throw refuse(
        `\`.embedders.${name}\`: Missing field \`${field}\` (note: this field is mandatory for source \`${source}\`)`,
      );
    }
  }
}

function unavailable(
  name: string,
  source: EmbedderSource,
  field: EmbedderField,
  nesting: Nesting,
): string {
  const { suffix, phrase } = CONTEXTS[nesting];
  const quote = (names: readonly string[]): string => names.map((each) => `\`${each}\``).join(", ");
  const sources = EMBEDDER_SOURCES.filter(
    (other) => fieldStatus(other, field, nesting) !== "disallowed",
  );
  const fields = EMBEDDER_FIELDS.filter(
    (other) => fieldStatus(source, other, nesting) !== "disallowed",
  );
  let message = `\`.embedders.${name}${suffix}\`: Field \`${field}\` unavailable for source \`${source}\`${phrase}.`;
  if (sources.length > 0)
    message += `\n  - note: \`${field}\` is available for sources: ${quote(sources)}`;
  message += `\n  - note: available fields for source \`${source}\`${phrase}: ${quote(fields)}`;
  if (fieldStatus(source, field, "none") !== "disallowed") {
    message += `\n  - note: \`${field}\` is available when source \`${source}\` is not${phrase}`;
  }
  return message;
}

function checkOpenAi(name: string, { model, dimensions }: EmbedderPatch): void {
  if (typeof model !== "string") return;
  const known = Object.hasOwn(OPENAI_MODELS, model) ? OPENAI_MODELS[model] : undefined;
  if (known === undefined) {
    throw refuse(
      `\`.embedders.${name}.model\`: Invalid model \`${model}\` for OpenAI. Supported models: ["${Object.keys(OPENAI_MODELS).join('", "')}"]`,
    );
  }
  if (typeof dimensions !== "number") return;
  if (known.fixed && dimensions !== known.dimensions) {
    throw refuse(
      `\`.embedders.${name}.dimensions\`: Model \`${model}\` does not support overriding its native dimensions of ${known.dimensions}. Found ${dimensions}`,
    );
  }
  if (dimensions > known.dimensions) {
    throw refuse(
      `\`.embedders.${name}.dimensions\`: Model \`${model}\` does not support overriding its dimensions to a value higher than ${known.dimensions}. Found ${dimensions}`,
    );
  }
}

function checkHalf(name: string, half: unknown, nesting: "search" | "indexing"): void {
  if (!isRecord(half)) return;
  const { suffix } = CONTEXTS[nesting];
  const source = sourceOf(half);
  if (source === undefined) {
    throw refuse(
      `\`.embedders.${name}${suffix}\`: Missing field \`source\`.\n  - note: this field is mandatory for nested embedders`,
    );
  }
  if (source === "composite" || source === "userProvided") {
    throw refuse(
      `\`.embedders.${name}${suffix}.source\`: Source \`${source}\` is not available in a nested embedder`,
    );
  }
  checkFields(name, source, half, nesting);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Why a text is no URL with a scheme and a host; undefined when it is one. */
function urlMistake(url: string): string | undefined {
  const scheme = /^\s*([a-zA-Z][a-zA-Z0-9+.-]*):/.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) return "relative URL without a base";
  const special = ["http", "https", "ws", "wss", "ftp"].includes(scheme);
  const authority = url
    .trim()
    .slice(scheme.length + 1)
    .replace(/^[/\\]+/, "");
  return special && /^([^/?#@]*@)?(:\d*)?([/?#]|$)/.test(authority) ? "empty host" : undefined;
}

/** A template of a request must say where the text to embed goes. */
function checkRequest(request: unknown): void {
  if (!isSet(request) || mentions(request, "{{text}}") || mentions(request, "{{fragment}}")) return;
  throw new ApiError(
    "vector_embedding_error",
    'Error while generating embeddings: user error: in `request`: "{{text}}" not found\n  - Note: this template is using a document template, and so expects to contain the placeholder "{{text}}" rather than "{{fragment}}"',
  );
}

function mentions(value: unknown, placeholder: string): boolean {
  if (typeof value === "string") return value === placeholder;
  if (Array.isArray(value)) return value.some((element) => mentions(element, placeholder));
  return isRecord(value) && Object.values(value).some((member) => mentions(member, placeholder));
}
