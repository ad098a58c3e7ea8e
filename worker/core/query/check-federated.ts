/**
 * Whether queries can be federated, with Meilisearch's refusals. It looks at all filters first, then
 * at what a federated query must not have, and then at the queries index by index, in the order of
 * the indexes' uids.
 */
import { ApiError } from "../errors/api-error.ts";
import type { ErrorCode } from "../errors/codes.ts";
import { facetRules } from "../merge/facet-rules.ts";
import { matchesPattern } from "../settings/attribute-patterns.ts";
import type { FacetOrder, IndexSettings } from "../settings/settings.ts";
import { type EnabledFeatures, featureError, refuseUseNetwork } from "./features.ts";
import type { Federation, MultiSearchQuery } from "./parse-multi-search.ts";

/** What a query may only have when it is not federated. Throws for the first that it has. */
export function checkFederatedQuery(
  query: MultiSearchQuery,
  federation: Federation,
  enabled: EnabledFeatures = {},
): void {
  const paged = (["offset", "limit", "page", "hitsPerPage"] as const).find(
    (name) => query.paging[name] !== null,
  );
  const remove = (name: string): string =>
    `\n - Hint: remove \`${name}\` from the query or remove \`federation\` from the request`;
  const refuse = (code: ErrorCode, message: string): never => {
    throw new ApiError(code, message);
  };
  const { facets, federationOptions } = query;
  if (paged !== undefined) {
    refuse(
      "invalid_multi_search_query_pagination",
      `Using pagination options is not allowed in federated queries.${remove(paged)}\n - Hint: pass \`federation.limit\` and \`federation.offset\` for pagination in federated search`,
    );
  }
  if (facets !== null && facets.length > 0) {
    const listed = `[${facets.map((facet) => JSON.stringify(facet)).join(", ")}]`;
    refuse(
      "invalid_multi_search_query_facets",
      `Using facet options is not allowed in federated queries.${remove("facets")}\n - Hint: pass \`federation.facetsByIndex.${query.indexUid}: ${listed}\` for facets in federated search`,
    );
  }
  if (query.personalize !== null) {
    refuse(
      "invalid_multi_search_query_personalization",
      `Using \`.personalize\` is not allowed in federated queries.${remove("personalize")}\n - Hint: pass \`federation.personalize\` for personalization in federated search`,
    );
  }
  const remote = federationOptions?.remote ?? null;
  if (remote !== null && query.useNetwork === true) {
    refuse(
      "invalid_multi_search_federation_options",
      "Using `.useNetwork` is not allowed as the same time as `.federationOptions.remote`.\n  - Hint: to perform an explicit query against a remote, remove `.useNetwork`.\n  - Hint: to automatically perform queries against the entire network, remove `.federationOptions.remote`.",
    );
  }
  if (query.showPerformanceDetails !== null) {
    refuse(
      "invalid_multi_search_query_show_performance_details",
      `Using \`.showPerformanceDetails\` is not allowed in federated queries.${remove("showPerformanceDetails")}`,
    );
  }
  if (query.distinct !== null && federation.distinct !== null) {
    refuse(
      "invalid_multi_search_distinct",
      `Using \`distinct\` options is not allowed in federated queries when it also appears in \`.federation.distinct\`.${remove("distinct")}\n  - Note: \`distinct\` at the query level is discouraged in federated search.`,
    );
  }
  refuseNetwork(query, enabled);
}

/** Remotes that are this instance are none any more; others are not behind this service. */
function refuseNetwork(
  { useNetwork, federationOptions }: MultiSearchQuery,
  enabled: EnabledFeatures,
): void {
  refuseUseNetwork(useNetwork, enabled);
  if (federationOptions === null) return;
  const { remote, queryPosition } = federationOptions;
  if (remote !== null) throw featureError("network", "Performing a remote federated search");
  if (queryPosition !== null) {
    throw featureError("network", "Using `federationOptions.queryPosition`");
  }
}

/** The order of the values of facets that are merged: it must be one for all indexes. */
export class FacetOrders {
  readonly #orders = new Map<string, { readonly uid: string; readonly order: FacetOrder }>();

  /** Throws when some facet of this index has another order than in the indexes before. */
  add(uid: string, settings: IndexSettings, facets: Iterable<string>): void {
    const rules = facetRules(settings);
    for (const facet of facets) {
      const order = rules.orderOf(facet);
      const known = this.#orders.get(facet);
      if (known === undefined) this.#orders.set(facet, { uid, order });
      else if (known.order !== order) {
        throw new ApiError(
          "invalid_multi_search_facet_order",
          `Inconsistent order for values in facet \`${facet}\`: index \`${known.uid}\` orders ${ORDERED[known.order]}, but index \`${uid}\` orders ${ORDERED[order]}.\n - Hint: Remove \`federation.mergeFacets\` or change \`faceting.sortFacetValuesBy\` to be consistent in settings.`,
        );
      }
    }
  }

  orderOf(facet: string): FacetOrder {
    return this.#orders.get(facet)?.order ?? "alpha";
  }
}

const ORDERED: Readonly<Record<FacetOrder, string>> = {
  alpha: "alphabetically",
  count: "by count",
};

/** The facets that patterns name for certain, whatever fields the documents have. */
export function namedFacets(
  patterns: readonly string[],
  { filterableAttributes }: IndexSettings,
): readonly string[] {
  const names = filterableAttributes.flatMap((rule) =>
    typeof rule === "string"
      ? [rule]
      : rule.attributePatterns.filter((pattern) => !pattern.includes("*")),
  );
  return names.filter((name) => patterns.some((pattern) => matchesPattern(pattern, name)));
}

/** The place that messages about an index's facets begin with. */
export function insideFacets(uid: string): string {
  return `Inside \`.federation.facetsByIndex.${uid}\`: `;
}

/** What is added to messages about the facets of an index that no query searches. */
export function unusedIndexNote(uid: string): string {
  return `\n - Note: index \`${uid}\` is not used in queries`;
}
