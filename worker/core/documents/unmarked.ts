/**
 * Documents of log rows as they were before their mark was spliced in (`splice.ts`): the way back,
 * for an index that is split anew. Chunks in, whole lines out; holds at most one line.
 */
import type { ShardId } from "../ids.ts";
import { MarkTails } from "./splice.ts";

const NEWLINE = 0x0a;
const COMMA = 0x2c;
const END = Uint8Array.of(0x7d, NEWLINE);

export class UnmarkedLines {
  readonly #tailLength: number;
  #open: Uint8Array[] = [];

  /** Of rows that are all of one shard. */
  constructor(shard: ShardId) {
    this.#tailLength = new MarkTails().tail(shard).length;
  }

  /** The documents that a chunk ends, each on its line. */
  *push(chunk: Uint8Array): Generator<Uint8Array<ArrayBuffer>> {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#open.push(chunk.subarray(start, end + 1));
      start = end + 1;
      yield this.#line();
    }
    if (start < chunk.length) this.#open.push(chunk.slice(start));
  }

  #line(): Uint8Array<ArrayBuffer> {
    const length = this.#open.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const line = new Uint8Array(length);
    let at = 0;
    for (const piece of this.#open) {
      line.set(piece, at);
      at += piece.length;
    }
    this.#open = [];
    let end = length - this.#tailLength;
    if (line[end - 1] === COMMA) end -= 1;
    line.set(END, end);
    return line.subarray(0, end + END.length);
  }
}
