/** The languages that Meilisearch knows, by ISO 639-1 and 639-3 code, in the order of its messages. */
import { type Decoder, oneOf } from "./decoders.ts";
import { type ParamDecoder, ParamMistake } from "./params.ts";

const TWO_LETTERS =
  "af ak am ar az be bn bg ca cs da de el en eo et fi fr gu he hi hr hu hy id it jv ja kn " +
  "ka km ko la lv lt ml mr mk my ne nl nb or pa fa pl pt ro ru si sk sl sn es sr sv ta te " +
  "tl th tk tr uk ur uz vi yi zh zu";
const THREE_LETTERS =
  "afr aka amh ara aze bel ben bul cat ces dan deu ell eng epo est fin fra guj heb hin " +
  "hrv hun hye ind ita jav jpn kan kat khm kor lat lav lit mal mar mkd mya nep nld nob " +
  "ori pan pes pol por ron rus sin slk slv sna spa srp swe tam tel tgl tha tuk tur ukr " +
  "urd uzb vie yid zho zul";

const shorts = TWO_LETTERS.split(" ");
const longs = THREE_LETTERS.split(" ");

export const LOCALES: readonly string[] = [...shorts, ...longs, "cmn"];

const KNOWN: ReadonlySet<string> = new Set(LOCALES);

export const locale: Decoder<string> = oneOf(LOCALES);

export const localeParam: ParamDecoder<string> = (text) => {
  if (KNOWN.has(text)) return text;
  throw new ParamMistake(
    `Unsupported locale \`${text}\`, expected one of ${sortedByLength().join(", ")}`,
  );
};

function sortedByLength(): readonly string[] {
  return LOCALES.toSorted((a, b) => a.length - b.length || (a < b ? -1 : 1));
}

/** The three-letter code of the same language, which is what Meilisearch keeps. */
export function threeLetterLocale(code: string): string {
  const position = shorts.indexOf(code);
  return position === -1 ? code : (longs[position] ?? code);
}
