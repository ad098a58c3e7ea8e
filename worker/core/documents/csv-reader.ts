/**
 * CSV records out of a byte stream, with the leniency of the `csv` crate that Meilisearch uses
 * (RFC 4180 plus: blank lines are skipped, `\r`, `\n` and `\r\n` all end a record, a quote inside a
 * field is itself, text behind a closing quote belongs to the field, an open quote ends with the
 * payload). Written here because positions in error texts and these rules come from that crate.
 */
import { ApiError } from "../errors/api-error.ts";
import { CSV_RECORD_BYTES_MAX } from "../limits.ts";

export interface CsvRecord {
  /** All fields, unquoted, one behind the other. */
  readonly bytes: Uint8Array;
  /** Where each field ends in `bytes`. */
  readonly ends: readonly number[];
  readonly hasHighBytes: boolean;
  /** Position of the record, as the `csv` crate counts it: from the end of the one before. */
  readonly line: number;
  readonly byte: number;
}

const START_RECORD = 0;
const START_FIELD = 1;
const IN_FIELD = 2;
const IN_QUOTES = 3;
const AFTER_QUOTE = 4;

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;
const BOM = [0xef, 0xbb, 0xbf] as const;

export class CsvReader {
  readonly #delimiter: number;
  #state = START_RECORD;
  #buffer = new Uint8Array(4096);
  #length = 0;
  #ends: number[] = [];
  #high = 0;
  #bomAt = 0;
  /** Bytes and newlines read so far, and when the current record began to be read. */
  #bytesRead = 0;
  #lines = 1;
  #recordByte = 0;
  #recordLine = 1;

  constructor(delimiter: string) {
    this.#delimiter = delimiter.charCodeAt(0);
  }

  /** The records that this chunk completes; each is valid until the next is asked for. */
  *push(chunk: Uint8Array): Generator<CsvRecord> {
    let at = this.#skipBom(chunk);
    const before = this.#bytesRead;
    while (at < chunk.length) {
      this.#reserve(chunk.length - at);
      at = this.#readRecord(chunk, at);
      this.#bytesRead = before + at;
      if (this.#state === START_RECORD && this.#ends.length > 0) yield this.#record();
    }
    this.#bytesRead = before + chunk.length;
  }

  *end(): Generator<CsvRecord> {
    if (this.#state === START_RECORD) return;
    this.#ends.push(this.#length);
    yield this.#record();
  }

  /** Read on to the end of the record (state `START_RECORD` with fields) or of the chunk. */
  #readRecord(chunk: Uint8Array, from: number): number {
    const delimiter = this.#delimiter;
    const buffer = this.#buffer;
    let length = this.#length;
    let state = this.#state;
    let high = this.#high;
    let at = from;
    while (at < chunk.length) {
      const byte = chunk[at] ?? 0;
      at += 1;
      if (byte === NEWLINE) this.#lines += 1;
      if (state === IN_QUOTES) {
        if (byte === QUOTE) {
          state = AFTER_QUOTE;
          continue;
        }
      } else if (state === START_RECORD && (byte === NEWLINE || byte === RETURN)) {
        continue;
      } else if (state === AFTER_QUOTE && byte === QUOTE) {
        state = IN_QUOTES;
      } else if (state <= START_FIELD && byte === QUOTE) {
        state = IN_QUOTES;
        continue;
      } else if (byte === delimiter) {
        this.#ends.push(length);
        state = START_FIELD;
        continue;
      } else if (byte === NEWLINE || byte === RETURN) {
        this.#ends.push(length);
        state = START_RECORD;
        break;
      } else state = IN_FIELD;
      buffer[length] = byte;
      length += 1;
      high |= byte;
    }
    this.#length = length;
    this.#state = state;
    this.#high = high;
    return at;
  }

  #record(): CsvRecord {
    const record = {
      bytes: this.#buffer.subarray(0, this.#length),
      ends: this.#ends,
      hasHighBytes: this.#high > 0x7f,
      line: this.#recordLine,
      byte: this.#recordByte,
    };
    this.#length = 0;
    this.#ends = [];
    this.#high = 0;
    this.#recordByte = this.#bytesRead;
    this.#recordLine = this.#lines;
    return record;
  }

  #reserve(count: number): void {
    const wanted = this.#length + count;
    if (wanted <= this.#buffer.length) return;
    // A forgotten quote would gather the rest of the payload in memory.
    if (this.#length > CSV_RECORD_BYTES_MAX) {
      throw new ApiError(
        "payload_too_large",
        `The \`csv\` payload has a record of more than ${CSV_RECORD_BYTES_MAX} bytes at line ${this.#recordLine}.`,
      );
    }
    const grown = new Uint8Array(Math.max(wanted, this.#buffer.length * 2));
    grown.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = grown;
  }

  /** As the `csv` crate does: a UTF-8 byte order mark before the header is dropped. */
  #skipBom(chunk: Uint8Array): number {
    let at = 0;
    while (this.#bomAt < BOM.length && at < chunk.length) {
      if (chunk[at] !== BOM[this.#bomAt]) {
        this.#keepPartOfBom();
        break;
      }
      at += 1;
      this.#bomAt += 1;
    }
    return at;
  }

  /** What looked like a mark in an earlier chunk was the header's first bytes. */
  #keepPartOfBom(): void {
    this.#buffer.set(BOM.slice(0, this.#bomAt));
    this.#length = this.#bomAt;
    if (this.#bomAt > 0) {
      this.#high = BOM[0];
      this.#state = IN_FIELD;
    }
    this.#bomAt = BOM.length;
  }
}
