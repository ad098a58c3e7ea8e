/**
 * A search that one node can answer alone, because it holds every shard: its own totals, facets,
 * distinct and scores are already those of the whole, so nothing is asked beyond what the client
 * asked, and the hits pass through as one slice of text wherever nothing must be taken out.
 */
import { facetMembers, readFacets } from "../core/merge/facets.ts";
import { facetRules } from "../core/merge/facet-rules.ts";
import { decodeHit } from "../core/merge/hit.ts";
import { readNodeAnswer, type NodeAnswer } from "../core/merge/node-answer.ts";
import { removeMarks } from "../core/merge/remove-mark.ts";
import { renderHit } from "../core/merge/render-hit.ts";
import { responseText } from "../core/merge/response-text.ts";
import { directRequest } from "../core/query/plan.ts";
import type { SearchQuery } from "../core/query/search-query.ts";
import { hasHiddenTieRule } from "../core/query/tie-rule.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { performanceDetails } from "./performance-details.ts";
import type { ReadContext } from "./read-context.ts";
import { scatter } from "./scatter.ts";
import type { SearchOptions, SearchOutcome } from "./search.ts";

/** The answer, or undefined when it took several nodes after all. */
export async function directSearch(
  read: ReadContext,
  index: IndexEntry,
  query: SearchQuery,
  options: SearchOptions,
  startedAt: number,
): Promise<SearchOutcome | undefined> {
  const { answers, missing } = await scatter(read, index, (part) =>
    directRequest(index, query, part),
  );
  const [only, ...others] = answers;
  if (only === undefined || others.length > 0 || missing.length > 0) return undefined;
  const answer = readNodeAnswer(only.text);
  const body = responseText({
    hits: renderHits(answer, index, query),
    q: query.q,
    queryVector: answer.queryVector,
    processingTimeMs: read.now() - startedAt,
    performanceDetails: performanceDetails(read, query, startedAt),
    window: query.window,
    total: answer.total,
    facets: renderFacets(answer, index),
    requestUid: options.requestUid,
    metadata: options.metadata,
    semanticHitCount: answer.semanticHitCount,
  });
  return { body, missing: [] };
}

function renderHits(answer: NodeAnswer, index: IndexEntry, query: SearchQuery): string {
  const hidesTieRule = query.showRankingScoreDetails && hasHiddenTieRule(index, query);
  const first = answer.hits[0]?.[0];
  const end = answer.hits.at(-1)?.[1];
  if (first === undefined || end === undefined) return "";
  if (!hidesTieRule) {
    const unmarked = removeMarks(answer.text.slice(first, end));
    if (unmarked !== undefined) return unmarked;
  }
  const { showRankingScore, showRankingScoreDetails } = query;
  return answer.hits
    .map(([start]) =>
      renderHit(decodeHit(answer.text, start), {
        showRankingScore,
        showRankingScoreDetails,
        hidesTieRule,
      }),
    )
    .join(",");
}

function renderFacets(answer: NodeAnswer, index: IndexEntry): string | undefined {
  if (answer.facets === undefined) return undefined;
  const rules = facetRules(index.settings);
  return facetMembers(readFacets(answer.facets, rules), rules, answer.total, true);
}
