/** Which texts are ranking rules: the built-in names, and `field:asc` or `field:desc`. */
import { RESERVED, RESERVED_CALLS } from "./reserved-words.ts";

const BUILT_IN: ReadonlySet<string> = new Set([
  "words",
  "typo",
  "proximity",
  "attribute",
  "attributeRank",
  "wordPosition",
  "sort",
  "exactness",
]);

export const MIXED_ATTRIBUTE_RULES =
  "Mixed usage of the attribute, attributeRank, and wordPosition ranking rules. You must either use the attribute ranking rule alone or the attributeRank and wordPosition ranking rules.";

/** The field of a rule that sorts by one; undefined for the built-in rules. */
export function sortedField(rule: string): string | undefined {
  if (BUILT_IN.has(rule)) return undefined;
  const colon = rule.lastIndexOf(":");
  return colon === -1 ? undefined : rule.slice(0, colon);
}

/** Why a text is no ranking rule, in Meilisearch's words; undefined when it is one. */
export function rankingRuleMistake(rule: string): string | undefined {
  if (BUILT_IN.has(rule)) return undefined;
  const colon = rule.lastIndexOf(":");
  const direction = rule.slice(colon + 1);
  if (colon === -1 || (direction !== "asc" && direction !== "desc")) {
    return `\`${rule}\` ranking rule is invalid. Valid ranking rules are words, typo, sort, proximity, attribute, exactness and custom ranking rules.`;
  }
  const field = rule.slice(0, colon);
  const point = field.startsWith("_geoPoint(") && field.endsWith(")");
  if (!point && !RESERVED.has(field) && !RESERVED_CALLS.some((call) => field.startsWith(call))) {
    return undefined;
  }
  const reserved = (name: string): string =>
    `\`${name}\` is a reserved keyword and thus can't be used as a ranking rule`;
  const only = (name: string, use: string): string =>
    `${reserved(name)}. \`${name}\` can only be used for ${use} at search time`;
  if (field.startsWith("_geoPoint")) return only("_geoPoint", "sorting");
  if (field.startsWith("_geoRadius")) return only("_geoRadius", "filtering");
  if (field.startsWith("_geoBoundingBox")) return only("_geoBoundingBox", "filtering");
  return reserved(field);
}

/** The joint `attribute` rule excludes the two that split it. */
export function mixesAttributeRules(rules: readonly string[]): boolean {
  return (
    rules.includes("attribute") &&
    (rules.includes("attributeRank") || rules.includes("wordPosition"))
  );
}
