/**
 * The total and the facets of a search with `distinct`, as one node gives them.
 *
 * With offset and limit it counts every candidate but those that share a value with a chosen hit.
 * With pages it goes on: of what is left, each value counts once, by its oldest document. Nodes
 * cannot tell which is the oldest of the whole, so ascending primary keys stand for age where that
 * matters: for attributes with several values, and for facets.
 */
import { facetRules } from "../core/merge/facet-rules.ts";
import type { FacetRules, NodeFacets } from "../core/merge/facets.ts";
import { chooseDistinct, type DistinctChoice } from "../core/merge/distinct.ts";
import type { Hit } from "../core/merge/hit.ts";
import { anyOf, hasNoValue, isOneOf, not, type FilterValue } from "../core/query/conditions.ts";
import type { NodeQuery } from "../core/query/plan.ts";
import { compareSortValues } from "../core/ranking/compare-steps.ts";
import { documentKey } from "../core/ranking/document-key.ts";
import { shardFilter } from "../core/placement/shard-mark.ts";
import { shardId } from "../core/ids.ts";
import { shardCount, type IndexEntry } from "../core/topology/topology.ts";
import { counted, cutsShort, everyCandidate, wantedFacets } from "./candidates.ts";
import { gather, gatheredFacets, mergeOf } from "./gather.ts";
import type { ReadContext } from "./read-context.ts";

export interface Candidates {
  readonly total: number;
  readonly facets: NodeFacets | undefined;
}

type DistinctQuery = NodeQuery & { readonly distinct: string };

export async function distinctCandidates(
  read: ReadContext,
  index: IndexEntry,
  asked: DistinctQuery,
  choice: DistinctChoice,
): Promise<Candidates> {
  const base = cutsShort(asked, index, choice.hits.length) ? everyCandidate(asked) : counted(asked);
  const counter = new CandidateCounter(read, index, asked, base, choice);
  return asked.exhaustive ? counter.ofPages() : counter.ofSlice();
}

/** All values of the distinct attribute, which need not be one of the client's facets. */
function distinctRules(index: IndexEntry): FacetRules {
  return { ...facetRules(index.settings), isVisible: () => true };
}

class CandidateCounter {
  readonly #read: ReadContext;
  readonly #index: IndexEntry;
  readonly #asked: DistinctQuery;
  /** The candidates without distinct and without hits. */
  readonly #base: NodeQuery;
  readonly #choice: DistinctChoice;

  constructor(
    read: ReadContext,
    index: IndexEntry,
    asked: DistinctQuery,
    base: NodeQuery,
    choice: DistinctChoice,
  ) {
    this.#read = read;
    this.#index = index;
    this.#asked = asked;
    this.#base = base;
    this.#choice = choice;
  }

