/**
 * A CSV payload: the header names and types the fields, every further record is one document.
 * Documents come out as the JSON that Meilisearch makes of them, so that all later steps see JSON.
 */
import { malformedCsv } from "./malformed-payload.ts";
import { booleanCell, csvColumn, numberCell, type CsvColumn } from "./csv-cell.ts";
import { CsvReader, type CsvRecord } from "./csv-reader.ts";
import type { DocumentStream } from "./document-stream.ts";
import { decodeUtf8 } from "./json-string.ts";
import type { RawDocument } from "./raw-document.ts";

interface Field {
  /** `"name":` in UTF-8. */
  readonly label: Uint8Array;
  /** The column that gives its value: of equal names, the last. */
  readonly column: number;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const OPEN = 0x7b;
const CLOSE = 0x7d;
/** Quotes and comma around a cell, or a literal, which is never longer. */
const CELL_BYTES_MAX = 32;

const encoder = new TextEncoder();

/** The escape of each byte that needs one in a JSON string. */
const ESCAPES: readonly (Uint8Array | undefined)[] = Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === QUOTE || byte === BACKSLASH
    ? encoder.encode(JSON.stringify(String.fromCharCode(byte)).slice(1, -1))
    : undefined,
);

const ESCAPED_LENGTHS = Uint8Array.from(ESCAPES, (escape) => escape?.length ?? 1);

export class CsvDocumentStream implements DocumentStream {
  readonly #reader: CsvReader;
  #columns: readonly CsvColumn[] | undefined;
  #fields: readonly Field[] = [];
  #labelBytes = 0;
  #hasEscapedKey = false;
  #records = 0;
  #buffer = new Uint8Array(0);

  constructor(delimiter: string) {
    this.#reader = new CsvReader(delimiter);
  }

  *push(chunk: Uint8Array): Generator<RawDocument> {
    for (const record of this.#reader.push(chunk)) {
      const document = this.#read(record);
      if (document !== undefined) yield document;
    }
  }

  *end(): Generator<RawDocument> {
    for (const record of this.#reader.end()) {
      const document = this.#read(record);
      if (document !== undefined) yield document;
    }
  }

  #read(record: CsvRecord): RawDocument | undefined {
    if (this.#columns !== undefined && record.ends.length !== this.#columns.length) {
      throw malformedCsv(
        `CSV error: record ${this.#records + 1} (line: ${record.line}, byte: ${record.byte}): found record with ${record.ends.length} fields, but the previous record has ${this.#columns.length} fields`,
      );
    }
    if (record.hasHighBytes) checkUtf8(record, this.#columns === undefined ? 0 : this.#records + 1);
    if (this.#columns === undefined) {
      this.#readHeader(record);
      return undefined;
    }
    this.#records += 1;
    return this.#document(record, this.#literals(record, this.#columns));
  }

  #readHeader(record: CsvRecord): void {
    const columns = record.ends.map((_, column) => csvColumn(cellText(record, column)));
    const last = new Map(columns.map(({ name }, column) => [name, column]));
    this.#columns = columns;
    this.#fields = [...last].map(([name, column]) => ({
      label: encoder.encode(`${JSON.stringify(name)}:`),
      column,
    }));
    this.#hasEscapedKey = this.#fields.some(({ label }) => label.includes(BACKSLASH));
    this.#labelBytes = this.#fields.reduce((total, { label }) => total + label.length, 0);
  }

  /** JSON text of the cells that are no strings; every cell is checked, shadowed ones too. */
  #literals(record: CsvRecord, columns: readonly CsvColumn[]): readonly (string | undefined)[] {
    return columns.map(({ type }, column) => {
      if (type === "number") return numberCell(cellText(record, column), this.#records);
      if (type === "boolean") return booleanCell(cellText(record, column), this.#records);
      return cellStart(record, column) === record.ends[column] ? "null" : undefined;
    });
  }

  #document(record: CsvRecord, literals: readonly (string | undefined)[]): RawDocument {
    const bytes = this.#reserve(record);
    const members: number[] = [];
    let at = 0;
    bytes[at] = OPEN;
    for (const { label, column } of this.#fields) {
      at += 1;
      bytes.set(label, at);
      const valueStart = at + label.length;
      const literal = literals[column];
      const end =
        literal === undefined
          ? writeString(record, column, bytes, valueStart)
          : writeAscii(literal, bytes, valueStart);
      members.push(at, valueStart - 1, valueStart, end);
      bytes[end] = COMMA;
      at = end;
    }
    bytes[at] = CLOSE;
    const piece = bytes.subarray(0, at + 1);
    return {
      pieces: [piece],
      byteLength: piece.length,
      members,
      hasEscapedKey: this.#hasEscapedKey,
      needsStrictCheck: false,
    };
  }

  /** The buffer of the documents, which each of them overwrites, large enough for this one. */
  #reserve(record: CsvRecord): Uint8Array {
    const wanted =
      2 + this.#labelBytes + this.#fields.length * CELL_BYTES_MAX + escapedLength(record.bytes);
    if (wanted > this.#buffer.length) this.#buffer = new Uint8Array(wanted * 2);
    return this.#buffer;
  }
}

