/**
 * How much of each group must agree with the one Meilisearch that was recorded. Real nodes: all of
 * it. Embedded nodes are a stand-in: the share that they reach today, so that it only goes up.
 */
export interface Floor {
  readonly group: string;
  /** Share on real nodes, with one replica and with two. */
  readonly real: number;
  /** Share on embedded nodes. */
  readonly embedded: number;
}

export const FLOORS: readonly Floor[] = [
  { group: "words", real: 1, embedded: 0.9 },
  { group: "details", real: 1, embedded: 0.9 },
  { group: "strategy", real: 1, embedded: 0.9 },
  { group: "filter", real: 1, embedded: 0.9 },
  { group: "facets", real: 1, embedded: 0.9 },
  { group: "sort", real: 1, embedded: 0.9 },
  { group: "page", real: 1, embedded: 0.9 },
  { group: "format", real: 1, embedded: 0.9 },
  { group: "on", real: 1, embedded: 0.9 },
  { group: "threshold", real: 1, embedded: 0.9 },
  { group: "cities", real: 1, embedded: 0.9 },
  { group: "geo", real: 1, embedded: 0.9 },
  { group: "distinct", real: 1, embedded: 0.9 },
  { group: "mixed-sort", real: 1, embedded: 0.9 },
  { group: "facet-limits", real: 1, embedded: 0.9 },
  { group: "max-total-hits", real: 1, embedded: 0.9 },
  { group: "hybrid", real: 1, embedded: 0.9 },
  { group: "similar", real: 1, embedded: 0.9 },
  { group: "facet-search", real: 1, embedded: 0.9 },
  { group: "documents", real: 1, embedded: 0.9 },
  { group: "errors", real: 1, embedded: 0.9 },
  { group: "settings", real: 1, embedded: 0.9 },
  { group: "stats", real: 1, embedded: 0.9 },
  { group: "index", real: 1, embedded: 0.9 },
];
