/**
 * How attribute names match the rules of settings. There are two ways: a plain name also covers
 * the fields below it (`meta` covers `meta.rank`), a pattern may have a `*` at either end.
 */
import { MARK_FIELD } from "../placement/shard-mark.ts";
import type { FilterableAttribute, FilterFeatures } from "./settings.ts";

/** Whether `field` is `name` or lies below it. */
export function covers(name: string, field: string): boolean {
  return field.startsWith(name) && (field.length === name.length || field[name.length] === ".");
}

/** Whether a pattern names this attribute itself. */
export function matchesPattern(pattern: string, attribute: string): boolean {
  if (pattern === "*") return true;
  const before = pattern.startsWith("*");
  const after = pattern.endsWith("*");
  if (before && after) return attribute.includes(pattern.slice(1, -1));
  if (before) return attribute.endsWith(pattern.slice(1));
  if (after) return attribute.startsWith(pattern.slice(0, -1));
  return pattern === attribute;
}

/** Whether a pattern names this attribute or one below it. */
function reachesPattern(pattern: string, attribute: string): boolean {
  return matchesPattern(pattern, attribute) || covers(attribute, pattern);
}

const ALL_FEATURES: FilterFeatures = {
  facetSearch: true,
  filter: { equality: true, comparison: true },
};

export function featuresOf(rule: FilterableAttribute): FilterFeatures {
  return typeof rule === "string" ? ALL_FEATURES : rule.features;
}

export function isFilterable({ filter }: FilterFeatures): boolean {
  return filter.equality || filter.comparison;
}

export interface MatchedRule {
  readonly position: number;
  readonly features: FilterFeatures;
}

/** The first rule that covers an attribute. The hidden field of ours is covered by none. */
export function ruleOf(
  attribute: string,
  rules: readonly FilterableAttribute[],
): MatchedRule | undefined {
  if (attribute === MARK_FIELD) return undefined;
  for (const [position, rule] of rules.entries()) {
    const matches =
      typeof rule === "string"
        ? covers(rule, attribute)
        : rule.attributePatterns.some((pattern) => matchesPattern(pattern, attribute));
    if (matches) return { position, features: featuresOf(rule) };
  }
  return undefined;
}

/** Whether a pattern of a `facets` parameter and a rule can name a common attribute. */
export function intersects(rule: FilterableAttribute, pattern: string): boolean {
  if (typeof rule === "string") {
    return covers(rule, pattern) || covers(pattern, rule) || reachesPattern(pattern, rule);
  }
  return rule.attributePatterns.some(
    (own) => reachesPattern(pattern, own) || reachesPattern(own, pattern),
  );
}

/** The names and patterns of the rules whose features qualify, sorted, each once. */
export function patternsWith(
  rules: readonly FilterableAttribute[],
  qualifies: (features: FilterFeatures) => boolean,
): readonly string[] {
  const patterns = rules
    .filter((rule) => qualifies(featuresOf(rule)))
    .flatMap((rule) => (typeof rule === "string" ? [rule] : rule.attributePatterns));
  return sortedByBytes(patterns);
}

/** Each text once, in the order of UTF-8 bytes, as Rust orders sets of strings. */
export function sortedByBytes(texts: Iterable<string>): readonly string[] {
  return [...new Set(texts)].sort(compareBytes);
}

/** UTF-8 order is code-point order; UTF-16 order differs above U+D7FF. */
export function compareBytes(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let at = 0; at < length; at += 1) {
    const a = left.charCodeAt(at);
    const b = right.charCodeAt(at);
    if (a === b) continue;
    const aSurrogate = a >= 0xd800 && a <= 0xdfff;
    const bSurrogate = b >= 0xd800 && b <= 0xdfff;
    if (aSurrogate !== bSurrogate) return aSurrogate ? 1 : -1;
    return a - b;
  }
  return left.length - right.length;
}
