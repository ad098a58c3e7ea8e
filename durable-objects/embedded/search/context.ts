/**
 * What one search works with: the index, the attributes it is restricted to, and answers already
 * found. Sets handed out by `…Docs` functions belong to the cache: clone before changing them.
 */
import { DocSet } from "../doc-set.ts";
import { matchPattern } from "../index/attribute-patterns.ts";
import type { SearchIndex } from "../index/search-index.ts";
import { fieldOf, type FieldId, type WordId } from "../index/vocabulary.ts";
import type { Phrase, Term } from "./term.ts";

/** `original` words match everywhere; `derived` ones not in attributes that refuse typos. */
export type WordOrigin = "original" | "derived";

interface Restriction {
  readonly tolerant: ReadonlySet<FieldId>;
  readonly exact: ReadonlySet<FieldId>;
}

export class SearchContext {
  readonly index: SearchIndex;
  readonly capacity: number;
  readonly wordDocsCache = new Map<string, DocSet>();
  readonly phraseDocsCache = new Map<number, DocSet>();
  readonly synonyms: ReadonlyMap<string, readonly (readonly string[])[]>;
  private readonly phrases = new Map<string, Phrase>();
  private readonly wordRanks = new Map<string, number>();
  private termCount = 0;
  private restriction: Restriction | null = null;
  private readonly exactFields: ReadonlySet<FieldId>;

  constructor(
    index: SearchIndex,
    synonyms: ReadonlyMap<string, readonly (readonly string[])[]>,
    searchOn: readonly string[] | null,
  ) {
    this.index = index;
    this.synonyms = synonyms;
    this.capacity = index.documents.capacity;
    const { fields } = index.vocabulary;
    this.exactFields = new Set(
      fields.all().flatMap((name, id) => (index.schema.isExact(name) ? [id] : [])),
    );
    if (searchOn !== null) this.restrict(searchOn);
  }

  emptySet(): DocSet {
    return new DocSet(this.capacity);
  }

  nextTermId(): number {
    this.termCount += 1;
    return this.termCount;
  }

  phrase(words: readonly (string | null)[]): Phrase {
    const key = JSON.stringify(words);
    const known = this.phrases.get(key);
    if (known !== undefined) return known;
    for (const word of words) if (word !== null) this.meet(word);
    const phrase = { id: this.phrases.size, words };
    this.phrases.set(key, phrase);
    return phrase;
  }

  /** Remembers in which order words were first met: highlighting tries them in that order. */
  meet(word: string): void {
    if (!this.wordRanks.has(word)) this.wordRanks.set(word, this.wordRanks.size);
  }

  rankOf(word: string): number {
    return this.wordRanks.get(word) ?? 0;
  }

  /** Documents that hold the word in an attribute that is searched. */
  wordDocs(word: string, origin: WordOrigin): DocSet {
    const plain =
      this.restriction === null && (this.exactFields.size === 0 || origin === "original");
    const key = plain || origin === "original" ? word : `\0${word}`;
    const known = this.wordDocsCache.get(key);
    if (known !== undefined) return known;
    const id = this.index.vocabulary.id(word);
    const docs =
      id === undefined
        ? this.emptySet()
        : plain
          ? DocSet.of(this.index.vocabulary.docs(id), this.capacity)
          : this.docsInFields(id, (field) => this.isSearched(field, origin));
    this.wordDocsCache.set(key, docs);
    return docs;
  }

  /** Whether typos may lead to the word: some attribute that allows typos holds it. */
  toleratesTypos(word: string): boolean {
    if (this.exactFields.size === 0) return true;
    const id = this.index.vocabulary.id(word);
    if (id === undefined) return false;
    return !this.docsInFields(id, (field) => !this.exactFields.has(field)).isEmpty();
  }

  isRestrictedFrom(field: FieldId): boolean {
    const { restriction } = this;
    return (
      restriction !== null && !restriction.tolerant.has(field) && !restriction.exact.has(field)
    );
  }

  private isSearched(field: FieldId, origin: WordOrigin): boolean {
    if (this.restriction !== null) {
      if (this.restriction.tolerant.has(field)) return true;
      return origin === "original" && this.restriction.exact.has(field);
    }
    return origin === "original" || !this.exactFields.has(field);
  }

  private docsInFields(id: WordId, wants: (field: FieldId) => boolean): DocSet {
    const found = this.emptySet();
    const { vocabulary } = this.index;
    for (const doc of vocabulary.docs(id)) {
      vocabulary.places(doc, id, (place) => {
        if (wants(fieldOf(place))) found.add(doc);
      });
    }
    return found;
  }

  private restrict(names: readonly string[]): void {
    const { fields } = this.index.vocabulary;
    const tolerant = new Set<FieldId>();
    const exact = new Set<FieldId>();
    for (const name of names) {
      if (name === "*") return;
      fields.all().forEach((field, id) => {
        if (field !== name && !(name.includes("*") && matchPattern(name, field) === "match"))
          return;
        (this.exactFields.has(id) ? exact : tolerant).add(id);
      });
    }
    this.restriction = { tolerant, exact };
  }
}

/** All words that may stand for the term and have been computed, in the order they were met. */
export function computedWords(context: SearchContext, term: Term): string[] {
  const { zero, typos } = term;
  const words = new Set<string>(zero.prefixOf);
  if (zero.exact !== null) words.add(zero.exact);
  for (const word of [...(typos?.one ?? []), ...(typos?.two ?? [])]) words.add(word);
  return [...words].toSorted((a, b) => context.rankOf(a) - context.rankOf(b));
}

export function computedPhrases(term: Term): Phrase[] {
  const { zero, typos } = term;
  const phrases = new Map<number, Phrase>();
  for (const phrase of [zero.phrase, ...zero.synonyms, typos?.split ?? null]) {
    if (phrase !== null) phrases.set(phrase.id, phrase);
  }
  return [...phrases.values()].toSorted((a, b) => a.id - b.id);
}
