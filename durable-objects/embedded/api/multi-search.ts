/** `POST /multi-search`: how a coordinator asks a node, for one search or for several at once. */
import {
  count,
  list,
  nullable,
  number,
  text,
  type Decoder,
} from "../../../worker/core/decode/decoders.ts";
import { fill, Optional, Required } from "../../../worker/core/decode/fields.ts";
import { isArray, isObject, type Json, type JsonObject } from "../../../worker/core/decode/json.ts";
import { parseJson } from "../../../worker/core/decode/payload.ts";
import { Place } from "../../../worker/core/decode/place.ts";
import { ApiError } from "../../../worker/core/errors/api-error.ts";
import type { EnabledFeatures } from "../../../worker/core/query/features.ts";
import type { SearchQuery } from "../../../worker/core/query/search-query.ts";
import { checkDistinct, checkFacets } from "../../../worker/core/query/check-attributes.ts";
import { DocSet } from "../doc-set.ts";
import { HitRenderer } from "../engine/hits.ts";
import type { NodeIndex } from "../engine/node-index.ts";
import type { NodeState } from "../engine/node-state.ts";
import { checkedQuery, runQuery, sortOf, usesVector } from "../engine/query-run.ts";
import { facetTexts } from "../facets/distribution.ts";
import { matchPatterns } from "../index/attribute-patterns.ts";
import type { ScoreDetail } from "../rules/score-details.ts";
import type { SearchOutcome } from "../search/search.ts";
import { compareScores } from "./compare-scores.ts";
import { answer, isProxied, type NodeAnswer, type NodeExchange } from "./exchange.ts";
import { searchMembers } from "./search.ts";
import { hitText, windowText } from "./search-answer.ts";

interface Federation {
  readonly limit: number;
  readonly offset: number;
  readonly page: number | null;
  readonly hitsPerPage: number | null;
  readonly facetsByIndex: ReadonlyMap<string, readonly string[]>;
  readonly distinct: string | null;
}

const HITS_PER_PAGE = 20;

const facetLists: Decoder<ReadonlyMap<string, readonly string[]>> = (value, at) => {
  const lists = new Map<string, readonly string[]>();
  if (value === null || !isObject(value)) return lists;
  for (const [uid, patterns] of value) {
    if (patterns !== null) lists.set(uid, list(text)(patterns, at.key(uid)));
  }
  return lists;
};

function federationOf(value: Json): Federation {
  const fields = {
    limit: new Optional(count, HITS_PER_PAGE, "invalid_search_limit"),
    offset: new Optional(count, 0, "invalid_search_offset"),
    page: new Optional(nullable(count), null, "invalid_search_page"),
    hitsPerPage: new Optional(nullable(count), null, "invalid_search_hits_per_page"),
    facetsByIndex: new Optional(facetLists, new Map(), "invalid_multi_search_facets_by_index"),
    distinct: new Optional(nullable(text), null, "invalid_multi_search_distinct"),
  };
  fill(fields, value, Place.root().key("federation", "invalid_multi_search_federated"), {
    ignoreUnknown: true,
  });
  return {
    limit: fields.limit.value,
    offset: fields.offset.value,
    page: fields.page.value,
    hitsPerPage: fields.hitsPerPage.value,
    facetsByIndex: fields.facetsByIndex.value,
    distinct: fields.distinct.value,
  };
}

interface Asked {
  readonly position: number;
  readonly index: NodeIndex;
  readonly query: SearchQuery;
  readonly weight: number;
}

interface Ran extends Asked {
  readonly outcome: SearchOutcome;
  readonly renderer: HitRenderer;
}

interface Found {
  readonly ran: Ran;
  readonly doc: number;
  readonly details: readonly ScoreDetail[];
}

/** Runs `work` so that its refusals name the query. */
function inQuery<T>(position: number, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new QueryError(position, error);
  }
}

/** An index that is not there is a bad request here: it is not what the path names. */
export class QueryError extends Error {
  readonly error: ApiError;

  constructor(position: number, error: ApiError) {
    super(`Inside \`.queries[${position}]\`: ${error.message}`);
    this.error = error;
  }