function cellStart(record: CsvRecord, column: number): number {
  return column === 0 ? 0 : (record.ends[column - 1] ?? 0);
}

function cellBytes(record: CsvRecord, column: number): Uint8Array {
  return record.bytes.subarray(cellStart(record, column), record.ends[column]);
}

function cellText(record: CsvRecord, column: number): string {
  return decodeUtf8(cellBytes(record, column)) ?? "";
}

const NOTHING = new Uint8Array(0);

/** Write a short text; returns the position after it. */
function writeAscii(text: string, bytes: Uint8Array, from: number): number {
  for (let at = 0; at < text.length; at += 1) bytes[from + at] = text.charCodeAt(at);
  return from + text.length;
}

function escapedLength(bytes: Uint8Array): number {
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) length += ESCAPED_LENGTHS[bytes[at] ?? 0] ?? 1;
  return length;
}

/** Write a cell as a JSON string; returns the position after it. */
function writeString(record: CsvRecord, column: number, bytes: Uint8Array, from: number): number {
  const source = record.bytes;
  const end = record.ends[column] ?? 0;
  let at = from;
  bytes[at] = QUOTE;
  at += 1;
  for (let read = cellStart(record, column); read < end; read += 1) {
    const byte = source[read] ?? 0;
    if (ESCAPED_LENGTHS[byte] === 1) {
      bytes[at] = byte;
      at += 1;
    } else {
      const escape = ESCAPES[byte] ?? NOTHING;
      bytes.set(escape, at);
      at += escape.length;
    }
  }
  bytes[at] = QUOTE;
  return at + 1;
}

/** As the `csv` crate does: the first field that is not UTF-8, and how far it was. */
function checkUtf8(record: CsvRecord, number: number): void {
  if (
    decodeUtf8(record.bytes) !== undefined &&
    record.ends.every((end) => isBoundary(record, end))
  ) {
    return;
  }
  for (let column = 0; column < record.ends.length; column += 1) {
    const cell = cellBytes(record, column);
    if (decodeUtf8(cell) !== undefined) continue;
    throw malformedCsv(
      `CSV parse error: record ${number} (line ${record.line}, field: ${column}, byte: ${record.byte}): invalid utf-8: invalid UTF-8 in field ${column} near byte index ${validLength(cell)}`,
    );
  }
}

/** Does no character continue over this position? */
function isBoundary(record: CsvRecord, at: number): boolean {
  return ((record.bytes[at] ?? 0) & 0xc0) !== 0x80;
}

/** Bytes before the first that is not UTF-8. */
function validLength(bytes: Uint8Array): number {
  let length = 0;
  for (let low = 0, high = bytes.length; low <= high;) {
    const middle = (low + high) >> 1;
    const decoded = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    try {
      decoded.decode(bytes.subarray(0, middle), { stream: true });
      length = middle;
      low = middle + 1;
    } catch {
      high = middle - 1;
    }
  }
  // The end of a cut character still decodes as a stream.
  while (length > 0 && decodeUtf8(bytes.subarray(0, length)) === undefined) length -= 1;
  return length;
}
