/** Experimental features: what a client that uses one without switching it on is told. */
import { ApiError } from "../errors/api-error.ts";

interface Feature {
  readonly name: string;
  readonly discussion: string;
}

const threadOf = (number: number): string => `orgs/meilisearch/discussions/${number}`;

export const FEATURES = {
  metrics: { name: "metrics", discussion: "meilisearch/product/discussions/625" },
  logsRoute: { name: "logs route", discussion: threadOf(721) },
  editDocumentsByFunction: { name: "edit documents by function", discussion: threadOf(762) },
  containsFilter: { name: "contains filter", discussion: threadOf(763) },
  dynamicSearchRules: { name: "dynamic search rules", discussion: threadOf(884) },
  network: { name: "network", discussion: threadOf(805) },
  getTaskDocumentsRoute: { name: "get task documents route", discussion: threadOf(808) },
  taskQueueCompactionRoute: { name: "task queue compaction route", discussion: threadOf(883) },
  compositeEmbedders: { name: "composite embedders", discussion: threadOf(816) },
  chatCompletions: { name: "chat completions", discussion: threadOf(835) },
  multimodal: { name: "multimodal", discussion: threadOf(846) },
  foreignKeys: { name: "foreign_keys", discussion: threadOf(873) },
  personalization: { name: "personalization", discussion: threadOf(866) },
  renderRoute: { name: "render_route", discussion: threadOf(888) },
} as const satisfies Readonly<Record<string, Feature>>;

export type FeatureName = keyof typeof FEATURES;

/** Switched on by the client with `PATCH /experimental-features`; those absent are off. */
export interface EnabledFeatures {
  readonly containsFilter?: boolean;
  readonly multimodal?: boolean;
  readonly compositeEmbedders?: boolean;
  readonly chatCompletions?: boolean;
  readonly foreignKeys?: boolean;
  readonly network?: boolean;
}

/** The sentence alone: filters print it with a position after it. */
export function notEnabled(feature: FeatureName, action: string): string {
  const { name, discussion } = FEATURES[feature];
  return `${action} requires enabling the \`${name}\` experimental feature. See https://github.com/${discussion}`;
}

export function featureError(feature: FeatureName, action: string): ApiError {
  return new ApiError("feature_not_enabled", notEnabled(feature, action));
}

/** The network of Meilisearch itself is not behind this service: a search can only go without it. */
export function refuseUseNetwork(useNetwork: boolean | null, { network }: EnabledFeatures): void {
  if (useNetwork === null) return;
  if (network !== true) throw featureError("network", "passing `useNetwork` in a search query");
  if (useNetwork) {
    throw new ApiError(
      "miroir_not_supported",
      "Miroir does not search the instances of `/network`: leave `useNetwork` out.",
    );
  }
}
