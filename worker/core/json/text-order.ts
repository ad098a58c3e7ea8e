/**
 * The order of strings on a node: by their UTF-8 bytes, which is the order of code points.
 * JavaScript's `<` goes by UTF-16 units and puts U+E000..U+FFFF after the characters beyond the
 * Basic Multilingual Plane.
 */
const SURROGATES = /[\ud800-\udfff]/;

/** Negative, zero or positive as `a` comes before, with or after `b`. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  if (!SURROGATES.test(a) && !SURROGATES.test(b)) return a < b ? -1 : 1;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** A unit's place in code point order: surrogates come after every other unit. */
function codePointRank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
