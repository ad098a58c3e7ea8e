/**
 * What one node is asked for a search: the canonical request, one federated `/multi-search` with
 * the proxy header, whose hits carry unredacted sort values. The same request goes to every part of
 * a cover but for the shard filter.
 */
import type { CoverPart } from "../placement/covering-set.ts";
import { shardFilter } from "../placement/shard-mark.ts";
import type { IndexEntry } from "../topology/topology.ts";
import type { Filter, SearchQuery } from "./search-query.ts";

/** A search over all shards of an index, as the merge needs it. */
export interface NodeQuery {
  readonly query: SearchQuery;
  /** Hits wanted from the top of the merged list; every node is asked for as many. */
  readonly limit: number;
  /** As in page mode: the node counts and evaluates every candidate. */
  readonly exhaustive: boolean;
  readonly facets: readonly string[] | null;
  readonly distinct: string | null;
  /** Conditions of Miroir's own, joined to the client's filter. */
  readonly conditions: readonly string[];
  /** Scores and their details, which the merge orders by. Not needed without hits. */
  readonly details: boolean;
}

export interface PlannedRequest {
  readonly method: "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The same as a query of a plain multi-search, where its result tells as much. */
  readonly alone?: () => string;
}

/** The node query of a client's search, before anything special is known about it. */
export function nodeQuery(query: SearchQuery, limit: number): NodeQuery {
  return {
    query,
    limit,
    exhaustive: query.window.kind === "page",
    facets: query.facets,
    distinct: query.distinct,
    conditions: [],
    details: limit > 0,
  };
}

type JsonMembers = Record<string, unknown>;

/** The client's filter and Miroir's conditions, all of which must hold. */
export function conjoin(filter: Filter | null, conditions: readonly string[]): Filter | null {
  const list = filter === null ? [] : typeof filter === "string" ? [filter] : filter;
  // As Meilisearch does: a blank filter is no filter.
  const clauses = list.filter((clause) => typeof clause !== "string" || clause.trim() !== "");
  if (conditions.length === 0) return clauses.length === 0 ? null : filter;
  return [...clauses, ...conditions];
}

/** The conditions that keep a node to the shards it is asked for. */
export function partConditions(part: CoverPart): readonly string[] {
  return part.needsFilter ? [shardFilter(part.shards)] : [];
}

/** Parameters that nodes take as the client gave them, without those at their default. */
export function passedParameters(query: SearchQuery): JsonMembers {
  const passed: JsonMembers = {};
  const pass = (name: string, value: unknown, standard: unknown = null): void => {
    if (value !== standard) passed[name] = value;
  };
  pass("q", query.q);
  pass("sort", query.sort);
  pass("matchingStrategy", query.matchingStrategy, "last");
  pass("attributesToRetrieve", query.attributesToRetrieve);
  pass("attributesToSearchOn", query.attributesToSearchOn);
  pass("attributesToHighlight", query.attributesToHighlight);
  pass("attributesToCrop", query.attributesToCrop);
  pass("cropLength", query.cropLength, 10);
  pass("cropMarker", query.cropMarker, "…");
  pass("highlightPreTag", query.highlightPreTag, "<em>");
  pass("highlightPostTag", query.highlightPostTag, "</em>");
  pass("showMatchesPosition", query.showMatchesPosition, false);
  pass("rankingScoreThreshold", query.rankingScoreThreshold);
  pass("locales", query.locales);
  pass("hybrid", query.hybrid);
  pass("vector", query.vector);
  pass("media", query.media);
  pass("retrieveVectors", query.retrieveVectors, false);
  return passed;
}

/** The federated request to the node of one part. */
export function federatedRequest(
  index: IndexEntry,
  asked: NodeQuery,
  part: CoverPart,
): PlannedRequest {
  const federation: JsonMembers = asked.exhaustive
    ? { page: 1, hitsPerPage: asked.limit }
    : { offset: 0, limit: asked.limit };
  if (asked.facets !== null && asked.facets.length > 0) {
    federation["facetsByIndex"] = { [index.physical]: asked.facets };
  }
  if (asked.distinct !== null) federation["distinct"] = asked.distinct;
  const query: JsonMembers = { indexUid: index.physical, ...passedParameters(asked.query) };
  const filter = conjoin(asked.query.filter, [...asked.conditions, ...partConditions(part)]);
  if (filter !== null) query["filter"] = filter;
  if (asked.details) {
    query["showRankingScore"] = true;
    query["showRankingScoreDetails"] = true;
  }
  return {
    method: "POST",
    path: "/multi-search",
    headers: { "content-type": "application/json", "meili-proxy-search": "true" },
    body: JSON.stringify({ federation, queries: [query] }),
    ...(tellsAllAlone(index, asked)
      ? { alone: () => JSON.stringify({ ...query, ...aloneMembers(asked) }) }
      : {}),
  };
}

/**
 * Whether details alone tell the order of hits. They do not for vectors, whose scores are compared
 * with those of words; nor for `distinct`, whose values come beside the hit; nor where the index
 * does not display what it sorts by.
 */
function tellsAllAlone({ settings, primaryKey }: IndexEntry, asked: NodeQuery): boolean {
  const { query, distinct } = asked;
  if (query.hybrid !== null || query.retrieveVectors || distinct !== null) return false;
  const { displayedAttributes, rankingRules } = settings;
  if (displayedAttributes.includes("*")) return true;
  const shown = new Set(displayedAttributes);
  const rules = [...rankingRules, ...(query.sort ?? [])].map((rule) => rule.trim());
  const fields = rules.flatMap((rule) => {
    const colon = rule.lastIndexOf(":");
    return colon === -1 || rule.startsWith("_geoPoint(") ? [] : [rule.slice(0, colon)];
  });
  return [primaryKey ?? "", ...fields].every((field) => shown.has(field));
}

function aloneMembers({ exhaustive, limit, facets }: NodeQuery): JsonMembers {
  const window = exhaustive ? { page: 1, hitsPerPage: limit } : { offset: 0, limit };
  return facets === null || facets.length === 0 ? window : { ...window, facets };
}

/** The plain request for a cover of one part, whose answer needs no merge. */
export function directRequest(
  index: IndexEntry,
  query: SearchQuery,
  part: CoverPart,
): PlannedRequest {
  const body: JsonMembers = passedParameters(query);
  const filter = conjoin(query.filter, partConditions(part));
  if (filter !== null) body["filter"] = filter;
  if (query.facets !== null) body["facets"] = query.facets;
  if (query.distinct !== null) body["distinct"] = query.distinct;
  if (query.showRankingScore) body["showRankingScore"] = true;
  if (query.showRankingScoreDetails) body["showRankingScoreDetails"] = true;
  const { window } = query;
  if (window.kind === "slice") Object.assign(body, { offset: window.offset, limit: window.limit });
  else Object.assign(body, { page: window.page, hitsPerPage: window.hitsPerPage });
  return {
    method: "POST",
    path: `/indexes/${encodeURIComponent(index.physical)}/search`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}
