/**
 * The experimental features of one instance, as its clients see and switch them. Nodes run with what
 * Miroir needs and with all that clients may switch on: whether a client has switched it on is
 * decided at the edge, so a switch takes effect everywhere at once and no node can be out of step.
 */
import { boolean, nullable } from "../decode/decoders.ts";
import { fill, Optional } from "../decode/fields.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import { ApiError } from "../errors/api-error.ts";

/** In the order in which Meilisearch lists them. */
export const FEATURE_FLAGS = [
  "metrics",
  "logsRoute",
  "editDocumentsByFunction",
  "containsFilter",
  "dynamicSearchRules",
  "network",
  "getTaskDocumentsRoute",
  "taskQueueCompactionRoute",
  "compositeEmbedders",
  "chatCompletions",
  "multimodal",
  "foreignKeys",
  "disableDocumentsFetchQueue",
  "legacySearch",
  "renderRoute",
] as const;

export type FeatureFlag = (typeof FEATURE_FLAGS)[number];
export type FeatureFlags = Readonly<Record<FeatureFlag, boolean>>;

/** What every node runs with, whatever clients have switched on. */
export const NODE_FLAGS: Partial<FeatureFlags> = {
  network: true,
  legacySearch: false,
  containsFilter: true,
  editDocumentsByFunction: true,
  multimodal: true,
  compositeEmbedders: true,
  renderRoute: true,
};

export const ALL_OFF: FeatureFlags = {
  metrics: false,
  logsRoute: false,
  editDocumentsByFunction: false,
  containsFilter: false,
  dynamicSearchRules: false,
  network: false,
  getTaskDocumentsRoute: false,
  taskQueueCompactionRoute: false,
  compositeEmbedders: false,
  chatCompletions: false,
  multimodal: false,
  foreignKeys: false,
  disableDocumentsFetchQueue: false,
  legacySearch: false,
  renderRoute: false,
};

/** The body of `PATCH /experimental-features`; `null` leaves a feature as it is. */
export function parseFeatures(body: string): Partial<FeatureFlags> {
  const slots = FEATURE_FLAGS.map(
    (name) => [name, new Optional<boolean | null>(nullable(boolean), null)] as const,
  );
  fill(Object.fromEntries(slots), parseJson(body), Place.root());
  const given = slots.flatMap(([name, { value }]) => (value === null ? [] : [[name, value]]));
  const patch: Partial<FeatureFlags> = Object.fromEntries(given);
  // Its order of hits comes from another search than the one whose answers are merged.
  if (patch.legacySearch === true) {
    throw new ApiError(
      "miroir_not_supported",
      "Miroir cannot switch on `legacySearch`: it merges the answers of Meilisearch's current search only.",
    );
  }
  return patch;
}

/** The flags in Meilisearch's order. */
export function viewFeatures(flags: FeatureFlags): FeatureFlags {
  return { ...ALL_OFF, ...flags };
}
