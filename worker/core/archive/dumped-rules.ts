/** Dynamic search rules in a dump: as Meilisearch, the documents of an index of its own. */
import { DEFAULT_SETTINGS, type FilterableRule } from "../settings/settings.ts";
import { constraintCount } from "../rules/filter-matcher.ts";
import { viewRule, type SearchRule } from "../rules/rule.ts";
import { dumpSettings } from "./dump-files.ts";

export const RULES_INDEX = ".meili_dsr";

function filterable(pattern: string, comparison: boolean): FilterableRule {
  return {
    attributePatterns: [pattern],
    features: { facetSearch: false, filter: { equality: true, comparison } },
  };
}

/** Those by which Meilisearch finds rules. */
export const RULES_SETTINGS: string = dumpSettings({
  ...DEFAULT_SETTINGS,
  searchableAttributes: ["conditions.query.words", "description"],
  filterableAttributes: [
    filterable("active", false),
    filterable("conditions.time.start", true),
    filterable("conditions.time.end", true),
    filterable("conditions.query.isEmpty", false),
    filterable("conditions.filter.values.*", true),
    filterable("conditions.filter.nbConstraints", true),
  ],
  sortableAttributes: ["lastUpdatedAt", "precedence"],
  proximityPrecision: "byAttribute",
  typoTolerance: { ...DEFAULT_SETTINGS.typoTolerance, enabled: false, disableOnNumbers: true },
  facetSearch: false,
  prefixSearch: "disabled",
});

/** One line for each rule. */
export function dumpRules(rules: readonly SearchRule[]): string {
  return rules.map((rule) => `${JSON.stringify(ruleDocument(rule))}\n`).join("");
}

function ruleDocument(rule: SearchRule): object {
  const { filter } = rule.conditions;
  if (filter === null) return viewRule(rule);
  const counted = { ...filter, nbConstraints: constraintCount(filter.values) };
  return viewRule({ ...rule, conditions: { ...rule.conditions, filter: counted } });
}
