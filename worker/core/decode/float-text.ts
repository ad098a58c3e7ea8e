/**
 * Floats as Rust prints them: `7.0`, `1e-6`, `1e+21`. Meilisearch's messages quote numbers in this
 * form, where JavaScript would print `7` and `0.000001`.
 */

/** Up to this many digits before the point, a float is printed without an exponent. */
const PLAIN_DIGITS_MAX = 16;
const LEADING_ZEROS_MAX = 4;

interface Decimal {
  readonly sign: string;
  readonly digits: string;
  /** Digits before the decimal point; negative for leading zeros after it. */
  readonly point: number;
}

function decompose(value: number): Decimal {
  const [mantissa = "", exponent = "0"] = Math.abs(value).toExponential().split("e");
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  return { sign, digits: mantissa.replace(".", ""), point: Number(exponent) + 1 };
}

/** As serde_json writes an f64. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return "null";
  const { sign, digits, point } = decompose(value);
  if (point > PLAIN_DIGITS_MAX || point < -LEADING_ZEROS_MAX) {
    const [first = "", ...rest] = digits;
    const mantissa = rest.length === 0 ? first : `${first}.${rest.join("")}`;
    return `${sign}${mantissa}e${point > 0 ? "+" : ""}${point - 1}`;
  }
  return sign + plain(digits, point, true);
}

/** As Rust's `{}` prints an f64: never an exponent, and no `.0` on whole numbers. */
export function floatDisplay(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "inf" : "-inf";
  const { sign, digits, point } = decompose(value);
  return sign + plain(digits, point, false);
}

function plain(digits: string, point: number, alwaysPoint: boolean): string {
  if (point <= 0) return digits === "0" ? zero(alwaysPoint) : `0.${"0".repeat(-point)}${digits}`;
  if (digits.length > point) return `${digits.slice(0, point)}.${digits.slice(point)}`;
  return digits.padEnd(point, "0") + (alwaysPoint ? ".0" : "");
}

function zero(alwaysPoint: boolean): string {
  return alwaysPoint ? "0.0" : "0";
}

/** The shortest decimal that means the same 32-bit float, as Rust prints an f32. */
export function nearestFloat32(value: number): number {
  const single = Math.fround(value);
  for (let digits = 1; digits < 9; digits += 1) {
    const short = Number(single.toPrecision(digits));
    if (Math.fround(short) === single) return short;
  }
  return Number(single.toPrecision(9));
}
