/**
 * The tie rule: `<primary key>:asc` as the nodes' last ranking rule, so that hits which no rule of
 * the client tells apart come in one order on every node. It is Miroir's, and hidden, unless the
 * client sorts by the primary key anyway: a rule or a sort that names the field makes Meilisearch
 * pass over any later rule on it.
 */
import type { IndexEntry } from "../topology/topology.ts";
import type { SearchQuery } from "./search-query.ts";

function namesField(rule: string, field: string): boolean {
  return rule === `${field}:asc` || rule === `${field}:desc`;
}

/** Whether the details of this query's hits end with a rule that the client does not know. */
export function hasHiddenTieRule(index: IndexEntry, query: Pick<SearchQuery, "sort">): boolean {
  const { primaryKey } = index;
  if (primaryKey === undefined) return false;
  const { rankingRules } = index.settings;
  if (rankingRules.some((rule) => namesField(rule, primaryKey))) return false;
  if (!rankingRules.includes("sort") || query.sort === null) return true;
  return !query.sort.some((rule) => namesField(rule.trim(), primaryKey));
}
