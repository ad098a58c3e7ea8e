/**
 * Documents that have a word or a phrase which the query excludes. As Meilisearch does: in a hybrid
 * search they are not found by their vectors either, of which a node that gets a vector alone knows
 * nothing.
 */
import { isOneOf, not, type FilterValue } from "../core/query/conditions.ts";
import { conjoin, nodeQuery } from "../core/query/plan.ts";
import { SEMANTIC_PLACEHOLDER } from "../core/query/search-kind.ts";
import type { SearchQuery } from "../core/query/search-query.ts";
import { documentKey } from "../core/ranking/document-key.ts";
import { queryParts } from "../core/text/query-parts.ts";
import { Tokenizer } from "../core/text/tokenizer.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { gather, mergedHits } from "./gather.ts";
import type { ReadContext } from "./read-context.ts";

const HAS_MINUS = /(?:^|\s)-/;

/** The query with a filter that leaves those documents out, as many as nodes list. */
export async function withoutExcludedWords(
  read: ReadContext,
  index: IndexEntry,
  query: SearchQuery,
): Promise<SearchQuery> {
  const { q } = query;
  if (q === null || !HAS_MINUS.test(q)) return query;
  const phrases = queryParts(new Tokenizer(index.settings).tokens(q))
    .filter(({ isNegative }) => isNegative)
    .map(({ words }) => `"${words.filter((word) => word !== null).join(" ")}"`);
  const { primaryKey = "" } = index;
  const limit = index.settings.pagination.maxTotalHits;
  const found = await Promise.all(
    phrases.map(async (phrase): Promise<readonly FilterValue[]> => {
      const { filter, locales } = query;
      const asked = nodeQuery({ ...SEMANTIC_PLACEHOLDER, q: phrase, filter, locales }, limit);
      const hits = mergedHits(await gather(read, index, asked), limit);
      return hits.flatMap(({ steps }) => documentKey(steps, primaryKey) ?? []);
    }),
  );
  const keys = [...new Set(found.flat())];
  if (keys.length === 0) return query;
  return { ...query, filter: conjoin(query.filter, [not(isOneOf(primaryKey, keys))]) };
}
