/** `POST /indexes/{uid}/search` and `/facet-search`. */
import { count, list, nullable, oneOf, text } from "../../../worker/core/decode/decoders.ts";
import { fill, Optional, Required } from "../../../worker/core/decode/fields.ts";
import type { Json } from "../../../worker/core/decode/json.ts";
import { parseJson } from "../../../worker/core/decode/payload.ts";
import { Place } from "../../../worker/core/decode/place.ts";
import { ApiError } from "../../../worker/core/errors/api-error.ts";
import { filterOf } from "../../../worker/core/filter/shape.ts";
import { checkFacetName } from "../../../worker/core/query/check-attributes.ts";
import type { EnabledFeatures } from "../../../worker/core/query/features.ts";
import { MATCHING_STRATEGIES } from "../../../worker/core/query/search-defaults.ts";
import type { MatchingStrategy, SearchQuery } from "../../../worker/core/query/search-query.ts";
import { filteredDocs } from "../filter/evaluate.ts";
import { nodeFilter } from "../engine/filters.ts";
import { HitRenderer } from "../engine/hits.ts";
import type { NodeIndex } from "../engine/node-index.ts";
import { checkedQuery, runQuery, sortOf, usesVector } from "../engine/query-run.ts";
import { facetTexts } from "../facets/distribution.ts";
import { facetSearch } from "../facets/facet-search.ts";
import { candidatesOf } from "../search/search.ts";
import { answer, type NodeAnswer, type NodeExchange } from "./exchange.ts";
import { hitText, windowText } from "./search-answer.ts";

function windowOf(query: SearchQuery, max: number): { skip: number; take: number } {
  const { window } = query;
  if (window.kind === "slice") {
    const skip = Math.min(window.offset, max);
    return { skip, take: Math.min(window.limit, max - skip) };
  }
  if (window.page === 0) return { skip: 0, take: 0 };
  const skip = Math.min((window.page - 1) * window.hitsPerPage, max);
  return { skip, take: Math.min(window.hitsPerPage, max - skip) };
}

export function searchIndex(
  index: NodeIndex,
  exchange: NodeExchange,
  enabled: EnabledFeatures,
): NodeAnswer {
  return answer(`{${searchMembers(index, parseJson(exchange.body), enabled)}}`);
}

/** The members of a search's answer. */
export function searchMembers(index: NodeIndex, asked: Json, enabled: EnabledFeatures): string {
  const query = checkedQuery(index, asked, enabled);
  const { skip, take } = windowOf(query, index.settings.pagination.maxTotalHits);
  const exhaustive = query.window.kind === "page";
  const outcome = runQuery(index, query, { limit: skip + take, exhaustive }, enabled);
  const renderer = new HitRenderer(index, query, outcome, sortOf(query), []);
  const hits = outcome.hits
    .slice(skip, skip + take)
    .map(({ doc, details }) =>
      hitText(renderer.render(doc), details, query, index.settings.rankingRules, null),
    );
  const members = [`"hits":[${hits.join(",")}]`, `"query":${JSON.stringify(query.q ?? "")}`];
  if (query.retrieveVectors && usesVector(query)) {
    members.push(`"queryVector":${JSON.stringify(query.vector)}`);
  }
  members.push(`"processingTimeMs":0`, windowText(query.window, outcome.candidates.count()));
  if (query.facets !== null) {
    const { distribution, stats } = facetTexts(index.search, query.facets, outcome.candidates);
    members.push(`"facetDistribution":${distribution}`, `"facetStats":${stats}`);
  }
  if (query.hybrid !== null && query.hybrid.semanticRatio > 0) {
    const semantic = outcome.hits.slice(skip, skip + take);
    members.push(
      `"semanticHitCount":${semantic.filter(({ details }) => details.some(({ kind }) => kind === "vector")).length}`,
    );
  }
  return members.join(",");
}

function facetFields() {
  return {
    facetName: new Required(
      text,
      "invalid_facet_search_facet_name",
      "missing_facet_search_facet_name",
    ),
    facetQuery: new Optional(nullable(text), null, "invalid_facet_search_query"),
    q: new Optional(nullable(text), null, "invalid_search_q"),
    filter: new Optional<Json>((value) => value, null, "invalid_search_filter"),
    matchingStrategy: new Optional<MatchingStrategy>(
      oneOf(MATCHING_STRATEGIES),
      "last",
      "invalid_search_matching_strategy",
    ),
    attributesToSearchOn: new Optional(
      nullable(list(text)),
      null,
      "invalid_search_attributes_to_search_on",
    ),
    limit: new Optional(nullable(count), null, "invalid_search_limit"),
  };
}

export function searchFacets(
  index: NodeIndex,
  exchange: NodeExchange,
  enabled: EnabledFeatures,
): NodeAnswer {
  const fields = facetFields();
  fill(fields, parseJson(exchange.body), Place.root(), { ignoreUnknown: true });
  if (!index.settings.facetSearch) {
    throw new ApiError("facet_search_disabled", "The facet search is disabled for this index");
  }
  const field = fields.facetName.value;
  checkFacetName(field, index.settings);
  const context = {
    code: "invalid_search_filter",
    indexUid: index.record.uid,
    normalForm: true,
  } as const;
  const filterValue = filterOf(fields.filter.value, "invalid_search_filter");
  const candidates = candidatesOf(index.search, index.synonyms, {
    q: fields.q.value,
    universe: filteredDocs(index.search, nodeFilter(index.search, filterValue, context, enabled)),
    sort: [],
    distinct: null,
    strategy: fields.matchingStrategy.value,
    searchOn: fields.attributesToSearchOn.value,
    threshold: null,
    vector: null,
    limit: 0,
    exhaustive: false,
    maxTotalHits: 0,
  });
  const hits = facetSearch(index.search, field, fields.facetQuery.value, candidates);
  return answer(
    JSON.stringify({ facetHits: hits, facetQuery: fields.facetQuery.value, processingTimeMs: 0 }),
  );
}
