/** Which documents match a part of a term: the union over everything that may stand for it. */
import type { DocSet } from "../doc-set.ts";
import type { SearchContext, WordOrigin } from "./context.ts";
import { typosOf, wordsWithPrefix } from "./derivations.ts";
import { phraseDocs } from "./proximity.ts";
import type { Phrase, TermPart } from "./term.ts";

export interface PartWord {
  readonly word: string;
  readonly origin: WordOrigin;
}

/** The single words of the part, without those of its common prefix. */
export function partWords(context: SearchContext, part: TermPart): PartWord[] {
  const { term } = part;
  const words: PartWord[] = [];
  const origin = term.ngramWords === null ? "original" : "derived";
  if (part.zero !== "none" && term.zero.exact !== null)
    words.push({ word: term.zero.exact, origin });
  if (part.zero === "all") for (const word of term.zero.prefixOf) words.push({ word, origin });
  if (part.one || part.two) {
    const typos = typosOf(context, term);
    if (part.one) for (const word of typos.one) words.push({ word, origin: "derived" });
    if (part.two) for (const word of typos.two) words.push({ word, origin: "derived" });
  }
  return words;
}

/** The phrases of the part. As Meilisearch does: synonyms stay, however far it is narrowed. */
export function partPhrases(context: SearchContext, part: TermPart): Phrase[] {
  const { term } = part;
  const phrases: Phrase[] = [...term.zero.synonyms];
  if (term.zero.phrase !== null) phrases.push(term.zero.phrase);
  if (part.one) {
    const { split } = typosOf(context, term);
    if (split !== null) phrases.push(split);
  }
  return phrases;
}

/** The prefix with a list of its own, if the part still has it. */
export function partPrefix(part: TermPart): string | null {
  const { commonPrefix, exact } = part.term.zero;
  if (part.zero === "all") return commonPrefix;
  return part.zero === "exact" && commonPrefix === exact ? commonPrefix : null;
}

/** Words of the part's common prefix. */
export function prefixWords(context: SearchContext, part: TermPart): PartWord[] {
  const prefix = partPrefix(part);
  if (prefix === null) return [];
  const origin = part.term.ngramWords === null ? "original" : "derived";
  return wordsWithPrefix(context, prefix).map((word) => ({ word, origin }));
}

export function termDocs(context: SearchContext, part: TermPart): DocSet {
  const key = `\0part${part.term.id}${part.zero}${part.one}${part.two}`;
  const known = context.wordDocsCache.get(key);
  if (known !== undefined) return known;
  const docs = context.emptySet();
  for (const { word, origin } of partWords(context, part))
    docs.unite(context.wordDocs(word, origin));
  for (const { id, words } of partPhrases(context, part))
    docs.unite(phraseDocs(context, id, words));
  for (const { word, origin } of prefixWords(context, part))
    docs.unite(context.wordDocs(word, origin));
  context.wordDocsCache.set(key, docs);
  return docs;
}
