/** Which facets a client may see and how their values are ordered, by the client's settings. */
import { isFilterable as allowsFilters, ruleOf } from "../settings/attribute-patterns.ts";
import type { FilterableAttribute, IndexSettings } from "../settings/settings.ts";
import type { FacetRules } from "./facets.ts";

/** Whether the client made the attribute filterable: the first rule that matches it decides. */
export function isFilterable(attribute: string, rules: readonly FilterableAttribute[]): boolean {
  const rule = ruleOf(attribute, rules);
  return rule !== undefined && allowsFilters(rule.features);
}

/** Whether a filter may compare the attribute with a value. */
export function takesEquality(attribute: string, { filterableAttributes }: IndexSettings): boolean {
  return ruleOf(attribute, filterableAttributes)?.features.filter.equality === true;
}

export function facetRules(settings: IndexSettings): FacetRules {
  const { maxValuesPerFacet, sortFacetValuesBy } = settings.faceting;
  return {
    isVisible: (facet) => isFilterable(facet, settings.filterableAttributes),
    orderOf: (facet) => sortFacetValuesBy[facet] ?? sortFacetValuesBy["*"] ?? "alpha",
    maxValuesPerFacet,
  };
}
