/**
 * One document as its client sent it: an object's bytes from `{` to `}`, in one piece or several
 * (a long one is never joined), and where its top-level members stand. Pieces may be views into a
 * received chunk: use them before the next one is read.
 */
import { decodeJsonString } from "./json-string.ts";

export interface RawDocument {
  readonly pieces: readonly Uint8Array[];
  readonly byteLength: number;
  /** Per member: key start, key end (quotes included), value start, value end. */
  readonly members: readonly number[];
  /** True when some top-level key is written with escapes. */
  readonly hasEscapedKey: boolean;
  /** True when serde_json might refuse to build a value of it, though it is well formed. */
  readonly needsStrictCheck: boolean;
}

/** Numbers per member in `RawDocument.members`. */
export const MEMBER_STRIDE = 4;

/** A range of the document; a view where it lies in one piece. */
export function documentSlice(document: RawDocument, start: number, end: number): Uint8Array {
  const [first] = document.pieces;
  if (first !== undefined && end <= first.length) return first.subarray(start, end);
  const joined = new Uint8Array(end - start);
  let offset = 0;
  for (const piece of document.pieces) {
    const from = Math.max(start - offset, 0);
    const to = Math.min(end - offset, piece.length);
    if (from < to) joined.set(piece.subarray(from, to), offset + from - start);
    offset += piece.length;
  }
  return joined;
}

/** All pieces in one; the piece itself when there is one. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const [first] = pieces;
  if (first !== undefined && pieces.length === 1) return first;
  const joined = new Uint8Array(pieces.reduce((total, piece) => total + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

export function documentBytes(document: RawDocument): Uint8Array {
  return joinBytes(document.pieces);
}

export function memberCount(document: RawDocument): number {
  return document.members.length / MEMBER_STRIDE;
}

/** The key of a member as it is written, without its quotes. */
export function rawKey(document: RawDocument, member: number): Uint8Array {
  const at = member * MEMBER_STRIDE;
  return documentSlice(
    document,
    (document.members[at] ?? 0) + 1,
    (document.members[at + 1] ?? 2) - 1,
  );
}

/** The key of a member, escapes decoded. */
export function memberKey(document: RawDocument, member: number): string {
  return decodeJsonString(rawKey(document, member));
}

/** The value of a member as it is written. */
export function rawValue(document: RawDocument, member: number): Uint8Array {
  const at = member * MEMBER_STRIDE;
  return documentSlice(document, document.members[at + 2] ?? 0, document.members[at + 3] ?? 0);
}

/** Is the key of a member this name? `name` is its UTF-8 form. */
export function keyIs(document: RawDocument, member: number, name: KeyName): boolean {
  if (document.hasEscapedKey) return memberKey(document, member) === name.text;
  const { members, pieces } = document;
  const start = (members[member * MEMBER_STRIDE] ?? 0) + 1;
  const end = (members[member * MEMBER_STRIDE + 1] ?? 2) - 1;
  const { bytes } = name;
  if (end - start !== bytes.length) return false;
  const first = pieces[0];
  // Comparing in place matters: this runs for every key of every document.
  const inFirst = first !== undefined && end <= first.length;
  const source = inFirst ? first : documentSlice(document, start, end);
  const from = inFirst ? start : 0;
  for (let at = 0; at < bytes.length; at += 1) {
    if (source[from + at] !== bytes[at]) return false;
  }
  return true;
}

/** A field name to look for, encoded once. */
export interface KeyName {
  readonly text: string;
  readonly bytes: Uint8Array;
}

const encoder = new TextEncoder();

export function keyName(text: string): KeyName {
  return { text, bytes: encoder.encode(text) };
}
