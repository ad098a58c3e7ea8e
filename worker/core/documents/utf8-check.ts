/** Is a sequence of pieces UTF-8? Without keeping the text, so that long documents cost nothing. */
import { decodeUtf8 } from "./json-string.ts";

/** Bytes decoded at a time. */
const WINDOW_BYTES = 65_536;

export function isUtf8(pieces: readonly Uint8Array[]): boolean {
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1 && first.length <= WINDOW_BYTES) {
    return decodeUtf8(first) !== undefined;
  }
  // A decoder of its own: a failed one may keep half a character.
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    for (const piece of pieces) {
      for (let at = 0; at < piece.length; at += WINDOW_BYTES) {
        decoder.decode(piece.subarray(at, at + WINDOW_BYTES), { stream: true });
      }
    }
    decoder.decode();
    return true;
  } catch {
    return false;
  }
}
