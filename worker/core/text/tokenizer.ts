/**
 * Cuts text into words and separators as Meilisearch's tokenizer does: at changes of script, then
 * at separators; scripts written without spaces are cut by the platform's own segmenter, which is
 * close to, but not the same as, Meilisearch's dictionaries.
 */
import { detached } from "./detached.ts";
import { decomposed, lemmaOf } from "./normalize.ts";
import { separatorsOf, type Separators, type SeparatorSettings } from "./separators.ts";

export type TokenKind = "word" | "stopWord" | "hard" | "soft";

export interface Token {
  readonly kind: TokenKind;
  readonly lemma: string;
  /** Bounds in the original text, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

export interface TokenizerSettings extends SeparatorSettings {
  readonly stopWords: readonly string[];
}

const ONE_SCRIPT = /^[\0-\u024f\u2000-\u206f]*$/;
const SCRIPTS: readonly (readonly [name: string, pattern: RegExp])[] = [
  ["latin", /[\p{Script=Latin}]/u],
  ["cj", /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u],
  ["hangul", /\p{Script=Hangul}/u],
  ["thai", /\p{Script=Thai}/u],
  ["khmer", /\p{Script=Khmer}/u],
  ["arabic", /\p{Script=Arabic}/u],
  ["letters", /\p{L}/u],
];
const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;
const NUMERIC = /^[\p{N}!-/:-@[-`{-~]*$/u;
const ARABIC_ARTICLE = /^[اأإآٱ]ل/;
const ARABIC_ARTICLE_LENGTH = 2;
const LEMMA_CACHE_MAX = 50_000;

function scriptOf(character: string): string {
  return SCRIPTS.find(([, pattern]) => pattern.test(character))?.[0] ?? "other";
}

interface Run {
  readonly start: number;
  readonly end: number;
  readonly script: string;
}

function scriptRuns(text: string): Run[] {
  if (ONE_SCRIPT.test(text)) return [{ start: 0, end: text.length, script: "latin" }];
  const runs: Run[] = [];
  let start = 0;
  let current = "other";
  let at = 0;
  for (const character of text) {
    const script = scriptOf(character);
    if (script !== "other" && script !== current) {
      if (current !== "other") {
        runs.push({ start, end: at, script: current });
        start = at;
      }
      current = script;
    }
    at += character.length;
  }
  runs.push({ start, end: text.length, script: current });
  return runs;
}

const segmenters = new Map<string, Intl.Segmenter>();

function segmenterFor(locale: string): Intl.Segmenter {
  const known = segmenters.get(locale);
  if (known !== undefined) return known;
  const segmenter = new Intl.Segmenter(locale, { granularity: "word" });
  segmenters.set(locale, segmenter);
  return segmenter;
}

function segmentLocale(script: string, text: string): string | undefined {
  if (script === "cj") return KANA.test(text) ? "ja" : "zh";
  if (script === "thai") return "th";
  if (script === "khmer") return "km";
  return script === "hangul" ? "ko" : undefined;
}

/** Ends of the words inside a text that has no separator in it. */
function wordEnds(text: string, script: string): number[] {
  if (script === "arabic" && text.length > ARABIC_ARTICLE_LENGTH && ARABIC_ARTICLE.test(text)) {
    return [ARABIC_ARTICLE_LENGTH, text.length];
  }
  const locale = segmentLocale(script, text);
  if (locale === undefined || NUMERIC.test(text)) return [text.length];
  return [...segmenterFor(locale).segment(text)].map((part) => part.index + part.segment.length);
}

export class Tokenizer {
  private readonly separators: Separators;
  private readonly stopWords: ReadonlySet<string>;
  private readonly cache = new Map<string, Pick<Token, "kind" | "lemma">>();

  constructor(settings: TokenizerSettings) {
    this.separators = separatorsOf(settings);
    this.stopWords = new Set(settings.stopWords);
  }

  tokens(text: string): Token[] {
    const found: Token[] = [];
    for (const run of scriptRuns(text)) this.tokenizeRun(text, run, found);
    return found;
  }

  /** Just the words, in order: how synonyms are cut. */
  words(text: string): string[] {
    return this.tokens(text)
      .filter((token) => token.kind === "word" && token.lemma !== "")
      .map((token) => token.lemma);
  }

  private tokenizeRun(text: string, run: Run, found: Token[]): void {
    const part = run.start === 0 && run.end === text.length ? text : text.slice(run.start, run.end);
    let at = 0;
    for (const match of part.matchAll(this.separators.pattern)) {
      if (match.index > at) this.pushWords(part.slice(at, match.index), run, at, found);
      at = match.index + match[0].length;
      this.push(match[0], run.start + match.index, found);
    }
    if (at < part.length) this.pushWords(part.slice(at), run, at, found);
  }

  private pushWords(text: string, run: Run, offset: number, found: Token[]): void {
    if (run.script === "latin" || run.script === "letters" || run.script === "other") {
      this.push(text, run.start + offset, found);
      return;
    }
    let start = 0;
    for (const end of wordEnds(text, run.script)) {
      this.push(text.slice(start, end), run.start + offset + start, found);
      start = end;
    }
  }

  private push(raw: string, start: number, found: Token[]): void {
    const { kind, lemma } = this.classified(raw);
    found.push({ kind, lemma, start, end: start + raw.length });
  }

  private classified(raw: string): Pick<Token, "kind" | "lemma"> {
    const known = this.cache.get(raw);
    if (known !== undefined) return known;
    if (this.cache.size >= LEMMA_CACHE_MAX) this.cache.clear();
    const plain = decomposed(raw);
    const result = { kind: this.kindOf(plain), lemma: detached(lemmaOf(plain)) };
    this.cache.set(detached(raw), result);
    return result;
  }

  /** As Meilisearch does: stop words are compared before lower-casing. */
  private kindOf(plain: string): TokenKind {
    if (this.stopWords.has(plain)) return "stopWord";
    if (!this.separators.isSeparator(plain)) return "word";
    return this.separators.isHard(plain) ? "hard" : "soft";
  }
}
