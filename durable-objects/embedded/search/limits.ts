/** Bounds of Meilisearch's own query evaluation. They decide results, so they are the same here. */

/** Words that one prefix may stand for. */
export const PREFIX_WORDS_MAX = 1000;
export const ONE_TYPO_WORDS_MAX = 150;
export const TWO_TYPO_WORDS_MAX = 50;
export const SYNONYM_PHRASES_MAX = 50;
export const SYNONYM_WORDS_MAX = 100;
/** From this many words on, a prefix of at most so many bytes has a list of its own. */
export const COMMON_PREFIX_WORDS_MIN = 100;
export const COMMON_PREFIX_BYTES_MAX = 4;
/** Longer words cannot be keys of Meilisearch's store. */
export const WORD_BYTES_MAX = 250;
/** Words further apart than this are as far as words in different attributes. */
export const PROXIMITY_MAX = 4;
/** Word counts of an attribute above this are not kept. */
export const COUNTED_WORDS_MAX = 30;
