/** Whether the attributes that a search names may be used so, with Meilisearch's refusals. */
import { ApiError } from "../errors/api-error.ts";
import type { ErrorCode } from "../errors/codes.ts";
import { MARK_FIELD } from "../placement/shard-mark.ts";
import {
  covers,
  featuresOf,
  intersects,
  isFilterable,
  matchesPattern,
  patternsWith,
  ruleOf,
  sortedByBytes,
} from "../settings/attribute-patterns.ts";
import type { IndexSettings } from "../settings/settings.ts";
import type { SortCriterion } from "./sort-criterion.ts";

/** Throws an error about the index, told as the route tells it. */
export type Fail = (code: ErrorCode, message: string) => never;

export function checkSearchable(
  attributes: readonly string[],
  settings: IndexSettings,
  fail: Fail,
): void {
  const { searchableAttributes } = settings;
  // As Meilisearch does: with every field searchable, any name is accepted.
  if (searchableAttributes.includes("*")) return;
  for (const attribute of attributes) {
    if (attribute === "*") continue;
    const known = searchableAttributes.some(
      (own) => own === attribute || (attribute.includes("*") && matchesPattern(attribute, own)),
    );
    if (known) continue;
    const available = visible(searchableAttributes, settings);
    fail(
      "invalid_search_attributes_to_search_on",
      `Attribute \`${attribute}\` is not searchable. Available searchable attributes are: ${listed(available)}.`,
    );
  }
}

export function checkDistinct(distinct: string, settings: IndexSettings, fail: Fail): void {
  const rules = settings.filterableAttributes;
  const rule = ruleOf(distinct, rules);
  if (rule !== undefined && isFilterable(rule.features)) return;
  const refusal = `Attribute \`${distinct}\` is not filterable and thus, cannot be used as distinct attribute. `;
  if (rule !== undefined) {
    const number = rule.position;
    fail(
      "invalid_search_distinct",
      `${refusal}Note: this attribute matches rule #${number} in filterableAttributes, but this rule does not enable filtering.\nHint: enable filtering in rule #${number} by adding appropriate filter features.\nHint: prepend another rule matching ${distinct} with filter features before rule #${number}`,
    );
  }
  const available = visible(patternsWith(rules, isFilterable), settings);
  fail(
    "invalid_search_distinct",
    available.names.length === 0
      ? `${refusal}This index does not have configured filterable attributes.`
      : `${refusal}Available filterable attributes patterns are: ${listed(available)}.`,
  );
}

export function checkSortable(
  criteria: readonly SortCriterion[],
  settings: IndexSettings,
  fail: Fail,
): void {
  if (criteria.length === 0) return;
  if (!settings.rankingRules.includes("sort")) {
    fail(
      "invalid_search_sort",
      "You must specify where `sort` is listed in the rankingRules setting to use the sort parameter at search time.",
    );
  }
  const attribute = unsortable(criteria, settings);
  if (attribute === undefined) return;
  const available = visible(settings.sortableAttributes, settings);
  fail("invalid_search_sort", notSortable(attribute, available));
}

/** The first attribute that may not be sorted by; `_geo` for a point. */
export function unsortable(
  criteria: readonly SortCriterion[],
  { sortableAttributes }: IndexSettings,
): string | undefined {
  for (const criterion of criteria) {
    if (criterion.kind === "geo") {
      if (!sortableAttributes.includes("_geo")) return "_geo";
    } else if (
      criterion.field === MARK_FIELD ||
      !sortableAttributes.some((own) => covers(own, criterion.field))
    ) {
      return criterion.field;
    }
  }
  return undefined;
}

export function notSortable(attribute: string, available: Visible): string {
  return available.names.length === 0
    ? `Attribute \`${attribute}\` is not sortable. This index does not have configured sortable attributes.`
    : `Attribute \`${attribute}\` is not sortable. Available sortable attributes are: ${listed(available)}.`;
}

export function checkFacets(patterns: readonly string[], settings: IndexSettings): void {
  const rules = settings.filterableAttributes;
  for (const pattern of patterns) {
    const refusal = facetRefusal(pattern, rules);
    if (refusal !== undefined) {
      throw new ApiError("invalid_search_facets", `Invalid facet distribution: ${refusal}`);
    }
  }
}

function facetRefusal(
  pattern: string,
  rules: IndexSettings["filterableAttributes"],
): string | undefined {
  for (const [number, rule] of rules.entries()) {
    if (isFilterable(featuresOf(rule))) {
      if (intersects(rule, pattern)) return undefined;
    } else if (ruleOf(pattern, [rule]) !== undefined) {
      return `Attribute \`${pattern}\` matched rule #${number} in filterableAttributes, but this rule does not enable filtering.\nHint: enable filtering in rule #${number} by modifying the features.filter object\nHint: prepend another rule matching \`${pattern}\` with appropriate filter features before rule #${number}`;
    }
  }
  const available = patternsWith(rules, isFilterable);
  return available.length === 0
    ? `Pattern \`${pattern}\` is not filterable. This index does not have configured filterable attributes.`
    : `Pattern \`${pattern}\` is not filterable. Available filterable attributes patterns are: \`${available.join(", ")}\`.`;
}

export function checkFacetName(name: string, settings: IndexSettings): void {
  const rules = settings.filterableAttributes;
  const rule = ruleOf(name, rules);
  if (rule?.features.facetSearch === true) return;
  const refusal = `Attribute \`${name}\` is not facet-searchable. `;
  const available = visible(
    patternsWith(rules, (features) => features.facetSearch),
    settings,
  );
  const hint = "To make it facet-searchable add it to the `filterableAttributes` index settings.";
  let note: string;
  if (rule !== undefined) {
    const number = rule.position;
    note = `Note: this attribute matches rule #${number} in filterableAttributes, but this rule does not enable facetSearch.\nHint: enable facetSearch in rule #${number} by adding \`"facetSearch": true\` to the rule.\nHint: prepend another rule matching ${name} with facetSearch: true before rule #${number}`;
  } else if (available.names.length === 0) {
    note = `This index does not have configured facet-searchable attributes. ${hint}`;
  } else {
    note = `Available facet-searchable attributes patterns are: ${listed(available)}. ${hint}`;
  }
  throw new ApiError("invalid_facet_search_facet_name", refusal + note);
}

/** Names that a message may list, and whether some were left out. */
export interface Visible {
  readonly names: readonly string[];
  readonly hidden: boolean;
}

/** As Meilisearch does: attributes that are not displayed are not named. */
function visible(names: readonly string[], { displayedAttributes }: IndexSettings): Visible {
  const sorted = sortedByBytes(names);
  if (displayedAttributes.includes("*")) return { names: sorted, hidden: false };
  const shown = sorted.filter((name) => displayedAttributes.includes(name));
  return { names: shown, hidden: shown.length < sorted.length };
}

function listed({ names, hidden }: Visible): string {
  return `\`${names.join(", ")}${hidden ? ", <..hidden-attributes>" : ""}\``;
}
