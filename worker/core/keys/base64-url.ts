/**
 * Base64 for URLs without padding, as strict as Meilisearch's: one text per value. Mistakes name
 * the first symbol that cannot be.
 */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const VALUES: ReadonlyMap<string, number> = new Map(
  Array.from(ALPHABET, (symbol, value) => [symbol, value]),
);
const PAD = "=";

export class Base64Mistake extends Error {}

/** The bytes of an ASCII text; throws `Base64Mistake`. */
export function decodeBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const rest = text.length % 4;
  const last = text.at(-1);
  if (rest === 1 && last !== undefined && last !== PAD && !VALUES.has(last)) {
    throw wrongSymbol(text, text.length - 1);
  }
  // The last symbols, up to four, are looked at on their own.
  const whole = Math.max(0, text.length - (rest === 0 ? 4 : rest));
  for (let at = 0; at < whole; at += 1) {
    if (!VALUES.has(text.charAt(at))) throw wrongSymbol(text, at);
  }
  checkEnd(text, whole);
  const bytes = new Uint8Array(Math.floor((text.length * 3) / 4));
  let bits = 0;
  let count = 0;
  let length = 0;
  for (const symbol of text) {
    bits = ((bits << 6) | (VALUES.get(symbol) ?? 0)) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes[length] = (bits >> count) & 0xff;
    length += 1;
  }
  return bytes;
}

function checkEnd(text: string, start: number): void {
  const end = text.slice(start);
  const firstPad = end.indexOf(PAD);
  for (const [at, symbol] of end.split("").entries()) {
    if (symbol === PAD) {
      if (at < 2) throw wrongSymbol(text, start + at);
    } else if (firstPad !== -1 && at > firstPad) {
      throw wrongSymbol(text, start + firstPad);
    } else if (!VALUES.has(symbol)) {
      throw wrongSymbol(text, start + at);
    }
  }
  const symbols = firstPad === -1 ? end.length : firstPad;
  if (text !== "" && symbols < 2)
    throw new Base64Mistake(`Invalid input length: ${start + symbols}`);
  if (firstPad !== -1) throw new Base64Mistake("Invalid padding");
  const unused = symbols === 2 ? 0b1111 : symbols === 3 ? 0b11 : 0;
  const lastSymbol = end.charAt(symbols - 1);
  if (((VALUES.get(lastSymbol) ?? 0) & unused) !== 0) {
    throw new Base64Mistake(
      `Invalid last symbol ${lastSymbol.charCodeAt(0)}, offset ${start + symbols - 1}.`,
    );
  }
}

function wrongSymbol(text: string, at: number): Base64Mistake {
  return new Base64Mistake(`Invalid symbol ${text.charCodeAt(at)}, offset ${at}.`);
}
