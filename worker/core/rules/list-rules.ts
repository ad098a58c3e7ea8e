/**
 * The list of dynamic search rules: those last changed first. A query looks for its words in
 * descriptions and in the words of conditions; as in any search, rules with more of them come first.
 */
import { boolean, count, nullable, text } from "../decode/decoders.ts";
import { fill, Optional } from "../decode/fields.ts";
import type { Json } from "../decode/json.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import { compareText } from "../json/text-order.ts";
import type { Paging } from "../query/parse-index.ts";
import { Tokenizer } from "../text/tokenizer.ts";
import type { SearchRule } from "./rule.ts";

const LIMIT_DEFAULT = 20;

export interface RuleListing extends Paging {
  readonly query: string | null;
  readonly active: boolean | null;
}

export function parseRuleListing(body: string): RuleListing {
  const offset = new Optional(count, 0, "invalid_dynamic_search_rule_offset");
  const limit = new Optional(count, LIMIT_DEFAULT, "invalid_dynamic_search_rule_limit");
  const filter = new Optional<Pick<RuleListing, "query" | "active"> | null>(
    nullable(ruleFilter),
    null,
    "invalid_dynamic_search_rule_filter",
  );
  fill({ offset, limit, filter }, parseJson(body), Place.root());
  return {
    offset: offset.value,
    limit: limit.value,
    query: filter.value?.query ?? null,
    active: filter.value?.active ?? null,
  };
}

function ruleFilter(value: Json, at: Place): Pick<RuleListing, "query" | "active"> {
  const query = new Optional<string | null>(
    nullable(text),
    null,
    "invalid_dynamic_search_rule_filter_query",
  );
  const active = new Optional<boolean | null>(
    nullable(boolean),
    null,
    "invalid_dynamic_search_rule_filter_active",
  );
  fill({ query, active }, value, at);
  return { query: query.value, active: active.value };
}

const TOKENIZER = new Tokenizer({
  stopWords: [],
  separatorTokens: [],
  nonSeparatorTokens: [],
  dictionary: [],
});

/** The words of a text by which rules are found, and by which they look at queries. */
export function ruleWords(words: string): readonly string[] {
  return TOKENIZER.words(words);
}

/** All rules that the listing means, in its order. */
export function listedRules(
  rules: readonly SearchRule[],
  { query, active }: Pick<RuleListing, "query" | "active">,
): readonly SearchRule[] {
  const wanted = query === null ? [] : ruleWords(query);
  return rules
    .filter((rule) => active === null || rule.active === active)
    .map((rule) => ({ rule, found: wordsFound(rule, wanted) }))
    .filter(({ found }) => wanted.length === 0 || found > 0)
    .toSorted(
      (a, b) =>
        b.found - a.found ||
        compareText(b.rule.lastUpdatedAt, a.rule.lastUpdatedAt) ||
        a.rule.number - b.rule.number,
    )
    .map(({ rule }) => rule);
}

/** How many words of the query, from the first on, the rule has. */
function wordsFound({ description, conditions }: SearchRule, wanted: readonly string[]): number {
  const texts = [description, conditions.query?.words ?? null];
  const known = new Set(texts.flatMap((each) => (each === null ? [] : ruleWords(each))));
  const missing = wanted.findIndex((word) => !known.has(word));
  return missing === -1 ? wanted.length : missing;
}
