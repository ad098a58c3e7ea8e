/**
 * Cuts single values out of a byte stream: a value that lies in one chunk is a view of it, one that
 * spans chunks is gathered in a rope. What a scan cannot tell is asked for apart: UTF-8, and escapes in keys.
 */
import { ByteRope } from "./byte-rope.ts";
import { JsonFault } from "./json-fault.ts";
import { decodeJsonString } from "./json-string.ts";
import { documentSlice, joinBytes, MEMBER_STRIDE, type RawDocument } from "./raw-document.ts";
import { isUtf8 } from "./utf8-check.ts";
import { ValueScanner } from "./value-scanner.ts";

export class DocumentAssembler {
  readonly scanner = new ValueScanner();
  readonly #rope = new ByteRope();

  /** A value starts at the next byte that is fed, which is no whitespace. */
  begin(): void {
    this.scanner.start();
    if (this.#rope.length > 0) this.#rope.take();
  }

  /** Read on; returns the position after the value, or `chunk.length` when it goes on. */
  feed(chunk: Uint8Array, at: number): number {
    const end = this.scanner.scan(chunk, at, chunk.length);
    // A number at the end of a chunk may go on, so only a finished value avoids the copy.
    if (!this.scanner.isDone || this.#rope.length > 0) this.#rope.append(chunk.subarray(at, end));
    return end;
  }

  /** The finished value, which ended at `end` of `chunk`; not yet known to be UTF-8. */
  take(chunk: Uint8Array, end: number): RawDocument {
    const { size: byteLength, members, hasEscapedKey, needsStrictCheck } = this.scanner;
    const pieces =
      this.#rope.length > 0 ? this.#rope.take() : [chunk.subarray(end - byteLength, end)];
    return { pieces, byteLength, members, hasEscapedKey, needsStrictCheck };
  }

  isUtf8(document: RawDocument): boolean {
    return !this.scanner.hasHighBytes || isUtf8(document.pieces);
  }

  /** What was gathered of an unfinished value, and the rest of the chunk that broke it. */
  gathered(rest: Uint8Array): Uint8Array {
    return joinBytes([...this.#rope.take(), rest]);
  }
}

/** Throws a `JsonFault` that counts from the document's first byte when a key cannot be decoded. */
export function checkKeys(document: RawDocument): void {
  if (!document.hasEscapedKey) return;
  for (let at = 0; at < document.members.length; at += MEMBER_STRIDE) {
    const start = (document.members[at] ?? 0) + 1;
    const raw = documentSlice(document, start, (document.members[at + 1] ?? 2) - 1);
    try {
      decodeJsonString(raw);
    } catch (error) {
      if (error instanceof JsonFault) throw new JsonFault(error.reason, start + error.index);
      throw error;
    }
  }
}
