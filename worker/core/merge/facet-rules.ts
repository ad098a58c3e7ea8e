/** Which facets a client may see and how their values are ordered, by the client's settings. */
import { MARK_FIELD } from "../placement/shard-mark.ts";
import type { FilterableAttribute, IndexSettings } from "../settings/settings.ts";
import type { FacetRules } from "./facets.ts";

/** Whether a pattern (`*`, `a*`, `*a`, `*a*` or a whole name) matches an attribute. */
function matchesPattern(pattern: string, attribute: string): boolean {
  if (pattern === "*") return true;
  const open = pattern.startsWith("*");
  const ended = pattern.endsWith("*");
  if (open && ended) return attribute.includes(pattern.slice(1, -1));
  if (ended) return attribute.startsWith(pattern.slice(0, -1));
  if (open) return attribute.endsWith(pattern.slice(1));
  return attribute === pattern;
}

/** As Meilisearch does: a plain name holds also for what lies within it, patterns do not. */
function matchesRule(rule: FilterableAttribute, attribute: string): boolean {
  if (typeof rule !== "string") {
    return rule.attributePatterns.some((pattern) => matchesPattern(pattern, attribute));
  }
  return rule === "*" || attribute === rule || attribute.startsWith(`${rule}.`);
}

function allowsFilters(rule: FilterableAttribute): boolean {
  if (typeof rule === "string") return true;
  const { equality, comparison } = rule.features.filter;
  return equality || comparison;
}

/** Whether the client made the attribute filterable: the first rule that matches it decides. */
export function isFilterable(attribute: string, rules: readonly FilterableAttribute[]): boolean {
  const rule = rules.find((candidate) => matchesRule(candidate, attribute));
  return rule !== undefined && allowsFilters(rule);
}

/** Whether a filter may compare the attribute with a value. */
export function takesEquality(attribute: string, { filterableAttributes }: IndexSettings): boolean {
  const rule = filterableAttributes.find((candidate) => matchesRule(candidate, attribute));
  return rule !== undefined && (typeof rule === "string" || rule.features.filter.equality);
}

export function facetRules(settings: IndexSettings): FacetRules {
  const { maxValuesPerFacet, sortFacetValuesBy } = settings.faceting;
  return {
    isVisible: (facet) =>
      facet !== MARK_FIELD && isFilterable(facet, settings.filterableAttributes),
    orderOf: (facet) => sortFacetValuesBy[facet] ?? sortFacetValuesBy["*"] ?? "alpha",
    maxValuesPerFacet,
  };
}
