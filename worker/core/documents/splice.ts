/**
 * A document as it is logged and sent to nodes: its own bytes with the shard mark spliced in before
 * the last `}`, on one line. Newlines inside are whitespace (JSON strings cannot hold raw ones), so
 * they become spaces; every other byte stays.
 */
import type { ShardId } from "../ids.ts";
import { MARK_FIELD, shardMark } from "../placement/shard-mark.ts";
import type { RawDocument } from "./raw-document.ts";

const NEWLINE = 0x0a;
const SPACE = 0x20;
const COMMA = 0x2c;

const encoder = new TextEncoder();

/** The mark's member, the closing brace and the newline, per shard: encoded once per upload. */
export class MarkTails {
  readonly #tails = new Map<ShardId, Uint8Array>();

  tail(shard: ShardId): Uint8Array {
    const known = this.#tails.get(shard);
    if (known !== undefined) return known;
    const tail = encoder.encode(`"${MARK_FIELD}":"${shardMark(shard)}"}\n`);
    this.#tails.set(shard, tail);
    return tail;
  }
}

/** Bytes that `writeMarked` writes. */
export function markedLength(document: RawDocument, tail: Uint8Array): number {
  return document.byteLength - 1 + (document.members.length > 0 ? 1 : 0) + tail.length;
}

/** Write a document, marked and on one line, at `at` of `target`; returns the position after it. */
export function writeMarked(
  document: RawDocument,
  tail: Uint8Array,
  target: Uint8Array,
  at: number,
): number {
  let end = at;
  for (const piece of document.pieces) {
    copyAsOneLine(piece, target, end);
    end += piece.length;
  }
  end -= 1;
  if (document.members.length > 0) {
    target[end] = COMMA;
    end += 1;
  }
  target.set(tail, end);
  return end + tail.length;
}

/**
 * The same one piece at a time, for a document too long for one row; without copying it, so the
 * newlines are still there for `copyAsOneLine`, except the one that ends the document.
 */
export function* markedPieces(document: RawDocument, tail: Uint8Array): Generator<Uint8Array> {
  let left = document.byteLength - 1;
  for (const piece of document.pieces) {
    const part = piece.subarray(0, Math.min(piece.length, left));
    left -= part.length;
    if (part.length > 0) yield part;
  }
  if (document.members.length > 0) yield Uint8Array.of(COMMA);
  yield tail.subarray(0, -1);
}

/** Copy bytes of a document to `offset` of `target`, newlines as spaces. */
export function copyAsOneLine(piece: Uint8Array, target: Uint8Array, offset: number): void {
  target.set(piece, offset);
  let at = piece.indexOf(NEWLINE);
  while (at !== -1) {
    target[offset + at] = SPACE;
    at = piece.indexOf(NEWLINE, at + 1);
  }
}
