/** Synonyms of the settings as words: `a b` is found under `a\0b`, what it stands for is cut into words. */
import type { Tokenizer } from "../../../worker/core/text/tokenizer.ts";

export type Synonyms = ReadonlyMap<string, readonly (readonly string[])[]>;

export function synonymsOf(
  settings: Readonly<Record<string, readonly string[]>>,
  tokenizer: Tokenizer,
): Synonyms {
  const texts = new Map<string, Set<string>>();
  for (const [word, synonyms] of Object.entries(settings)) {
    const key = tokenizer.words(word).join("\0");
    if (key === "") continue;
    const known = texts.get(key) ?? new Set();
    for (const synonym of synonyms) known.add(synonym);
    texts.set(key, known);
  }
  return new Map(
    [...texts].map(([key, synonyms]) => [
      key,
      [...synonyms]
        .toSorted()
        .map((synonym) => tokenizer.words(synonym))
        .filter((words) => words.length > 0),
    ]),
  );
}
