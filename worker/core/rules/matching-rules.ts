/**
 * Which documents the rules pin in a search: a pure function of the rules, the search and the time.
 * Whether the documents are there, and pass the filter, is for the nodes to say.
 */
import type { Filter as FilterAst } from "../filter/ast.ts";
import type { TokenizerSettings } from "../text/tokenizer.ts";
import { filterAlternatives } from "./filter-constraints.ts";
import { ruleWords } from "./list-rules.ts";
import { queryWords, type QueryWords } from "./query-words.ts";
import { FilterMatcher } from "./filter-matcher.ts";
import type { SearchRule, TimeCondition } from "./rule.ts";

export interface Pin {
  readonly id: string;
  readonly position: number;
}

export interface RuledSearch {
  /** The client's name of the index. */
  readonly indexUid: string;
  readonly q: string | null;
  readonly filter: FilterAst | null;
  readonly settings: TokenizerSettings;
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
}

/** As Meilisearch does: rules beyond these are not looked at. */
const ACTIVE_RULES_MAX = 1000;
/** As Meilisearch does: words of a text above this are not counted. */
const COUNTED_WORDS_MAX = 30;

/** The pins in the order in which they take precedence; a document may be there twice. */
export function matchingPins(rules: readonly SearchRule[], search: RuledSearch): readonly Pin[] {
  const active = rules.filter((rule) => rule.active);
  if (active.length === 0) return [];
  const now = new Date(search.at).toISOString();
  const words = queryWords(search.q, search.settings);
  const filter = new FilterMatcher(rules, filterAlternatives(search.filter));
  return active
    .filter(
      (rule) =>
        holdsNow(rule.conditions.time, now) && holdsFor(rule, words) && filter.matches(rule),
    )
    .toSorted((a, b) => comparePrecedence(a, b) || a.number - b.number)
    .slice(0, ACTIVE_RULES_MAX)
    .flatMap(({ actions }) => actions)
    .filter(({ indexUid }) => indexUid === null || indexUid === search.indexUid)
    .map(({ id, position }) => ({ id, position }));
}

/** The lower precedence goes first, and any goes before none. */
function comparePrecedence(a: SearchRule, b: SearchRule): number {
  if (a.precedence === b.precedence) return 0;
  if (a.precedence === null) return 1;
  if (b.precedence === null) return -1;
  return a.precedence - b.precedence;
}

/**
 * As Meilisearch does: times are compared as texts, whatever their offsets, and those of rules are in
 * lower case. So a time of today counts as later than now.
 */
function holdsNow(time: TimeCondition | null, now: string): boolean {
  if (time === null) return true;
  const { start, end } = time;
  return !(
    (start !== null && start.toLowerCase() > now) ||
    (end !== null && end.toLowerCase() < now)
  );
}

function holdsFor({ conditions }: SearchRule, { isEmpty, words }: QueryWords): boolean {
  if (conditions.query === null) return true;
  const { isEmpty: wanted, words: text } = conditions.query;
  if (wanted !== null && wanted !== isEmpty) return false;
  if (text === null) return true;
  // As Meilisearch does: a word that stands there twice asks for two words.
  const own = ruleWords(text);
  if (own.length > COUNTED_WORDS_MAX) return true;
  return words.filter((word) => own.includes(word)).length >= own.length;
}
