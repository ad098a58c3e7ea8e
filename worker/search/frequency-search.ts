/**
 * A search with the strategy `frequency` over several nodes, step by step (`frequency-levels.ts`):
 * one count per word, then as many steps as the page needs. Each step leaves out what those before
 * it found, which is then all that they match.
 */
import { isOneOf, not } from "../core/query/conditions.ts";
import { keptQuery, keptWords, wordAlone, type QueryWord } from "../core/query/frequency-levels.ts";
import type { NodeQuery } from "../core/query/plan.ts";
import type { Hit } from "../core/merge/hit.ts";
import { documentKey } from "../core/ranking/document-key.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import type { Ranked } from "./candidates.ts";
import { exactFacets } from "./exact-facets.ts";
import { gather, mergedHits } from "./gather.ts";
import type { ReadContext } from "./read-context.ts";

export async function frequencySearch(
  read: ReadContext,
  index: IndexEntry,
  asked: NodeQuery,
  words: readonly QueryWord[],
): Promise<Ranked> {
  const q = asked.query.q ?? "";
  const counts = await Promise.all(words.map((word) => documentsWith(read, index, asked, q, word)));
  const steps = keptWords(counts).map((kept) => step(asked, keptQuery(q, words, kept)));
  const hits: Hit[] = [];
  const missing = new Set<Ranked["missing"][number]>();
  for (const one of steps) {
    const limit = asked.limit - hits.length;
    if (limit <= 0) break;
    const gathered = await gather(read, index, {
      ...one,
      limit,
      facets: null,
      ...without(index, one, hits),
    });
    for (const shard of gathered.missing) missing.add(shard);
    hits.push(...mergedHits(gathered, limit));
  }
  // The last step asks least, so it has every candidate.
  const last = steps.at(-1) ?? asked;
  const every = { ...last, limit: 0, details: false };
  const counted = await gather(read, index, every);
  for (const shard of counted.missing) missing.add(shard);
  return {
    hits,
    total: counted.total,
    facets: await exactFacets(read, index, every, counted),
    missing: [...missing].sort((a, b) => a - b),
  };
}

function step(asked: NodeQuery, q: string): NodeQuery {
  return { ...asked, distinct: null, query: { ...asked.query, q, matchingStrategy: "all" } };
}

function without(index: IndexEntry, { conditions }: NodeQuery, hits: readonly Hit[]) {
  if (hits.length === 0) return {};
  const primaryKey = index.primaryKey ?? "";
  const keys = hits.flatMap((hit) => documentKey(hit.steps, primaryKey) ?? []);
  return { conditions: [...conditions, not(isOneOf(primaryKey, keys))] };
}

/** How many documents of the whole index a word of the query matches, the filter aside. */
async function documentsWith(
  read: ReadContext,
  index: IndexEntry,
  asked: NodeQuery,
  q: string,
  word: QueryWord,
): Promise<number> {
  const query = { ...asked.query, q: wordAlone(q, word), filter: null, sort: null };
  const { total } = await gather(read, index, {
    ...asked,
    query: { ...query, matchingStrategy: "all" },
    limit: 0,
    exhaustive: false,
    facets: null,
    distinct: null,
    conditions: [],
    details: false,
  });
  return total;
}
