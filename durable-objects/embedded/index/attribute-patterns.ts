/** How attribute names meet the patterns of settings. `a` covers `a.b`; `*` is a wildcard at an end. */
import {
  covers,
  featuresOf,
  type MatchedRule,
  matchesPattern,
} from "../../../worker/core/settings/attribute-patterns.ts";
import type { FilterableAttribute } from "../../../worker/core/settings/settings.ts";

/** `parent`: not matched itself, but something nested in it may be. */
export type PatternMatch = "match" | "parent" | "none";

/** Names without wildcards: sortable, searchable, displayed and plain filterable attributes. */
export function matchName(name: string, field: string): PatternMatch {
  if (covers(name, field)) return "match";
  return covers(field, name) ? "parent" : "none";
}

export function matchPattern(pattern: string, field: string): PatternMatch {
  if (matchesPattern(pattern, field)) return "match";
  return covers(field, pattern) ? "parent" : "none";
}

/** The best match of several. */
export function bestMatch(matches: Iterable<PatternMatch>): PatternMatch {
  let best: PatternMatch = "none";
  for (const match of matches) {
    if (match === "match") return "match";
    if (match === "parent") best = "parent";
  }
  return best;
}

export function matchPatterns(patterns: readonly string[], field: string): PatternMatch {
  return bestMatch(patterns.map((pattern) => matchPattern(pattern, field)));
}

export function matchNames(names: readonly string[], field: string): PatternMatch {
  return bestMatch(names.map((name) => matchName(name, field)));
}

export function matchRule(rule: FilterableAttribute, field: string): PatternMatch {
  return typeof rule === "string"
    ? matchName(rule, field)
    : matchPatterns(rule.attributePatterns, field);
}

/** The first rule that matches the attribute: it alone decides. Also for Miroir's hidden field. */
export function matchedRule(
  rules: readonly FilterableAttribute[],
  field: string,
): MatchedRule | undefined {
  const position = rules.findIndex((rule) => matchRule(rule, field) === "match");
  const rule = rules[position];
  return rule === undefined ? undefined : { position, features: featuresOf(rule) };
}
