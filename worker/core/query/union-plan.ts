/**
 * Counting the documents that any of several queries to one index has as candidates: a document
 * counts once, however many queries it matches.
 *
 * Nodes count the union of queries with words in one federated request. Queries without words cannot
 * be in it, because the nodes' last ranking rule makes them incompatible with the others, and need
 * not: their candidates are what passes their filters, which is one filter.
 */
import type { CoverPart } from "../placement/covering-set.ts";
import type { IndexEntry } from "../topology/topology.ts";
import { anyOf, not } from "./conditions.ts";
import { conjoin, partConditions, passedParameters, type PlannedRequest } from "./plan.ts";
import { SEMANTIC_PLACEHOLDER } from "./search-kind.ts";
import type { Filter, SearchQuery } from "./search-query.ts";

/** The candidates of one query. */
export interface UnionMember {
  readonly query: SearchQuery;
  /** Whether words narrow the candidates, and not the filter alone. */
  readonly hasWords: boolean;
  /** Conditions of Miroir's own, joined to the query's filter. */
  readonly conditions: readonly string[];
}

/** Two counts over different documents, whose sum is that of the union. */
export interface UnionPlan {
  /** The filter of the queries without words; undefined when there are none, null for no filter. */
  readonly filtered: Filter | null | undefined;
  /** Queries with words, over the documents that the filter leaves; empty when it leaves none. */
  readonly worded: readonly SearchQuery[];
}

/** `conditions` hold for every query with words; for the filter they are left to its request. */
export function unionPlan(
  members: readonly UnionMember[],
  conditions: readonly string[] = [],
): UnionPlan {
  const filters = members.flatMap((member) => (member.hasWords ? [] : [filterText(member)]));
  if (filters.includes(undefined)) return { filtered: null, worded: [] };
  const texts = filters.flatMap((text) => text ?? []);
  const filtered = texts.length === 0 ? undefined : [anyOf(texts)];
  const others = filtered?.map(not) ?? [];
  const worded = members.flatMap(({ query, hasWords, conditions: own }) =>
    hasWords ? [counted(query, conjoin(query.filter, [...own, ...conditions, ...others]))] : [],
  );
  return { filtered, worded };
}

/** The query as it is counted: what ranks hits, or takes them out again, is left out. */
function counted(query: SearchQuery, filter: Filter | null): SearchQuery {
  const { q, matchingStrategy, attributesToSearchOn, locales } = query;
  return { ...SEMANTIC_PLACEHOLDER, q, matchingStrategy, attributesToSearchOn, locales, filter };
}

/** The filter and the conditions as one text; undefined when there is no restriction. */
function filterText({ query, conditions }: UnionMember): string | undefined {
  const joined = conjoin(query.filter, conditions);
  if (joined === null) return undefined;
  const clauses = typeof joined === "string" ? [joined] : joined;
  const texts = clauses.flatMap((clause) => {
    const choices = (typeof clause === "string" ? [clause] : clause).filter(
      (choice) => choice.trim() !== "",
    );
    return choices.length === 0 ? [] : [anyOf(choices)];
  });
  return texts.length === 0 ? undefined : texts.map((text) => `(${text})`).join(" AND ");
}

/** The request to the node of one part: the union of queries with words, without hits. */
export function unionRequest(
  index: IndexEntry,
  queries: readonly SearchQuery[],
  facets: readonly string[] | null,
  part: CoverPart,
): PlannedRequest {
  const federation = {
    offset: 0,
    limit: 0,
    ...(facets === null || facets.length === 0
      ? {}
      : { facetsByIndex: { [index.physical]: facets } }),
  };
  const asked = queries.map((query) => ({
    indexUid: index.physical,
    ...passedParameters(query),
    filter: conjoin(query.filter, partConditions(part)),
  }));
  return {
    method: "POST",
    path: "/multi-search",
    headers: { "content-type": "application/json", "meili-proxy-search": "true" },
    body: JSON.stringify({ federation, queries: asked }),
  };
}
