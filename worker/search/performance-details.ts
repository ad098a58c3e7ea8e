/**
 * The `performanceDetails` of a response: Miroir's own time. The steps of the nodes are not shown,
 * since they run side by side and would not add up.
 */
import type { SearchQuery } from "../core/query/search-query.ts";
import type { ReadContext } from "./read-context.ts";

export function performanceDetails(
  read: ReadContext,
  query: Pick<SearchQuery, "showPerformanceDetails">,
  startedAt: number,
): string | undefined {
  if (!query.showPerformanceDetails) return undefined;
  return JSON.stringify({ search: `${(read.now() - startedAt).toFixed(2)}ms` });
}