  answer(): NodeAnswer {
    const body = { ...this.error.body(), message: this.message };
    const status = this.error.code === "index_not_found" ? 400 : this.error.status;
    return answer(JSON.stringify(body), status);
  }
}

function weightOf(options: Json): number {
  const weight = new Optional(number, 1, "invalid_multi_search_weight");
  if (options !== null) {
    const at = Place.root().key("federationOptions", "invalid_multi_search_federation_options");
    fill({ weight }, options, at, { ignoreUnknown: true });
  }
  return weight.value;
}

function askedQuery(
  state: NodeState,
  value: JsonObject,
  position: number,
  enabled: EnabledFeatures,
): Asked {
  const members = new Map(value);
  const uid = members.get("indexUid");
  const weight = weightOf(members.get("federationOptions") ?? null);
  members.delete("indexUid");
  members.delete("federationOptions");
  if (typeof uid !== "string") throw new ApiError("missing_index_uid", "Missing field `indexUid`");
  const index = state.get(uid);
  return { position, index, query: checkedQuery(index, members, enabled), weight };
}

function windowOf({ page, hitsPerPage, limit, offset }: Federation): {
  skip: number;
  take: number;
} {
  if (page === null && hitsPerPage === null) return { skip: offset, take: limit };
  if (page === 0) return { skip: 0, take: 0 };
  const size = hitsPerPage ?? HITS_PER_PAGE;
  return { skip: ((page ?? 1) - 1) * size, take: size };
}

/** Attributes that the merge needs although they are not shown: for `distinct` and facets. */
function extraFields(index: NodeIndex, federation: Federation): string[] {
  if (federation.distinct === null) return [];
  const patterns = federation.facetsByIndex.get(index.record.uid) ?? [];
  const faceted = [...index.search.columns.keys()].filter(
    (field) =>
      matchPatterns(patterns, field) === "match" && index.search.schema.isFilterable(field),
  );
  return [...new Set([federation.distinct, ...faceted])];
}

class FederatedSearch {
  private readonly federation: Federation;
  private readonly enabled: EnabledFeatures;
  private readonly isProxied: boolean;
  private readonly window: { skip: number; take: number };

  constructor(federation: Federation, enabled: EnabledFeatures, proxied: boolean) {
    this.federation = federation;
    this.enabled = enabled;
    this.isProxied = proxied;
    this.window = windowOf(federation);
  }

  run(queries: readonly Asked[]): string {
    const ran = queries.map((asked) => inQuery(asked.position, () => this.runOne(asked)));
    const candidates = new Map<NodeIndex, DocSet>();
    for (const { index, outcome } of ran) {
      const known = candidates.get(index) ?? new DocSet();
      candidates.set(index, known.unite(outcome.candidates));
    }
    const hits = this.merged(ran).map((found) => this.hit(found));
    let total = 0;
    for (const docs of candidates.values()) total += docs.count();
    const members = [`"hits":[${hits.join(",")}]`];
    const vectors = this.queryVectors(ran);
    if (vectors !== null) members.push(vectors);
    members.push(`"processingTimeMs":0`, this.windowText(total));
    const facets = this.facets(candidates);
    if (facets !== null) members.push(facets);
    if (ran.some(({ query }) => (query.hybrid?.semanticRatio ?? 0) > 0)) {
      members.push(`"semanticHitCount":${this.semantic(ran)}`);
    }
    return `{${members.join(",")}}`;
  }

  private runOne(asked: Asked): Ran {
    const { index, query } = asked;
    const { distinct } = this.federation;
    const exhaustive = this.federation.page !== null || this.federation.hitsPerPage !== null;
    if (distinct !== null) {
      checkDistinct(distinct, index.settings, (code, message) => {
        throw new ApiError(code, `Index \`${index.record.uid}\`: ${message}`);
      });
    }
    const effective = distinct === null ? query : { ...query, distinct };
    const limit = this.window.skip + this.window.take;
    const outcome = runQuery(index, effective, { limit, exhaustive }, this.enabled);
    const extra = extraFields(index, this.federation);
    return {
      ...asked,
      outcome,
      renderer: new HitRenderer(index, query, outcome, sortOf(query), extra),
    };
  }

