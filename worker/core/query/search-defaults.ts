/** What a search means when a parameter is absent; the same for bodies and query strings. */
export const SEARCH_LIMIT_DEFAULT = 20;
export const DEFAULT_CROP = { length: 10, marker: "…" } as const;
export const SEMANTIC_RATIO_DEFAULT = 0.5;
export const MATCHING_STRATEGIES = ["last", "all", "frequency"] as const;
