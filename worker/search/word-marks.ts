/**
 * The words of a query marked in hits that were not found by them. One node marks the words of every
 * hit that it shows; across nodes a pinned hit, one that was found by its vector, or by some of the
 * words (`frequency-search.ts`), is searched for once more, by its id and the words.
 */
import type { Hit } from "../core/merge/hit.ts";
import { hitIdentity } from "../core/merge/hybrid.ts";
import { withMarksOf } from "../core/merge/rewritten-hit.ts";
import { isOneOf, type FilterValue } from "../core/query/conditions.ts";
import { droppableWords } from "../core/query/frequency-levels.ts";
import { nodeQuery } from "../core/query/plan.ts";
import { keywordQuery, searchKind } from "../core/query/search-kind.ts";
import type { MatchingStrategy, SearchQuery } from "../core/query/search-query.ts";
import { documentKey } from "../core/ranking/document-key.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { gather, mergedHits } from "./gather.ts";
import type { ReadContext } from "./read-context.ts";

/** Whether hits of the query show which of its words they have. */
export function marksWords(query: SearchQuery): boolean {
  const { q, attributesToHighlight, attributesToCrop, showMatchesPosition } = query;
  if (q === null || q.trim() === "" || searchKind(query) === "semantic") return false;
  return attributesToHighlight !== null || attributesToCrop !== null || showMatchesPosition;
}

/** The hits with marks; those that were found by words have them already. */
export async function withWordMarks(
  read: ReadContext,
  index: IndexEntry,
  query: SearchQuery,
  hits: readonly Hit[],
): Promise<readonly Hit[]> {
  if (!marksWords(query)) return hits;
  const { primaryKey = "" } = index;
  // Asked for by level, nodes know some of the words, and not all of their spellings.
  const isByLevel = droppableWords(query, index.settings) !== undefined;
  const unmarked = hits.filter(
    ({ steps }) => isByLevel || steps.some(({ rule }) => rule === "vectorSort"),
  );
  const marked = await markedHits(read, index, query, unmarked);
  return hits.map((hit) => {
    const found = marked.get(hitIdentity(hit, primaryKey));
    return found === undefined ? hit : withMarksOf(hit, found);
  });
}

/**
 * Hits of the same documents with the query's words marked, by their identity. Marks are those of
 * all words, whatever it takes for a document to be found.
 */
export async function markedHits(
  read: ReadContext,
  index: IndexEntry,
  query: SearchQuery,
  hits: readonly Hit[],
): Promise<ReadonlyMap<string, Hit>> {
  const { primaryKey = "" } = index;
  const marked = new Map<string, Hit>();
  const mark = async (
    texts: readonly string[],
    matchingStrategy: MatchingStrategy = "last",
  ): Promise<void> => {
    const left = hits.filter((hit) => !marked.has(hitIdentity(hit, primaryKey)));
    if (left.length === 0) return;
    const keys = left.flatMap(({ steps }) => documentKey(steps, primaryKey) ?? []);
    const found = await Promise.all(
      texts.map((q) => searched(read, index, { ...query, q, matchingStrategy }, keys)),
    );
    for (const hit of found.flat()) {
      const identity = hitIdentity(hit, primaryKey);
      if (!marked.has(identity)) marked.set(identity, hit);
    }
  };
  // For this strategy nodes look up every spelling of every word, and mark them all.
  if (query.matchingStrategy === "frequency") await mark([query.q ?? ""], "frequency");
  await mark([query.q ?? ""]);
  await mark(otherOrders(query.q ?? ""));
  return marked;
}

async function searched(
  read: ReadContext,
  index: IndexEntry,
  query: SearchQuery,
  keys: readonly FilterValue[],
): Promise<readonly Hit[]> {
  const asked: SearchQuery = {
    ...keywordQuery(query),
    window: { kind: "slice", offset: 0, limit: keys.length },
    rankingScoreThreshold: null,
    distinct: null,
    facets: null,
    sort: null,
  };
  const conditions = [isOneOf(index.primaryKey ?? "", keys)];
  // Ids that differ in case alone are one to the filter.
  const gathered = await gather(read, index, { ...nodeQuery(asked, 2 * keys.length), conditions });
  return mergedHits(gathered, Infinity);
}

/** Phrases and excluded words stay as they are. */
const SPECIAL = /"|(?:^|\s)-/;
/** As Meilisearch does: words behind the tenth are not looked at. */
const WORDS_MAX = 10;

/**
 * A document is found by the first words of a query. So each word comes first once; the last one,
 * which may be the beginning of a word, only where it ends the query, alone.
 */
function otherOrders(q: string): readonly string[] {
  const words = SPECIAL.test(q) ? [] : q.split(/\s+/).filter((word) => word !== "");
  if (words.length < 2 || words.length > WORDS_MAX) return [];
  return words.slice(1).map((word, at) => {
    if (at === words.length - 2) return q.endsWith(word) ? word : `${word} `;
    return [word, ...words.slice(0, at + 1), ...words.slice(at + 2)].join(" ");
  });
}
