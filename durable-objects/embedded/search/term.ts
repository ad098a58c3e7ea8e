/**
 * One term of a query with everything that may stand for it in documents: the word itself, words it
 * begins, synonyms, and (computed only when asked for) words with typos and split words.
 */
export interface Phrase {
  readonly id: number;
  /** `null` stands for any stop word. */
  readonly words: readonly (string | null)[];
}

export interface ZeroTypo {
  readonly phrase: Phrase | null;
  /** The word itself, when some document holds it. */
  readonly exact: string | null;
  readonly prefixOf: readonly string[];
  readonly synonyms: readonly Phrase[];
  /** Set when the index keeps a list of all words with this prefix. */
  readonly commonPrefix: string | null;
}

export interface Typos {
  readonly one: readonly string[];
  readonly split: Phrase | null;
  readonly two: readonly string[];
}

export interface Term {
  readonly id: number;
  readonly original: string;
  /** The query words this term joins; null for a single word or phrase. */
  readonly ngramWords: readonly string[] | null;
  readonly isPrefix: boolean;
  readonly typosMax: 0 | 1 | 2;
  readonly zero: ZeroTypo;
  typos: Typos | null;
}

export interface LocatedTerm {
  readonly term: Term;
  readonly first: number;
  readonly last: number;
}

/**
 * A part of a term's derivations, tied to its place in the query. Ranking rules narrow terms down
 * as they go: `zero: "exact"` keeps only the word or phrase as typed.
 */
export interface TermPart {
  readonly term: Term;
  readonly zero: "all" | "exact" | "none";
  readonly one: boolean;
  readonly two: boolean;
  readonly mandatory: boolean;
  readonly first: number;
  readonly last: number;
  readonly firstId: number;
  readonly lastId: number;
}

/** Equal parts have equal keys. */
export function partKey(part: TermPart): string {
  return `${part.term.id}${part.zero}${part.one}${part.two}${part.mandatory}:${part.first}-${part.last}:${part.firstId}-${part.lastId}`;
}

/** How many query words the part covers. */
export function width(part: TermPart): number {
  return part.lastId - part.firstId + 1;
}

export function fullPart(located: LocatedTerm, firstId: number, lastId: number): TermPart {
  const { term, first, last } = located;
  const all = { zero: "all", one: true, two: true, mandatory: false } as const;
  return { term, ...all, first, last, firstId, lastId };
}

export function intersection(a: TermPart, b: TermPart): TermPart {
  const zero = a.zero === "all" ? b.zero : b.zero === "all" ? a.zero : narrower(a.zero, b.zero);
  return { ...a, zero, one: a.one && b.one, two: a.two && b.two };
}

function narrower(a: "exact" | "none", b: "exact" | "none"): "exact" | "none" {
  return a === "none" ? a : b;
}

export type ExactTerm =
  | { readonly kind: "phrase"; readonly phrase: Phrase }
  | { readonly kind: "word"; readonly word: string };

/** The word or phrase exactly as typed, if the part still has it. */
export function exactTerm(part: TermPart): ExactTerm | null {
  const { term } = part;
  if (term.ngramWords !== null || part.zero === "none") return null;
  if (term.zero.phrase !== null) return { kind: "phrase", phrase: term.zero.phrase };
  return term.zero.exact === null ? null : { kind: "word", word: term.zero.exact };
}

export function originalPhrase(part: TermPart): Phrase | null {
  return part.zero === "none" ? null : part.term.zero.phrase;
}

/** The part narrowed to the term as typed; unchanged when that is not in it. */
export function onlyExact(part: TermPart): TermPart {
  if (exactTerm(part) === null) return part;
  return { ...part, zero: "exact", one: false, two: false };
}

/** The largest number of typos that some derivation of the part may have. */
export function typosMax(part: TermPart): number {
  const { term } = part;
  // As Meilisearch does: a word too short for typos may still be split in two, at the price of one.
  if (term.typosMax === 0) return term.zero.phrase === null ? 1 : 0;
  if (term.typosMax === 2 && part.two) return 2;
  return part.one ? 1 : 0;
}
