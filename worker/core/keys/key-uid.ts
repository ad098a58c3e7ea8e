/**
 * Uids of keys: UUIDs, written with or without hyphens, in braces, or as a URN. Mistakes are told
 * as Meilisearch tells them.
 */
import type { KeyUid } from "./key.ts";

const URN = "urn:uuid:";
const HYPHENS = [8, 13, 18, 23];
const GROUPS = [8, 4, 4, 4, 12];
const GROUP_STARTS = [0, 9, 14, 19, 24];
const LENGTH_MAX = 45;

/** The uid in its one form; undefined when the text is no UUID. */
export function keyUidOf(text: string): KeyUid | undefined {
  const bare = unwrapped(text);
  if (bare === undefined) return undefined;
  const digits = bare.length === 36 ? withoutHyphens(bare) : text.length === 32 ? text : undefined;
  if (digits === undefined || !/^[0-9a-fA-F]{32}$/.test(digits)) return undefined;
  const hex = digits.toLowerCase();
  return [0, 8, 12, 16, 20]
    .map((start, group) => hex.slice(start, start + (GROUPS[group] ?? 0)))
    .join("-");
}

function unwrapped(text: string): string | undefined {
  if (text.length === 38 && text.startsWith("{") && text.endsWith("}")) return text.slice(1, -1);
  if (text.length === 45 && text.startsWith(URN)) return text.slice(URN.length);
  return text.length === 36 || text.length === 32 ? text : undefined;
}

function withoutHyphens(text: string): string | undefined {
  if (HYPHENS.some((position) => text[position] !== "-")) return undefined;
  return HYPHENS.toReversed().reduce((rest, at) => rest.slice(0, at) + rest.slice(at + 1), text);
}

/** Why `keyUidOf` found no uid. */
export function keyUidMistake(text: string): string {
  const bytes = byteLength(text);
  if (bytes === 0 || bytes > LENGTH_MAX) return `invalid length: found ${bytes}`;
  const isBraced = text.startsWith("{") && text.endsWith("}") && bytes > 1;
  const isUrn = text.startsWith(URN);
  const start = isBraced ? 1 : isUrn ? URN.length : 0;
  // Text that is as long as it must be has to have hyphens, and places count from its first digit.
  if (isBraced && bytes === 38) return mistakeWithin(text.slice(1, -1), 0, 36, true);
  if (isUrn && bytes === 45) return mistakeWithin(text.slice(start), 0, 36, true);
  // As Meilisearch does: it looks at fewer characters than there are in braces or after the prefix.
  const end = isBraced ? bytes - 3 : isUrn ? bytes - URN.length : bytes;
  return mistakeWithin(text, start, end, isBraced || isUrn || bytes === 36);
}

function mistakeWithin(text: string, start: number, end: number, needsHyphens: boolean): string {
  const hyphens: number[] = [];
  let at = 0;
  for (const character of text) {
    if (at >= start && at < end) {
      if (character === "-") hyphens.push(at - start);
      else if (!isHexDigit(character)) {
        return `invalid character: found \`${character}\` at ${at}`;
      }
    }
    at += byteLength(character);
  }
  if (hyphens.length === 0 && !needsHyphens) return `invalid length: found ${at}`;
  if (hyphens.length !== 4) {
    return `invalid group count: expected 5, found ${hyphens.length + 1}`;
  }
  const group = hyphens.findIndex((position, index) => position !== HYPHENS[index]);
  const found = group === -1 ? at - 24 : (hyphens[group] ?? 0) - (GROUP_STARTS[group] ?? 0);
  const wrong = group === -1 ? 4 : group;
  return `invalid group length in group ${wrong}: expected ${GROUPS[wrong]}, found ${found}`;
}

/** As Meilisearch does: only the low byte of a character is looked at. */
function isHexDigit(character: string): boolean {
  return /^[0-9a-fA-F]$/.test(String.fromCharCode((character.codePointAt(0) ?? 0) & 0xff));
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}
