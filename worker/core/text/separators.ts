/**
 * Which text separates words, and how strongly. The default set is Unicode punctuation, spaces and
 * mathematical signs; a hard separator (end of a sentence or clause) puts words further apart than
 * a soft one, which is what the proximity rule sees.
 */
import { characterCount } from "./lengths.ts";

const DEFAULT_CLASS =
  "\\0\\n\\r\\t`\\u200c\\p{Pc}\\p{Pd}\\p{Pe}\\p{Pf}\\p{Pi}\\p{Po}\\p{Ps}\\p{Z}+±×÷\\u2212-\\u22ff";
/** As Meilisearch does: these are part of words, although Unicode has them among the others. */
const NOT_SEPARATORS =
  "\\u00a0\\u037e\\u0387\\u061d\\u066b\\u066c\\u0f0c\\u1b4e\\u1b4f\\u1b7d-\\u1b7f\\u2000\\u2001\\u2011\\u2028\\u202f\\u205f\\u2226\\u228e\\u2329\\u232a\\u2e53-\\u2e5d";
const DEFAULT_WORDS = ["។ល។", ". ", ", "];

/** As Meilisearch does: a lone `.`, `,` or `:` is soft, whatever Unicode says of it. */
const HARD_CHARACTER =
  /^(?![.,:])[\0\p{Terminal_Punctuation}¡§¶¿\u2024\u2025\u2026\u203b\u204f\u2056\u205a\u16eb\u055c-\u055e\u0df4\u0f04-\u0f0a\u10fb\u169b\u169c\u1800\u1801\u1806\u2e18\ufe10-\ufe19\ufe30\ufe45]$/u;
const HARD_WORDS: ReadonlySet<string> = new Set(DEFAULT_WORDS);

export interface SeparatorSettings {
  readonly separatorTokens: readonly string[];
  readonly nonSeparatorTokens: readonly string[];
  /** Words that are kept whole although they contain separators. */
  readonly dictionary: readonly string[];
}

export interface Separators {
  /** Finds separators and dictionary words, leftmost and longest first; global. */
  readonly pattern: RegExp;
  isSeparator(text: string): boolean;
  isHard(text: string): boolean;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function escapedInClass(character: string): string {
  return character.replace(/[\\^\]-]/, "\\$&");
}

function longestFirst(words: readonly string[]): string[] {
  return words.filter((word) => word !== "").toSorted((a, b) => b.length - a.length);
}

export function separatorsOf(settings: SeparatorSettings): Separators {
  const removed = new Set(settings.nonSeparatorTokens);
  const added = settings.separatorTokens.filter((token) => !removed.has(token));
  const words = [...DEFAULT_WORDS.filter((word) => !removed.has(word)), ...added];
  const kept = [...removed].filter((token) => token !== "" && characterCount(token) === 1);
  const exclusion = `(?![${NOT_SEPARATORS}${kept.map(escapedInClass).join("")}])`;
  const single = `${exclusion}[${DEFAULT_CLASS}]`;
  const literals = longestFirst([...words, ...settings.dictionary]).map(escaped);
  const separator = new RegExp(`^${single}$`, "u");
  const wordSet = new Set(words);
  return {
    pattern: new RegExp([...literals, single].join("|"), "gu"),
    isSeparator: (text) => wordSet.has(text) || separator.test(text),
    isHard: (text) => HARD_WORDS.has(text) || HARD_CHARACTER.test(text),
  };
}
