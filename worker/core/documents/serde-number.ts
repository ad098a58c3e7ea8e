/**
 * Numbers as serde_json reads and prints them: integers of 64 bits keep every digit, all others are
 * doubles, computed by serde_json's own fast (not always correctly rounded) method, since clients
 * see the result inside error messages.
 */
export type SerdeNumber =
  | { readonly kind: "integer"; readonly text: string }
  | { readonly kind: "float"; readonly value: number };

const U64_MAX = 2n ** 64n - 1n;
const I64_MIN = -(2n ** 63n);

/** The number written as `text` (valid JSON); undefined when it is out of range. */
export function readNumber(text: string): SerdeNumber | undefined {
  const [, sign, whole = "0", fraction, exponent] =
    /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const isNegative = sign === "-";
  if (fraction === undefined && exponent === undefined) {
    const value = BigInt(text);
    // As serde_json does: `-0` is a float.
    const fits = isNegative ? value >= I64_MIN && value !== 0n : value <= U64_MAX;
    if (fits) return { kind: "integer", text };
  }
  const value = toFloat(whole, fraction ?? "", Number(exponent ?? "0"));
  if (value === undefined) return undefined;
  return { kind: "float", value: isNegative ? -value : value };
}

/** As serde_json does: digits behind the 64th bit are dropped, then one multiplication or division. */
function toFloat(whole: string, fraction: string, exponent: number): number | undefined {
  let significand = 0n;
  let scale = 0;
  let isFull = false;
  const push = (digits: string, dropped: number, kept: number): void => {
    for (const digit of digits) {
      const next = significand * 10n + BigInt(digit);
      isFull ||= next > U64_MAX;
      if (!isFull) significand = next;
      scale += isFull ? dropped : kept;
    }
  };
  push(whole, 1, 0);
  // Once the whole part overflowed, serde_json drops the whole fraction.
  push(fraction, 0, -1);
  return scaled(Number(significand), scale + exponent);
}

function scaled(significand: number, power: number): number | undefined {
  let value = significand;
  let exponent = power;
  while (Math.abs(exponent) > 308) {
    if (value === 0) return value;
    if (exponent > 0) return undefined;
    value /= 1e308;
    exponent += 308;
  }
  const factor = Number(`1e${Math.abs(exponent)}`);
  if (exponent < 0) return value / factor;
  value *= factor;
  return value === Infinity ? undefined : value;
}

/** A double as serde_json prints it: always with a point or an exponent. */
export function printFloat(value: number): string {
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [mantissa = "", exponentText = "0"] = Math.abs(value).toExponential().split("e");
  const digits = mantissa.replace(".", "");
  const exponent = Number(exponentText);
  const sign = value < 0 ? "-" : "";
  return sign + layout(digits, exponent);
}

function layout(digits: string, exponent: number): string {
  const point = exponent + 1;
  if (point > 16 || point <= -5) {
    const tail = digits.length > 1 ? `.${digits.slice(1)}` : "";
    return `${digits.slice(0, 1)}${tail}e${exponent > 0 ? "+" : ""}${exponent}`;
  }
  if (point <= 0) return `0.${"0".repeat(-point)}${digits}`;
  if (digits.length <= point) return `${digits}${"0".repeat(point - digits.length)}.0`;
  return `${digits.slice(0, point)}.${digits.slice(point)}`;
}
