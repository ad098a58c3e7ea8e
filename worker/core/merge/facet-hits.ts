/**
 * Facet values that match a facet query, over shards: counts add up by normalised value, in the
 * order of one node that holds everything.
 */
import { compareText } from "../json/text-order.ts";
import { elements, memberOf, members, stringAt, valueText } from "../json/text-scanner.ts";
import type { FacetOrder } from "../settings/settings.ts";
import { normalizeFacet } from "./normalize-facet.ts";

export interface FacetHit {
  /** The value as a node spells it. */
  readonly value: string;
  readonly count: number;
}

/** The hits of one node's answer, in its order. Throws `SyntaxError` when the text is not one. */
export function readFacetHits(text: string): readonly FacetHit[] {
  const hits = memberOf(text, 0, "facetHits");
  if (hits === undefined) throw new SyntaxError("an answer without facet hits");
  return elements(text, hits.valueStart).map(([start]) => {
    const found = new Map(members(text, start).map((member) => [member.key, member]));
    const value = found.get("value");
    const count = found.get("count");
    if (value === undefined || count === undefined) throw new SyntaxError("not a facet hit");
    return {
      value: stringAt(text, value.valueStart, value.valueEnd),
      count: Number(valueText(text, count)),
    };
  });
}

/** How long the slowest node says that its part took: one Meilisearch times itself, not the way to it. */
export function slowestMs(texts: readonly string[]): number {
  return Math.max(
    0,
    ...texts.map((text) => {
      const time = memberOf(text, 0, "processingTimeMs");
      return time === undefined ? 0 : Number(valueText(text, time));
    }),
  );
}

/** The nodes' hits added up, ordered and cut as one node does. */
export function mergeFacetHits(
  lists: readonly (readonly FacetHit[])[],
  order: FacetOrder,
  maxValues: number,
): readonly FacetHit[] {
  const keyed = lists.map((list) => list.map((hit) => ({ hit, key: normalizeFacet(hit.value) })));
  const spellings = new Map<string, FacetHit[]>();
  for (const { hit, key } of keyed.flat()) {
    const known = spellings.get(key);
    if (known === undefined) spellings.set(key, [hit]);
    else known.push(hit);
  }
  const sums = new Map([...spellings].map(([key, hits]) => [key, addHits(hits)]));
  if (order === "count") {
    // As Meilisearch does: among equal counts the greater value comes first.
    const ranked = [...sums.values()].sort(
      (a, b) => b.count - a.count || compareText(b.value, a.value),
    );
    return ranked.slice(0, maxValues);
  }
  const keys = mergeKeys(keyed.map((list) => list.map(({ key }) => key)));
  return keys.slice(0, maxValues).flatMap((key) => sums.get(key) ?? []);
}

/**
 * One value's hits of several nodes. One node shows the spelling of its oldest document; which shard
 * has the oldest of all is not known, but most likely it is among those with the most documents.
 */
function addHits(hits: readonly FacetHit[]): FacetHit {
  const votes = new Map<string, number>();
  for (const { value, count } of hits) votes.set(value, (votes.get(value) ?? 0) + count);
  const [best] = [...votes].sort(([a, forA], [b, forB]) => forB - forA || compareText(a, b));
  return { value: best?.[0] ?? "", count: hits.reduce((sum, { count }) => sum + count, 0) };
}

/**
 * The keys of all lists, each once. A node lists values by a form without accents (and whatever else
 * its tokenizer takes away), which is only imitated here: so the order within a list is kept, and
 * the imitation decides between lists alone.
 */
function mergeKeys(lists: readonly (readonly string[])[]): readonly string[] {
  const cursors = lists.map((keys) => ({ keys, at: 0 }));
  const merged = new Set<string>();
  for (;;) {
    let best: { readonly key: string; readonly plain: string } | undefined;
    for (const cursor of cursors) {
      while (merged.has(cursor.keys[cursor.at] ?? "")) cursor.at += 1;
      const key = cursor.keys[cursor.at];
      if (key === undefined) continue;
      const candidate = { key, plain: withoutAccents(key) };
      if (best === undefined || compareKeys(candidate, best) < 0) best = candidate;
    }
    if (best === undefined) return [...merged];
    merged.add(best.key);
  }
}

interface Key {
  readonly key: string;
  readonly plain: string;
}

function compareKeys(a: Key, b: Key): number {
  return compareText(a.plain, b.plain) || compareText(a.key, b.key);
}

const ACCENTS = /\p{Mn}/gu;

function withoutAccents(key: string): string {
  return key.replace(ACCENTS, "");
}

/** The response of `facet-search`. */
export function facetSearchBody(
  hits: readonly FacetHit[],
  facetQuery: string | null,
  processingTimeMs: number,
): string {
  const texts = hits.map(
    ({ value, count }) => `{"value":${JSON.stringify(value)},"count":${count}}`,
  );
  return `{"facetHits":[${texts.join(",")}],"facetQuery":${JSON.stringify(facetQuery)},"processingTimeMs":${processingTimeMs}}`;
}
