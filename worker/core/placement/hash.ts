/**
 * XXH32 (Yann Collet's xxHash, 32 bits, seed 0) over the UTF-8 bytes of a document id. 32 bits
 * because JavaScript multiplies them exactly and fast; the function and the vectors in its test
 * never change, or every stored document would be on the wrong shard.
 */
import type { DocumentId, ShardId } from "../ids.ts";
import { shardId } from "../ids.ts";

const PRIME1 = 0x9e3779b1;
const PRIME2 = 0x85ebca77;
const PRIME3 = 0xc2b2ae3d;
const PRIME4 = 0x27d4eb2f;
const PRIME5 = 0x165667b1;

const encoder = new TextEncoder();

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function round(lane: number, input: number): number {
  return Math.imul(rotateLeft((lane + Math.imul(input, PRIME2)) | 0, 13), PRIME1);
}

/** XXH32 of the bytes, as an unsigned 32-bit number. */
export function xxh32(bytes: Uint8Array, seed = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = bytes.byteLength;
  let at = 0;
  let hash: number;
  if (length >= 16) {
    let a = (seed + PRIME1 + PRIME2) | 0;
    let b = (seed + PRIME2) | 0;
    let c = seed | 0;
    let d = (seed - PRIME1) | 0;
    for (; at <= length - 16; at += 16) {
      a = round(a, view.getUint32(at, true));
      b = round(b, view.getUint32(at + 4, true));
      c = round(c, view.getUint32(at + 8, true));
      d = round(d, view.getUint32(at + 12, true));
    }
    hash = rotateLeft(a, 1) + rotateLeft(b, 7) + rotateLeft(c, 12) + rotateLeft(d, 18);
  } else {
    hash = seed + PRIME5;
  }
  hash = (hash + length) | 0;
  for (; at <= length - 4; at += 4) {
    hash = (hash + Math.imul(view.getUint32(at, true), PRIME3)) | 0;
    hash = Math.imul(rotateLeft(hash, 17), PRIME4);
  }
  for (; at < length; at += 1) {
    hash = (hash + Math.imul(view.getUint8(at), PRIME5)) | 0;
    hash = Math.imul(rotateLeft(hash, 11), PRIME1);
  }
  hash = Math.imul(hash ^ (hash >>> 15), PRIME2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** XXH32 of a text's UTF-8 bytes. */
export function hashText(text: string): number {
  return xxh32(encoder.encode(text));
}

/** The shard that owns a document id. */
export function shardOf(id: DocumentId, shardCount: number): ShardId {
  return shardId(hashText(id) % shardCount);
}

/** The same for an id that is still bytes: its canonical text in UTF-8. */
export function shardOfBytes(id: Uint8Array, shardCount: number): ShardId {
  return shardId(xxh32(id) % shardCount);
}
