/**
 * Which fields an embedder may have, by its source. One table, from which validation, messages and
 * the order of fields in answers follow.
 */
export const EMBEDDER_SOURCES = [
  "openAi",
  "huggingFace",
  "ollama",
  "userProvided",
  "rest",
  "composite",
] as const;

export type EmbedderSource = (typeof EMBEDDER_SOURCES)[number];

/** Where an embedder stands: by itself, or as one half of a composite one. */
export type Nesting = "none" | "search" | "indexing";

export type FieldStatus = "mandatory" | "allowed" | "disallowed";

/** In the order in which messages list the available fields. */
export const EMBEDDER_FIELDS = [
  "source",
  "model",
  "revision",
  "pooling",
  "apiKey",
  "dimensions",
  "documentTemplate",
  "documentTemplateMaxBytes",
  "url",
  "indexingFragments",
  "searchFragments",
  "request",
  "response",
  "headers",
  "searchEmbedder",
  "indexingEmbedder",
  "distribution",
  "binaryQuantized",
] as const;

export type EmbedderField = (typeof EMBEDDER_FIELDS)[number];

/** In the order in which answers show them, and messages list the known ones. */
export const SHOWN_FIELDS = [
  "source",
  "model",
  "revision",
  "pooling",
  "apiKey",
  "dimensions",
  "binaryQuantized",
  "documentTemplate",
  "documentTemplateMaxBytes",
  "url",
  "indexingFragments",
  "searchFragments",
  "request",
  "response",
  "headers",
  "searchEmbedder",
  "indexingEmbedder",
  "distribution",
] as const satisfies readonly EmbedderField[];

/** In the order in which fields are checked. */
export const CHECKED_FIELDS = [
  "model",
  "revision",
  "pooling",
  "dimensions",
  "apiKey",
  "url",
  "indexingFragments",
  "searchFragments",
  "request",
  "response",
  "documentTemplate",
  "documentTemplateMaxBytes",
  "headers",
  "searchEmbedder",
  "indexingEmbedder",
  "binaryQuantized",
  "distribution",
] as const satisfies readonly EmbedderField[];

interface SourceFields {
  readonly mandatory: readonly EmbedderField[];
  readonly allowed: readonly EmbedderField[];
}

const TEMPLATE = ["documentTemplate", "documentTemplateMaxBytes"] as const;

const BY_SOURCE: Readonly<Record<EmbedderSource, SourceFields>> = {
  openAi: { mandatory: [], allowed: ["model", "apiKey", ...TEMPLATE, "dimensions", "url"] },
  huggingFace: { mandatory: [], allowed: ["model", "revision", "pooling", ...TEMPLATE] },
  ollama: { mandatory: ["model"], allowed: [...TEMPLATE, "url", "apiKey", "dimensions"] },
  userProvided: { mandatory: ["dimensions"], allowed: [] },
  rest: {
    mandatory: ["url", "request", "response"],
    allowed: ["apiKey", "dimensions", ...TEMPLATE, "headers"],
  },
  composite: { mandatory: ["searchEmbedder", "indexingEmbedder"], allowed: [] },
};

export function fieldStatus(
  source: EmbedderSource,
  field: EmbedderField,
  nesting: Nesting,
): FieldStatus {
  if (field === "distribution" || field === "binaryQuantized") {
    return nesting === "none" ? "allowed" : "disallowed";
  }
  const isTemplate = TEMPLATE.some((name) => name === field);
  if (isTemplate && nesting === "search") return "disallowed";
  if (field === "source") return "allowed";
  if (source === "rest" && field === "indexingFragments") {
    return nesting === "search" ? "disallowed" : "allowed";
  }
  if (source === "rest" && field === "searchFragments") {
    return nesting === "indexing" ? "disallowed" : "allowed";
  }
  const { mandatory, allowed } = BY_SOURCE[source];
  if (mandatory.includes(field)) return "mandatory";
  return allowed.includes(field) ? "allowed" : "disallowed";
}
