/**
 * The settings of one index as the client sees them: every key of `GET /settings` of Meilisearch
 * 1.50, in its order. What nodes get instead is in `node-settings.ts`.
 */
export interface FilterFeatures {
  readonly facetSearch: boolean;
  readonly filter: { readonly equality: boolean; readonly comparison: boolean };
}

export interface FilterableRule {
  readonly attributePatterns: readonly string[];
  readonly features: FilterFeatures;
}

export type FilterableAttribute = string | FilterableRule;

export type FacetOrder = "alpha" | "count";

export interface TypoTolerance {
  readonly enabled: boolean;
  readonly minWordSizeForTypos: { readonly oneTypo: number; readonly twoTypos: number };
  readonly disableOnWords: readonly string[];
  readonly disableOnAttributes: readonly string[];
  readonly disableOnNumbers: boolean;
}

export interface LocalizedAttributesRule {
  readonly attributePatterns: readonly string[];
  readonly locales: readonly string[];
}

/** One embedder's configuration, validated, keys as Meilisearch names them. */
export type Embedder = Readonly<Record<string, unknown>>;

/** A field whose values are ids of documents of another index. */
export interface ForeignKey {
  readonly foreignIndexUid: string;
  readonly fieldName: string;
}

export interface ChatConfig {
  readonly description: string;
  readonly documentTemplate: string;
  readonly documentTemplateMaxBytes: number;
  readonly searchParameters: Readonly<Record<string, unknown>>;
}

export interface IndexSettings {
  readonly displayedAttributes: readonly string[];
  readonly searchableAttributes: readonly string[];
  readonly filterableAttributes: readonly FilterableAttribute[];
  readonly sortableAttributes: readonly string[];
  readonly foreignKeys: readonly ForeignKey[];
  readonly rankingRules: readonly string[];
  readonly stopWords: readonly string[];
  readonly nonSeparatorTokens: readonly string[];
  readonly separatorTokens: readonly string[];
  readonly dictionary: readonly string[];
  readonly synonyms: Readonly<Record<string, readonly string[]>>;
  readonly distinctAttribute: string | null;
  readonly proximityPrecision: "byWord" | "byAttribute";
  readonly typoTolerance: TypoTolerance;
  readonly faceting: {
    readonly maxValuesPerFacet: number;
    readonly sortFacetValuesBy: Readonly<Record<string, FacetOrder>>;
  };
  readonly pagination: { readonly maxTotalHits: number };
  readonly embedders: Readonly<Record<string, Embedder>>;
  readonly searchCutoffMs: number | null;
  readonly localizedAttributes: readonly LocalizedAttributesRule[] | null;
  readonly facetSearch: boolean;
  readonly prefixSearch: "indexingTime" | "disabled";
  readonly chat: ChatConfig;
}

/** What nodes are told: joins and chats look at the whole index, which none of them has. */
export type NodeSettings = Omit<IndexSettings, "foreignKeys" | "chat">;

export type SettingName = keyof IndexSettings;

/** Meilisearch 1.50's defaults (`milli/src/criterion.rs` for the ranking rules). */
export const DEFAULT_SETTINGS: IndexSettings = {
  displayedAttributes: ["*"],
  searchableAttributes: ["*"],
  filterableAttributes: [],
  sortableAttributes: [],
  foreignKeys: [],
  rankingRules: [
    "words",
    "typo",
    "proximity",
    "attributeRank",
    "sort",
    "wordPosition",
    "exactness",
  ],
  stopWords: [],
  nonSeparatorTokens: [],
  separatorTokens: [],
  dictionary: [],
  synonyms: {},
  distinctAttribute: null,
  proximityPrecision: "byWord",
  typoTolerance: {
    enabled: true,
    minWordSizeForTypos: { oneTypo: 5, twoTypos: 9 },
    disableOnWords: [],
    disableOnAttributes: [],
    disableOnNumbers: false,
  },
  faceting: { maxValuesPerFacet: 100, sortFacetValuesBy: { "*": "alpha" } },
  pagination: { maxTotalHits: 1000 },
  embedders: {},
  searchCutoffMs: null,
  localizedAttributes: null,
  facetSearch: true,
  prefixSearch: "indexingTime",
  chat: {
    description: "",
    documentTemplate:
      "{% for field in fields %}{% if field.is_searchable and field.value != nil %}{{ field.name }}: {{ field.value }}\n{% endif %}{% endfor %}",
    documentTemplateMaxBytes: 400,
    searchParameters: {},
  },
};
