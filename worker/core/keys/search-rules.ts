/**
 * The search rules of a tenant token: which indexes it covers, and with which filter. One rule holds
 * for an index, that of the closest pattern: its exact uid, else the longest one that matches.
 */
import { type Json, isArray, isObject } from "../decode/json.ts";
import { compareText } from "../json/text-order.ts";
import { isExact, matchesAny, matchesIndex } from "./index-pattern.ts";

/** The filter of each pattern, any JSON; null where the pattern does not restrict. */
export type SearchRules = ReadonlyMap<string, Json>;

/** Undefined when the value is no search rules. */
export function searchRulesOf(value: Json): SearchRules | undefined {
  if (value === null || typeof value !== "object") return undefined;
  const entries = isArray(value)
    ? value.map((pattern) => [pattern, null] as const)
    : isObject(value)
      ? [...value].map(([pattern, rule]) => [pattern, ruleFilter(rule)] as const)
      : undefined;
  if (entries === undefined) return undefined;
  const rules = new Map<string, Json>();
  for (const [pattern, filter] of entries) {
    if (typeof pattern !== "string" || filter === undefined) return undefined;
    rules.set(pattern, filter);
  }
  return rules;
}

function ruleFilter(rule: Json): Json | undefined {
  if (rule === null) return null;
  if (typeof rule !== "object") return undefined;
  // As Meilisearch does: a list of one element is a rule with that filter.
  if (isArray(rule)) return rule.length === 1 ? rule[0] : undefined;
  return isObject(rule) ? (rule.get("filter") ?? null) : undefined;
}

export function rulesCover(rules: SearchRules, index: string): boolean {
  return matchesAny(rules.keys(), index);
}

/** The patterns, in the order in which messages list them. */
export function rulePatterns(rules: SearchRules): readonly string[] {
  return [...rules.keys()].toSorted(compareText);
}

/** The filter that holds for an index; null when there is none. */
export function filterOfRules(rules: SearchRules, index: string): Json {
  let closest: string | undefined;
  for (const pattern of rules.keys()) {
    if (!matchesIndex(pattern, index)) continue;
    if (closest === undefined || isCloser(pattern, closest)) closest = pattern;
  }
  return closest === undefined ? null : (rules.get(closest) ?? null);
}

function isCloser(pattern: string, than: string): boolean {
  if (isExact(pattern) !== isExact(than)) return isExact(pattern);
  return pattern.length > than.length;
}
