/**
 * Gathers documents into log rows: one chunk of documents at a time, sorted by shard only when it
 * is handed on. The order of documents within a shard is the payload's; between shards there is
 * none to keep, since an id always belongs to the same shard.
 */
import type { RawDocument } from "../core/documents/raw-document.ts";
import {
  copyAsOneLine,
  markedLength,
  markedPieces,
  MarkTails,
  writeMarked,
} from "../core/documents/splice.ts";
import { shardId, type ShardId } from "../core/ids.ts";
import { LOG_CHUNK_BYTES, LOG_ROW_BYTES_MAX } from "../core/limits.ts";

/** NDJSON bytes of documents of one shard. A long document goes on in the shard's next row. */
export interface LogRow {
  readonly shard: ShardId;
  readonly bytes: Uint8Array;
}

const NEWLINE = 0x0a;

/** Rows never exceed one chunk, so that a chunk's documents of one shard always fit one row. */
const CHUNK_BYTES = Math.min(LOG_CHUNK_BYTES, LOG_ROW_BYTES_MAX);

export class RowGatherer {
  readonly #tails = new MarkTails();
  /** The last row of a long document, in front of the chunk. */
  #ready: LogRow[] = [];
  #readyBytes = 0;
  #chunk = new Uint8Array(16_384);
  #length = 0;
  /** Shard and end of every document in the chunk. */
  #shards: number[] = [];
  #ends: number[] = [];
  readonly touched = new Set<ShardId>();

  /** Bytes gathered and not yet handed on. */
  get heldBytes(): number {
    return this.#readyBytes + this.#length;
  }

  /** Add a document. Rows that come back have to be handed on, each before the next is asked for. */
  add(document: RawDocument, shard: ShardId): Iterable<readonly LogRow[]> | undefined {
    const tail = this.#tails.tail(shard);
    const length = markedLength(document, tail);
    if (this.heldBytes + length > CHUNK_BYTES) return this.#addToFull(document, shard, length);
    this.#append(document, shard, length);
    return undefined;
  }

  *#addToFull(document: RawDocument, shard: ShardId, length: number): Generator<readonly LogRow[]> {
    if (this.heldBytes > 0) yield this.take();
    if (length > CHUNK_BYTES) yield* this.#addLong(document, shard);
    else this.#append(document, shard, length);
  }

  #append(document: RawDocument, shard: ShardId, length: number): void {
    const tail = this.#tails.tail(shard);
    this.touched.add(shard);
    this.#reserve(length);
    this.#length = writeMarked(document, tail, this.#chunk, this.#length);
    this.#shards.push(shard);
    this.#ends.push(this.#length);
  }

  /** Everything gathered, in rows by shard; nothing is held afterwards. */
  take(): readonly LogRow[] {
    const sizes = new Map<number, number>();
    let start = 0;
    for (let at = 0; at < this.#ends.length; at += 1) {
      const end = this.#ends[at] ?? start;
      const shard = this.#shards[at] ?? 0;
      sizes.set(shard, (sizes.get(shard) ?? 0) + end - start);
      start = end;
    }
    const open = new Map<number, { bytes: Uint8Array; length: number }>();
    for (const [shard, size] of sizes) open.set(shard, { bytes: new Uint8Array(size), length: 0 });
    start = 0;
    for (let at = 0; at < this.#ends.length; at += 1) {
      const end = this.#ends[at] ?? start;
      const row = open.get(this.#shards[at] ?? 0);
      if (row !== undefined) {
        row.bytes.set(this.#chunk.subarray(start, end), row.length);
        row.length += end - start;
      }
      start = end;
    }
    const rows = this.#ready;
    for (const [shard, { bytes }] of open) rows.push({ shard: shardId(shard), bytes });
    this.drop();
    return rows;
  }

  /** Forget what was gathered. */
  drop(): void {
    this.#ready = [];
    this.#readyBytes = 0;
    this.#length = 0;
    this.#shards = [];
    this.#ends = [];
  }

  *#addLong(document: RawDocument, shard: ShardId): Generator<readonly LogRow[]> {
    const tail = this.#tails.tail(shard);
    this.touched.add(shard);
    let row = new Uint8Array(LOG_ROW_BYTES_MAX);
    let length = 0;
    for (const piece of markedPieces(document, tail)) {
      let from = 0;
      while (from < piece.length) {
        if (length === row.length) {
          yield [{ shard, bytes: row }];
          row = new Uint8Array(LOG_ROW_BYTES_MAX);
          length = 0;
        }
        const count = Math.min(piece.length - from, row.length - length);
        copyAsOneLine(piece.subarray(from, from + count), row, length);
        from += count;
        length += count;
      }
    }
    if (length === row.length) {
      yield [{ shard, bytes: row }];
      row = new Uint8Array(1);
      length = 0;
    }
    row[length] = NEWLINE;
    this.#ready = [{ shard, bytes: row.slice(0, length + 1) }];
    this.#readyBytes = length + 1;
  }

  #reserve(count: number): void {
    const wanted = this.#length + count;
    if (wanted <= this.#chunk.length) return;
    const grown = new Uint8Array(Math.min(Math.max(wanted, this.#chunk.length * 2), CHUNK_BYTES));
    grown.set(this.#chunk.subarray(0, this.#length));
    this.#chunk = grown;
  }
}
