/** Backslash escapes inside the quoted values of a filter. */

export type EscapeFault = "incomplete" | "number" | "character";

export type Unescaped = { readonly text: string } | { readonly fault: EscapeFault };

const LETTERS: ReadonlyMap<string, string> = new Map([
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ["'", "'"],
  ['"', '"'],
  ["\\", "\\"],
  ["/", "/"],
]);

/** Resolves `\n`, `\u00e9`, `\u{1f980}`, `\xe9`, `\351` and the like. */
export function unescape(text: string): Unescaped {
  if (!text.includes("\\")) return { text };
  const characters = Array.from(text);
  let result = "";
  for (let at = 0; at < characters.length;) {
    const character = characters[at] ?? "";
    at += 1;
    if (character !== "\\") {
      result += character;
      continue;
    }
    const letter = characters[at];
    if (letter === undefined) return { fault: "incomplete" };
    at += 1;
    const simple = LETTERS.get(letter);
    if (simple !== undefined) {
      result += simple;
      continue;
    }
    const digits = numberAfter(letter, characters, at);
    if ("fault" in digits) return digits;
    const resolved = characterOf(digits.digits, digits.radix, digits.max);
    if ("fault" in resolved) return resolved;
    result += resolved.text;
    at = digits.end;
  }
  return { text: result };
}

interface Digits {
  readonly digits: string;
  readonly radix: 8 | 16;
  readonly max: number;
  readonly end: number;
}

function numberAfter(
  letter: string,
  characters: readonly string[],
  at: number,
): Digits | { readonly fault: EscapeFault } {
  if (letter === "x") return fixed(characters, at, 2, 0xff);
  if (letter === "u") {
    if (characters[at] !== "{") return fixed(characters, at, 4, 0xffff_ffff);
    const close = characters.indexOf("}", at);
    const end = close === -1 ? characters.length : close;
    const digits = characters.slice(at + 1, end).join("");
    return { digits, radix: 16, max: 0xffff_ffff, end: Math.min(end + 1, characters.length) };
  }
  if (!/^[0-7]$/.test(letter)) return { fault: "character" };
  const longest = letter <= "3" ? 2 : 1;
  let end = at;
  while (end < at + longest && /^[0-7]$/.test(characters[end] ?? "")) end += 1;
  return { digits: letter + characters.slice(at, end).join(""), radix: 8, max: 0xff, end };
}

function fixed(
  characters: readonly string[],
  at: number,
  length: number,
  max: number,
): Digits | { readonly fault: EscapeFault } {
  const digits = characters.slice(at, at + length);
  if (digits.length < length) return { fault: "incomplete" };
  return { digits: digits.join(""), radix: 16, max, end: at + length };
}

function characterOf(digits: string, radix: 8 | 16, max: number): Unescaped {
  const wellFormed = radix === 16 ? /^\+?[0-9a-fA-F]+$/ : /^[0-7]+$/;
  const code = Number.parseInt(digits, radix);
  if (!wellFormed.test(digits) || code > max) return { fault: "number" };
  if (code > 0x10_ffff || (code >= 0xd800 && code <= 0xdfff)) return { fault: "character" };
  return { text: String.fromCodePoint(code) };
}
