/**
 * The contents of a JSON string, strictly as serde_json decodes them: UTF-8 and surrogate pairs are
 * checked. The bytes come without their quotes and are already known to be well formed otherwise.
 */
import { JsonFault } from "./json-fault.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const BACKSLASH = 0x5c;
const SIMPLE: Readonly<Record<string, string>> = {
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
};

/** Throws a `JsonFault` whose index counts from the first byte of `raw`. */
export function decodeJsonString(raw: Uint8Array): string {
  const text = decodeUtf8(raw);
  if (text === undefined) throw new JsonFault("invalid unicode code point", raw.length + 1);
  if (!raw.includes(BACKSLASH)) return text;
  checkSurrogates(raw);
  return text.replace(/\\(u[0-9a-fA-F]{4}|.)/g, (_, escape: string) =>
    escape.length === 5
      ? String.fromCharCode(Number.parseInt(escape.slice(1), 16))
      : (SIMPLE[escape] ?? escape),
  );
}

/** The text of UTF-8 bytes, or undefined when they are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** As serde_json does: a leading surrogate must be followed by a trailing one, and only so. */
export function checkSurrogates(raw: Uint8Array): void {
  let at = raw.indexOf(BACKSLASH);
  while (at !== -1) {
    at = raw[at + 1] === 0x75 ? afterUnicodeEscape(raw, at) : at + 2;
    at = raw.indexOf(BACKSLASH, at);
  }
}

function afterUnicodeEscape(raw: Uint8Array, at: number): number {
  const unit = hexUnit(raw, at + 2);
  const after = at + 6;
  if (unit >= 0xdc00 && unit <= 0xdfff) {
    throw new JsonFault("lone leading surrogate in hex escape", after);
  }
  // Not a surrogate, or (where a broken escape is looked at) no number at all.
  if (!(unit >= 0xd800 && unit <= 0xdbff)) return after;
  if (raw[after] !== BACKSLASH) throw new JsonFault("unexpected end of hex escape", after + 1);
  if (raw[after + 1] !== 0x75) throw new JsonFault("unexpected end of hex escape", after + 2);
  const next = hexUnit(raw, after + 2);
  if (next < 0xdc00 || next > 0xdfff) {
    throw new JsonFault("lone leading surrogate in hex escape", after + 6);
  }
  return after + 6;
}

function hexUnit(raw: Uint8Array, at: number): number {
  let unit = 0;
  for (let digit = 0; digit < 4; digit += 1) {
    unit = unit * 16 + Number.parseInt(String.fromCharCode(raw[at + digit] ?? 0), 16);
  }
  return unit;
}
