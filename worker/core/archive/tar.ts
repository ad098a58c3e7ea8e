/**
 * The tar format, as far as an archive of plain files needs it: headers, padding, the end. What comes
 * between is the caller's, so an archive of any size can be written in bounded memory.
 */
const BLOCK = 512;
const NAME_BYTES = 100;
const encoder = new TextEncoder();

export interface TarFile {
  readonly name: string;
  readonly size: number;
  /** Seconds since the Unix epoch. */
  readonly modifiedAt: number;
}

/** What stands before a file's bytes. */
export function fileHeader({ name, size, modifiedAt }: TarFile): Uint8Array<ArrayBuffer> {
  const header = block({ name, size, modifiedAt, type: "0", mode: "0000644" });
  const bytes = encoder.encode(name);
  if (bytes.length <= NAME_BYTES) return header;
  // GNU's way with a long name: a file of its own before the real one.
  const long = concatenated([bytes, new Uint8Array(1)]);
  const size_ = long.length;
  const lead = block({
    name: "././@LongLink",
    size: size_,
    modifiedAt,
    type: "L",
    mode: "0000644",
  });
  return concatenated([lead, long, padding(size_), header]);
}

export function directoryHeader(name: string, modifiedAt: number): Uint8Array<ArrayBuffer> {
  return block({ name: `${name}/`, size: 0, modifiedAt, type: "5", mode: "0000755" });
}

/** What stands behind a file's bytes. */
export function padding(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);
}

/** What stands behind the last file. */
export function archiveEnd(): Uint8Array<ArrayBuffer> {
  return new Uint8Array(2 * BLOCK);
}

function block(
  entry: TarFile & { readonly type: string; readonly mode: string },
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(BLOCK);
  const put = (text: string, at: number): void => bytes.set(encoder.encode(text), at);
  bytes.set(encoder.encode(entry.name).subarray(0, NAME_BYTES), 0);
  put(entry.mode, 100);
  put("0000000", 108);
  put("0000000", 116);
  put(sizeField(entry.size), 124);
  put(octal(entry.modifiedAt, 11), 136);
  put("        ", 148);
  put(entry.type, 156);
  put("ustar\u000000", 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  put(`${octal(sum, 6)}\u0000 `, 148);
  return bytes;
}

/** Eleven octal digits hold 8 GiB; what is more is cut into files by nobody, so it is refused. */
function sizeField(size: number): string {
  if (size >= 8 ** 11) throw new RangeError("a file of an archive is larger than 8 GiB");
  return octal(size, 11);
}

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, "0");

function concatenated(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
