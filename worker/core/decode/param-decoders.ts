/** Decoders for the text of query parameters, as strict as Meilisearch's (Rust's `FromStr`). */
import type { ParamDecoder } from "./params.ts";
import { ParamMistake } from "./params.ts";

export const USIZE_MAX = 18_446_744_073_709_551_615n;
export const U32_MAX = 4_294_967_295n;

export function anyText(text: string): string {
  return text;
}

/** A whole number up to `max`: digits, with at most a plus before them. */
export function countParam(max: bigint = USIZE_MAX): ParamDecoder<number> {
  return (text) => {
    const digits = /^\+?(\d+)$/.exec(text)?.[1];
    if (digits !== undefined && BigInt(digits) <= max) return Number(digits);
    throw new ParamMistake(`could not parse \`${text}\` as a positive integer`);
  };
}

export function booleanParam(text: string): boolean {
  if (text === "true" || text === "false") return text === "true";
  throw new ParamMistake(
    `could not parse \`${text}\` as a boolean, expected either \`true\` or \`false\``,
  );
}

/** A float as Rust parses it, undefined when it is none. */
export function floatOf(text: string): number | undefined {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text);
  if (special !== null) {
    if (special[2]?.toLowerCase() === "nan") return Number.NaN;
    return special[1] === "-" ? -Infinity : Infinity;
  }
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
}

export function floatParam(text: string): number {
  const value = floatOf(text);
  if (value !== undefined) return value;
  throw new ParamMistake(
    text === "" ? "cannot parse float from empty string" : "invalid float literal",
  );
}

export function listParam<T>(decode: ParamDecoder<T>): ParamDecoder<readonly T[]> {
  // As Meilisearch does: nothing between commas is no element.
  return (text) =>
    text
      .split(",")
      .filter((part) => part !== "")
      .map(decode);
}

export function wordParam<const Word extends string>(words: readonly Word[]): ParamDecoder<Word> {
  return (text) => {
    for (const word of words) if (word === text) return word;
    throw new ParamMistake(text, words);
  };
}
