/** Vectors as nodes print them: 32-bit floats, each with the fewest digits that tell it apart. */
import { floatText } from "../decode/float-text.ts";

/** Digits that are enough for any 32-bit float. */
const DIGITS_MAX = 9;

function float32Text(value: number): string {
  const rounded = Math.fround(value);
  if (rounded === 0) return floatText(rounded);
  for (let digits = 1; digits < DIGITS_MAX; digits += 1) {
    const shorter = Number(rounded.toPrecision(digits));
    if (Math.fround(shorter) === rounded) return floatText(shorter);
  }
  return floatText(Number(rounded.toPrecision(DIGITS_MAX)));
}

/** The JSON array of a vector. */
export function vectorText(vector: readonly number[]): string {
  return `[${vector.map(float32Text).join(",")}]`;
}
