/**
 * How words are made comparable: compatibility decomposition, lower case, no accents. Follows what
 * Meilisearch's tokenizer does per script, so that `Éclair`, `eclair` and `ECLAIR` are one word.
 */
const ASCII = /^\p{ASCII}*$/u;
const CONTROL = /(?!\s)\p{Cc}/gu;
const MARKS = /\p{Mn}/gu;
/** As Meilisearch does: other scripts (Cyrillic, Devanagari, …) keep their marks. */
const MARKS_ARE_DROPPED =
  /[\p{Script=Latin}\p{Script=Greek}\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Thai}]/u;
const HAS_CASE =
  /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Georgian}\p{Script=Armenian}]/u;
const KATAKANA = /[\u30a1-\u30f6]/g;
const KATAKANA_TO_HIRAGANA = 0x60;

const LETTERS: ReadonlyMap<string, string> = new Map([
  ["’", "'"],
  ["‘", "'"],
  ["‛", "'"],
  ["œ", "oe"],
  ["æ", "ae"],
  ["đ", "d"],
  ["ð", "d"],
  ["ı", "i"],
  ["ς", "σ"],
  ["\u0640", ""],
  ["أ", "ا"],
  ["إ", "ا"],
  ["آ", "ا"],
  ["ٱ", "ا"],
  ["ى", "ي"],
  ["ة", "ه"],
]);
const SPECIAL_LETTERS = /[’‘‛œæđðıς\u0640أإآٱىة]/g;

/** The lossless part: what stop words and separators are looked up by. */
export function decomposed(text: string): string {
  const plain = ASCII.test(text) ? text : text.normalize("NFKD");
  return CONTROL.test(plain) ? plain.replace(CONTROL, "") : plain;
}

/** The word under which a decomposed token is indexed and searched. */
export function lemmaOf(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  let lemma = HAS_CASE.test(text) ? text.toLowerCase() : text;
  lemma = lemma.replace(SPECIAL_LETTERS, (letter) => LETTERS.get(letter) ?? letter);
  if (MARKS_ARE_DROPPED.test(lemma)) lemma = lemma.replace(MARKS, "");
  return lemma.replace(KATAKANA, (letter) =>
    String.fromCharCode(letter.charCodeAt(0) - KATAKANA_TO_HIRAGANA),
  );
}

/** What facet search matches values by: as words, without accents. */
export function normalizeFacetSearch(text: string): string {
  return lemmaOf(decomposed(text));
}
