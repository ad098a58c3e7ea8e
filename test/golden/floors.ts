/**
 * How much of each group must agree with the one Meilisearch that was recorded, on every kind of
 * fleet. All of it, but where the answer depends on which documents share a shard, which differs
 * from run to run (`docs/same-answer.md`, 1, 2 and 10).
 */
export interface Floor {
  readonly group: string;
  /** Share of the group's requests. */
  readonly share: number;
}

export const FLOORS: readonly Floor[] = [
  { group: "words", share: 0.97 },
  { group: "details", share: 1 },
  { group: "strategy", share: 0.88 },
  { group: "filter", share: 1 },
  { group: "facets", share: 1 },
  { group: "sort", share: 1 },
  { group: "page", share: 1 },
  { group: "format", share: 1 },
  { group: "on", share: 1 },
  { group: "threshold", share: 1 },
  { group: "cities", share: 1 },
  { group: "geo", share: 1 },
  { group: "distinct", share: 1 },
  { group: "mixed-sort", share: 1 },
  { group: "facet-limits", share: 1 },
  { group: "max-total-hits", share: 1 },
  { group: "hybrid", share: 1 },
  { group: "similar", share: 1 },
  { group: "facet-search", share: 0.95 },
  { group: "multi", share: 0.95 },
  { group: "federation", share: 0.95 },
  { group: "documents", share: 1 },
  { group: "errors", share: 1 },
  { group: "settings", share: 1 },
  { group: "stats", share: 1 },
  { group: "index", share: 1 },
];
