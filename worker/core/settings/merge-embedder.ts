/**
 * What an embedder is after a change: fields not named keep their value, reset ones and those of
 * another source fall back to Meilisearch's defaults.
 */
import { ApiError } from "../errors/api-error.ts";
import { checkEmbedder } from "./check-embedder.ts";
import {
  EMBEDDER_SOURCES,
  type EmbedderField,
  type EmbedderSource,
  fieldStatus,
  SHOWN_FIELDS,
} from "./embedder-fields.ts";
import type { Embedder, IndexSettings } from "./settings.ts";
import type { EmbedderPatch, PatchOf } from "./settings-patch.ts";

/** How Meilisearch turns a document into text when the client says nothing. */
export const DEFAULT_DOCUMENT_TEMPLATE =
  "{% for field in fields %}{% if field.is_searchable and field.value != nil %}{{ field.name }}: {{ field.value }}\n{% endif %}{% endfor %}";

const DEFAULTS: Readonly<Record<EmbedderSource, Embedder>> = {
  openAi: { model: "text-embedding-3-small" },
  huggingFace: { model: "BAAI/bge-base-en-v1.5", pooling: "useModel" },
  ollama: {},
  userProvided: {},
  rest: { headers: {} },
  composite: {},
};
const HUGGING_FACE_REVISION = "617ca489d9e86b49b8167676d8220688b99db36e";
const TEMPLATE_DEFAULTS: Embedder = {
  documentTemplate: DEFAULT_DOCUMENT_TEMPLATE,
  documentTemplateMaxBytes: 400,
};

/** Fields that survive a change of source. */
const KEPT_FIELDS: readonly EmbedderField[] = [
  "apiKey",
  "documentTemplate",
  "documentTemplateMaxBytes",
  "distribution",
  "binaryQuantized",
];

export function mergeEmbedders(
  current: IndexSettings["embedders"],
  patch: PatchOf<"embedders">,
): IndexSettings["embedders"] {
  const merged: Record<string, Embedder> = { ...current };
  for (const [name, change] of Object.entries(patch)) {
    if (change === null) delete merged[name];
    else merged[name] = mergeEmbedder(name, current[name], change);
  }
  return Object.fromEntries(Object.entries(merged).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function mergeEmbedder(
  name: string,
  current: Embedder | undefined,
  patch: EmbedderPatch,
): Embedder {
  if (current?.["binaryQuantized"] === true && patch["binaryQuantized"] === false) {
    throw new ApiError(
      "invalid_settings_embedders",
      `\`.embedders.${name}.binaryQuantized\`: Cannot disable the binary quantization.\n - Note: Binary quantization is a lossy operation that cannot be reverted.\n - Hint: Add a new embedder that is non-quantized and regenerate the vectors.`,
    );
  }
  const source = sourceAfter(current, patch);
  const kept = source === current?.["source"] ? current : pick(current ?? {}, KEPT_FIELDS, source);
  const fields: Record<string, unknown> = { ...kept, source };
  for (const [field, value] of Object.entries(patch)) {
    if (value === null) delete fields[field];
    else fields[field] = value;
  }
  fields["source"] = source;
  checkEmbedder(name, fields);
  return withDefaults(source, fields);
}

function sourceAfter(current: Embedder | undefined, patch: EmbedderPatch): EmbedderSource {
  const wanted = patch["source"] === undefined ? current?.["source"] : patch["source"];
  return EMBEDDER_SOURCES.find((source) => source === wanted) ?? "openAi";
}

function pick(
  embedder: Embedder,
  fields: readonly EmbedderField[],
  source: EmbedderSource,
): Embedder {
  const noTemplate = source === "userProvided" || source === "composite";
  return Object.fromEntries(
    Object.entries(embedder).filter(
      ([key]) =>
        fields.some((field) => field === key) && !(noTemplate && key.startsWith("document")),
    ),
  );
}

function withDefaults(source: EmbedderSource, fields: Readonly<Record<string, unknown>>): Embedder {
  const usesTemplate = fieldStatus(source, "documentTemplate", "none") !== "disallowed";
  const revision =
    source === "huggingFace" && fields["model"] === undefined
      ? { revision: HUGGING_FACE_REVISION }
      : {};
  const complete: Readonly<Record<string, unknown>> = {
    ...DEFAULTS[source],
    ...revision,
    ...fields,
    // As Meilisearch does: the limit belongs to the template and is forgotten with it.
    ...(usesTemplate && fields["documentTemplate"] === undefined ? TEMPLATE_DEFAULTS : {}),
    ...(usesTemplate && fields["documentTemplateMaxBytes"] === undefined
      ? { documentTemplateMaxBytes: TEMPLATE_DEFAULTS["documentTemplateMaxBytes"] }
      : {}),
  };
  return Object.fromEntries(
    SHOWN_FIELDS.filter((field) => complete[field] !== undefined).map((field) => [
      field,
      complete[field],
    ]),
  );
}