  /** One query's hits are in order already; those of several are merged by their scores. */
  private merged(ran: readonly Ran[]): Found[] {
    const { skip, take } = this.window;
    const all = ran.flatMap((one) =>
      one.outcome.hits.map(({ doc, details }) => ({ ran: one, doc, details })),
    );
    if (ran.length <= 1) return all.slice(skip, skip + take);
    const seen = new Set<string>();
    return all
      .toSorted((a, b) => compareScores(a.details, a.ran.weight, b.details, b.ran.weight))
      .filter(({ ran: { index }, doc }) => {
        const key = `${index.record.uid}/${doc}`;
        const isNew = !seen.has(key);
        seen.add(key);
        return isNew;
      })
      .slice(skip, skip + take);
  }

  private hit({ ran, doc, details }: Found): string {
    const { index, query, position, weight } = ran;
    return hitText(ran.renderer.render(doc), details, query, index.settings.rankingRules, {
      indexUid: index.record.uid,
      position,
      weight,
      isProxied: this.isProxied,
    });
  }

  private windowText(total: number): string {
    const { page, hitsPerPage, limit, offset } = this.federation;
    if (page === null && hitsPerPage === null) return windowText({ limit, offset }, total);
    return windowText({ page: page ?? 1, hitsPerPage: hitsPerPage ?? HITS_PER_PAGE }, total);
  }

  private facets(candidates: ReadonlyMap<NodeIndex, DocSet>): string | null {
    const parts: string[] = [];
    for (const [index, docs] of candidates) {
      const patterns = this.federation.facetsByIndex.get(index.record.uid);
      if (patterns === undefined) continue;
      checkFacets(patterns, index.settings);
      const { distribution, stats } = facetTexts(index.search, patterns, docs);
      parts.push(
        `${JSON.stringify(index.record.uid)}:{"distribution":${distribution},"stats":${stats}}`,
      );
    }
    return parts.length === 0 ? null : `"facetsByIndex":{${parts.join(",")}}`;
  }

  private queryVectors(ran: readonly Ran[]): string | null {
    if (!ran.some(({ query }) => query.retrieveVectors)) return null;
    const vectors = ran.flatMap(({ query, position }) =>
      query.retrieveVectors && usesVector(query)
        ? [`"${position}":${JSON.stringify(query.vector)}`]
        : [],
    );
    return `"queryVectors":{${vectors.join(",")}}`;
  }

  private semantic(ran: readonly Ran[]): number {
    const found = this.merged(ran);
    return found.filter(({ details }) => details.some(({ kind }) => kind === "vector")).length;
  }
}

export function multiSearch(state: NodeState, exchange: NodeExchange): NodeAnswer {
  const queries = new Required<Json>((value) => value);
  const federation = new Optional<Json>((value) => value, null);
  fill({ queries, federation }, parseJson(exchange.body), Place.root());
  if (!isArray(queries.value)) {
    throw new ApiError("bad_request", "Invalid value type at `.queries`: expected an array");
  }
  const enabled = { containsFilter: state.features["containsFilter"] === true };
  if (federation.value === null) return plainSearches(state, queries.value, enabled);
  const asked = queries.value.map((query, position) =>
    inQuery(position, () => {
      if (!isObject(query))
        throw new ApiError("bad_request", "Invalid value type: expected an object");
      return askedQuery(state, query, position, enabled);
    }),
  );
  const searching = new FederatedSearch(
    federationOf(federation.value),
    enabled,
    isProxied(exchange),
  );
  return answer(searching.run(asked));
}

/** Each query on its own, with its own results. */
function plainSearches(
  state: NodeState,
  queries: readonly Json[],
  enabled: EnabledFeatures,
): NodeAnswer {
  const results = queries.map((query, position) =>
    inQuery(position, () => {
      const members = new Map(
        query !== null && typeof query === "object" && isObject(query) ? query : [],
      );
      const uid = members.get("indexUid");
      members.delete("indexUid");
      if (typeof uid !== "string") {
        throw new ApiError("missing_index_uid", "Missing field `indexUid`");
      }
      return `{"indexUid":${JSON.stringify(uid)},${searchMembers(state.get(uid), members, enabled)}}`;
    }),
  );
  return answer(`{"results":[${results.join(",")}]}`);
}
