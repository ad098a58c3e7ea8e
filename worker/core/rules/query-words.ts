/** What a rule sees of a query: whether it has words, and which. */
import { queryParts } from "../text/query-parts.ts";
import { Tokenizer, type TokenizerSettings } from "../text/tokenizer.ts";

export interface QueryWords {
  readonly isEmpty: boolean;
  /** In order, each once; a phrase is one. */
  readonly words: readonly string[];
}

/** Words of a query that are looked at, as Meilisearch's own bound has it. */
const WORDS_MAX = 10;

const NO_WORDS: QueryWords = { isEmpty: true, words: [] };

export function queryWords(q: string | null, settings: TokenizerSettings): QueryWords {
  if (q === null || q.trim() === "") return NO_WORDS;
  const parts = queryParts(new Tokenizer(settings).tokens(q)).filter(
    ({ isNegative }) => !isNegative,
  );
  const texts = parts.map(({ words }) => words.filter((word) => word !== null).join(" "));
  const words = [...new Set(texts)].toSorted().slice(0, WORDS_MAX);
  return { isEmpty: parts.length === 0, words };
}
