/**
 * What an index's settings say about one attribute: its weight in search, whether it is faceted.
 * Answers are kept per attribute name, since every document asks them again.
 */
import type { IndexSettings } from "../../../worker/core/settings/settings.ts";
import { covers, isFilterable } from "../../../worker/core/settings/attribute-patterns.ts";
import {
  bestMatch,
  matchedRule,
  matchName,
  matchNames,
  matchRule,
  type PatternMatch,
} from "./attribute-patterns.ts";

export const GEO_FIELD = "_geo";
export const VECTORS_FIELD = "_vectors";
const GEOJSON_FIELD = "_geojson";

export interface SortRule {
  readonly field: string;
  readonly ascending: boolean;
}

/** `price:asc` and the like; undefined for the built-in rules. */
export function customRule(rule: string): SortRule | undefined {
  const direction = /^(.+):(asc|desc)$/.exec(rule);
  const field = direction?.[1];
  return field === undefined ? undefined : { field, ascending: direction?.[2] === "asc" };
}

/** Names without those that an earlier one already covers (`a` covers `a.b`). */
function withoutCovered(names: readonly string[]): string[] {
  return names.filter((name, at) => !names.slice(0, at).includes(name));
}

export class Schema {
  readonly settings: IndexSettings;
  /** Undefined: every attribute is searchable, all with the same weight. */
  readonly searchable: readonly string[] | undefined;
  readonly geoIsFaceted: boolean;
  readonly geoIsFilterable: boolean;
  private readonly customRules: readonly SortRule[];
  private readonly weights = new Map<string, number | undefined>();
  private readonly searchMatches = new Map<string, PatternMatch>();
  private readonly facetMatches = new Map<string, PatternMatch>();

  constructor(settings: IndexSettings) {
    this.settings = settings;
    this.searchable = settings.searchableAttributes.includes("*")
      ? undefined
      : withoutCovered(settings.searchableAttributes);
    this.customRules = settings.rankingRules.flatMap((rule) => customRule(rule) ?? []);
    const filterable = matchedRule(settings.filterableAttributes, GEO_FIELD);
    this.geoIsFilterable = filterable !== undefined && isFilterable(filterable.features);
    this.geoIsFaceted = this.geoIsFilterable || settings.sortableAttributes.includes(GEO_FIELD);
  }

  /** Position in `searchableAttributes`; undefined when the attribute is not searchable. */
  weight(field: string): number | undefined {
    if (this.weights.has(field)) return this.weights.get(field);
    const weight = this.computeWeight(field);
    this.weights.set(field, weight);
    return weight;
  }

  get maxWeight(): number {
    return this.searchable === undefined ? 0 : Math.max(0, this.searchable.length - 1);
  }

  searchMatch(field: string): PatternMatch {
    const known = this.searchMatches.get(field);
    if (known !== undefined) return known;
    const match = this.computeSearchMatch(field);
    this.searchMatches.set(field, match);
    return match;
  }

  /** Whether typos are refused in this attribute. */
  isExact(field: string): boolean {
    return matchNames(this.settings.typoTolerance.disableOnAttributes, field) === "match";
  }

  facetMatch(field: string): PatternMatch {
    const known = this.facetMatches.get(field);
    if (known !== undefined) return known;
    const match = this.computeFacetMatch(field);
    this.facetMatches.set(field, match);
    return match;
  }

  isSortable(field: string): boolean {
    return matchNames(this.settings.sortableAttributes, field) === "match";
  }

  isFilterable(field: string): boolean {
    const rule = matchedRule(this.settings.filterableAttributes, field);
    return rule !== undefined && isFilterable(rule.features);
  }

  private isReserved(field: string): boolean {
    return [VECTORS_FIELD, GEO_FIELD, GEOJSON_FIELD].some((name) => covers(name, field));
  }

  private computeWeight(field: string): number | undefined {
    if (this.isReserved(field)) return undefined;
    if (this.searchable === undefined) return 0;
    const at = this.searchable.findIndex((name) => matchName(name, field) === "match");
    return at === -1 ? undefined : at;
  }

  private computeSearchMatch(field: string): PatternMatch {
    if (this.isReserved(field)) return "none";
    return this.searchable === undefined ? "match" : matchNames(this.searchable, field);
  }

  private computeFacetMatch(field: string): PatternMatch {
    if (covers(VECTORS_FIELD, field) || covers(GEO_FIELD, field)) return "none";
    const { filterableAttributes, sortableAttributes, distinctAttribute } = this.settings;
    return bestMatch([
      matchNames(sortableAttributes, field),
      ...filterableAttributes.map((rule) => matchRule(rule, field)),
      ...this.customRules.map((rule) => matchName(rule.field, field)),
      distinctAttribute === null ? "none" : matchName(distinctAttribute, field),
    ]);
  }
}
