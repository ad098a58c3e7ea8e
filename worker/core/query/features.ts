/** Experimental features: what a client that uses one without switching it on is told. */
import { ApiError } from "../errors/api-error.ts";

interface Feature {
  readonly name: string;
  readonly discussion: string;
}

export const FEATURES = {
  network: { name: "network", discussion: "orgs/meilisearch/discussions/805" },
  personalization: { name: "personalization", discussion: "orgs/meilisearch/discussions/866" },
  containsFilter: { name: "contains filter", discussion: "orgs/meilisearch/discussions/763" },
  multimodal: { name: "multimodal", discussion: "orgs/meilisearch/discussions/846" },
  foreignKeys: { name: "foreign_keys", discussion: "orgs/meilisearch/discussions/873" },
  compositeEmbedders: {
    name: "composite embedders",
    discussion: "orgs/meilisearch/discussions/816",
  },
  chatCompletions: { name: "chat completions", discussion: "orgs/meilisearch/discussions/835" },
} as const satisfies Readonly<Record<string, Feature>>;

export type FeatureName = keyof typeof FEATURES;

/** Switched on by the client with `PATCH /experimental-features`; those absent are off. */
export interface EnabledFeatures {
  readonly containsFilter?: boolean;
  readonly multimodal?: boolean;
  readonly compositeEmbedders?: boolean;
}

/** The sentence alone: filters print it with a position after it. */
export function notEnabled(feature: FeatureName, action: string): string {
  const { name, discussion } = FEATURES[feature];
  return `${action} requires enabling the \`${name}\` experimental feature. See https://github.com/${discussion}`;
}

export function featureError(feature: FeatureName, action: string): ApiError {
  return new ApiError("feature_not_enabled", notEnabled(feature, action));
}
