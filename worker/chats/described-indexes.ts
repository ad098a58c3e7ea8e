/** The indexes of a caller as a language model is told of them: what they are, and their facets. */
import type { DescribedIndex } from "../core/chats/functions.ts";
import { compareText } from "../core/json/text-order.ts";
import { memberOf, members } from "../core/json/text-scanner.ts";
import type { Access } from "../core/keys/access.ts";
import { facetMembers } from "../core/merge/facets.ts";
import { facetRules } from "../core/merge/facet-rules.ts";
import { SEMANTIC_PLACEHOLDER } from "../core/query/search-kind.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { rankedSearch } from "../search/ranked-search.ts";
import type { ReadContext } from "../search/read-context.ts";

/** Values of each facet that the model is told. */
const VALUES_MAX = 10;

export async function describedIndexes(
  read: ReadContext,
  access: Access,
): Promise<readonly DescribedIndex[]> {
  const indexes = [...read.topology.indexes.values()]
    .filter(({ uid }) => access.allows(uid))
    .toSorted((a, b) => compareText(a.uid, b.uid));
  const described: DescribedIndex[] = [];
  for (const index of indexes) {
    const { uid, settings } = index;
    const { description } = settings.chat;
    described.push({ uid, description, facets: await facetsOf(read, index, access) });
  }
  return described;
}

async function facetsOf(
  read: ReadContext,
  index: IndexEntry,
  access: Access,
): Promise<DescribedIndex["facets"]> {
  const faceting = { maxValuesPerFacet: VALUES_MAX, sortFacetValuesBy: { "*": "count" } } as const;
  const byCount: IndexEntry = { ...index, settings: { ...index.settings, faceting } };
  const filter = access.restrict(null, index.uid, "invalid_search_filter");
  const query = { ...SEMANTIC_PLACEHOLDER, filter, facets: ["*"] };
  const { facets, total } = await rankedSearch(read, byCount, query, 0);
  if (facets === undefined) return [];
  const text = `{${facetMembers(facets, facetRules(byCount.settings), total)}}`;
  const distribution = memberOf(text, 0, "facetDistribution");
  if (distribution === undefined) return [];
  return members(text, distribution.valueStart).map(
    ({ key, valueStart }) =>
      [key, members(text, valueStart).map(({ key: value }) => value)] as const,
  );
}