  #gather(conditions: readonly string[], facets: readonly string[] | null) {
    const all = [...this.#base.conditions, ...conditions];
    return gather(this.#read, this.#index, { ...this.#base, conditions: all, facets });
  }

  /** The candidates that share no value with a chosen hit. */
  #others(): readonly string[] {
    const { values } = this.#choice;
    return values.size === 0 ? [] : [not(isOneOf(this.#asked.distinct, [...values]))];
  }

  #keysOf(hits: readonly Hit[]): FilterValue[] {
    return hits.flatMap((hit) => documentKey(hit.steps, this.#index.primaryKey ?? "") ?? []);
  }

  #isOneOfKeys(keys: readonly FilterValue[]): string {
    return isOneOf(this.#index.primaryKey ?? "", keys);
  }

  async ofSlice(): Promise<Candidates> {
    const { facets } = this.#asked;
    const others = this.#others();
    if (facets === null || facets.length === 0 || others.length === 0) {
      const gathered = await this.#gather(others, facets);
      const valued = others.length === 0 ? 0 : this.#choice.valuedCount;
      return {
        total: gathered.total + valued,
        facets: wantedFacets(this.#index, this.#asked, gathered),
      };
    }
    const chosen = this.#isOneOfKeys(this.#keysOf(this.#choice.hits));
    const gathered = await this.#gather([anyOf([...others, chosen])], facets);
    return { total: gathered.total, facets: wantedFacets(this.#index, this.#asked, gathered) };
  }

  async ofPages(): Promise<Candidates> {
    const { facets, distinct } = this.#asked;
    const others = this.#others();
    const wantsFacets = facets !== null && facets.length > 0;
    const [rest, valueless] = await Promise.all([
      this.#gather(others, [distinct]),
      this.#gather([...others, hasNoValue(distinct)], null),
    ]);
    const values = gatheredFacets(rest, distinctRules(this.#index)).values.get(distinct) ?? [];
    const valueCount = values.reduce((sum, { count }) => sum + count, 0);
    const hasOneValueEach = valueCount + valueless.total === rest.total;
    // Chosen hits without a value are among the rest too: they count there.
    const chosenCount = this.#choice.valuedCount;
    if (hasOneValueEach && !wantsFacets) {
      return { total: chosenCount + values.length + valueless.total, facets: undefined };
    }
    const oldest = await this.#oldestOfEach(others, rest.total);
    if (oldest === undefined) {
      const total = chosenCount + values.length + valueless.total;
      return { total, facets: (await this.ofSlice()).facets };
    }
    const total = chosenCount + oldest.length;
    if (!wantsFacets) return { total, facets: undefined };
    const keys = this.#keysOf([...this.#choice.hits, ...oldest]);
    const gathered = await this.#gather([this.#isOneOfKeys(keys)], facets);
    return { total, facets: wantedFacets(this.#index, this.#asked, gathered) };
  }

  /**
   * The documents that stand for the values of the rest. Undefined when nodes do not show all that
   * is needed: the attribute, or every document.
   */
  async #oldestOfEach(
    others: readonly string[],
    count: number,
  ): Promise<readonly Hit[] | undefined> {
    const { displayedAttributes, pagination } = this.#index.settings;
    const { distinct } = this.#asked;
    const isShown = displayedAttributes.includes("*") || displayedAttributes.includes(distinct);
    if (!isShown) return undefined;
    const listed = {
      ...this.#base,
      query: {
        ...this.#base.query,
        attributesToRetrieve: [distinct],
        attributesToHighlight: null,
        attributesToCrop: null,
        showMatchesPosition: false,
      },
      limit: pagination.maxTotalHits,
      details: true,
      facets: null,
    };
    const hits: Hit[] = [];
    for (const slice of shardSlices(this.#index, count)) {
      const conditions = [...this.#base.conditions, ...others, ...slice];
      hits.push(...mergeOf(await gather(this.#read, this.#index, { ...listed, conditions })));
    }
    if (hits.length < count) return undefined;
    const primaryKey = this.#index.primaryKey ?? "";
    const keyed = hits.map((hit) => ({ hit, key: documentKey(hit.steps, primaryKey) ?? null }));
    keyed.sort((a, b) => compareSortValues(a.key, b.key, true));
    return chooseDistinct(
      keyed.map(({ hit }) => hit),
      distinct,
      Infinity,
    ).hits;
  }
}

/** Lists of documents that are made at most, each with up to `maxTotalHits` hits of every node. */
const SLICES_MAX = 8;

/**
 * Conditions that cut the shards into as many slices as it takes for no node to have more than
 * `maxTotalHits` of `count` documents in one, spread evenly or nearly so.
 */
function shardSlices(index: IndexEntry, count: number): readonly (readonly string[])[] {
  const nodeCount = Math.max(1, new Set(index.shardMap.flatMap(([first]) => first ?? [])).size);
  const perNode = (2 * count) / nodeCount;
  const wanted = Math.ceil(perNode / index.settings.pagination.maxTotalHits);
  const sliceCount = Math.min(wanted, SLICES_MAX, shardCount(index));
  if (sliceCount <= 1) return [[]];
  const shards = index.shardMap.map((_, position) => shardId(position));
  return Array.from({ length: sliceCount }, (_, slice) => [
    shardFilter(shards.filter((shard) => shard % sliceCount === slice)),
  ]);
}
