/**
 * What an elasticity run stores: documents drawn from a seed, in words of a vocabulary as uneven as
 * a language, that no write of the run touches. So a search that asks for these alone has one right
 * answer all the while, and one Meilisearch beside the fleet knows it.
 */
import type { ChaosDocument } from "../chaos/operations.ts";
import { mulberry32 } from "../random.ts";

const SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va ze or an el".split(" ");
const GENRES = "drama comedy noir western musical horror romance war heist fable".split(" ");
const WORD_COUNT = 3000;
const ID_DIGITS = 6;

export const FILTERABLE_FIELDS = ["genre", "year", "rating"];
export const SORTABLE_FIELDS = ["year", "rating"];

/** Words by rank: the first are drawn most often. */
export const VOCABULARY: readonly string[] = vocabulary();

export function corpus(count: number, seed: number): ChaosDocument[] {
  const random = mulberry32(seed);
  const text = (words: number): string =>
    Array.from({ length: words }, () => drawWord(random)).join(" ");
  return Array.from({ length: count }, (_, at) => ({
    // The order of the ids is that of insertion, by which one Meilisearch breaks ties.
    id: `s${String(at).padStart(ID_DIGITS, "0")}`,
    kind: "static",
    title: text(2 + Math.floor(random() * 4)),
    overview: text(12 + Math.floor(random() * 20)),
    genre: GENRES[Math.floor(random() * GENRES.length)] ?? "",
    year: 1920 + Math.floor(random() * 105),
    rating: Math.round(random() * 100) / 10,
  }));
}

/** Zipf's law: the word of rank r is drawn about 1/r times as often as the first. */
export function drawWord(random: () => number): string {
  return VOCABULARY[Math.floor(WORD_COUNT ** random()) - 1] ?? "";
}

function vocabulary(): readonly string[] {
  const random = mulberry32(7);
  const words = new Set<string>();
  while (words.size < WORD_COUNT) {
    const length = 2 + Math.floor(random() * 3);
    const draw = (): string => SYLLABLES[Math.floor(random() * SYLLABLES.length)] ?? "";
    words.add(Array.from({ length }, draw).join(""));
  }
  return [...words];
}
