/** Reads a tar archive as it streams by: names and sizes first, contents only where they are wanted. */
const BLOCK = 512;

export interface TarEntry {
  readonly name: string;
  readonly size: number;
  /** The bytes; what is not read is passed over. */
  readonly content: () => AsyncGenerator<Buffer>;
}

/** The files of an archive, in its order. */
export async function* tarEntries(stream: AsyncIterable<Buffer>): AsyncGenerator<TarEntry> {
  const source = new ByteSource(stream);
  let longName: string | undefined;
  for (;;) {
    const header = await source.take(BLOCK);
    if (header === undefined || header.every((byte) => byte === 0)) return;
    const size = Number.parseInt(field(header, 124, 12), 8) || 0;
    const type = String.fromCharCode(header[156] ?? 0);
    const blocks = Math.ceil(size / BLOCK) * BLOCK;
    if (type === "L" || type === "x") {
      const text = (await source.take(blocks))?.subarray(0, size).toString("utf8") ?? "";
      longName = type === "L" ? text.replace(/\0.*$/s, "") : (paxPath(text) ?? longName);
      continue;
    }
    const prefix = field(header, 345, 155);
    const short = field(header, 0, 100);
    const name = longName ?? (prefix === "" ? short : `${prefix}/${short}`);
    longName = undefined;
    const end = source.position + blocks;
    if (type === "0" || type === "\0") {
      const contentEnd = source.position + size;
      yield { name: name.replace(/^\.\//, ""), size, content: () => source.until(contentEnd) };
    }
    for await (const _ of source.until(end));
  }
}

function field(header: Buffer, at: number, length: number): string {
  return header
    .subarray(at, at + length)
    .toString("utf8")
    .replace(/\0.*$/s, "")
    .trim();
}

/** The `path` of a PAX header: `<length> path=<name>`. */
function paxPath(text: string): string | undefined {
  return /^\d+ path=(.*)$/m.exec(text)?.[1];
}

class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);
  position = 0;

  constructor(stream: AsyncIterable<Buffer>) {
    this.#chunks = stream[Symbol.asyncIterator]();
  }

  /** Exactly so many bytes; undefined when the archive has ended. */
  async take(length: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    for await (const part of this.until(this.position + length)) parts.push(part);
    const whole = Buffer.concat(parts);
    return whole.length === length ? whole : undefined;
  }

  /** The bytes up to a position. */
  async *until(end: number): AsyncGenerator<Buffer> {
    while (this.position < end) {
      if (this.#rest.length === 0) {
        const next = await this.#chunks.next();
        if (next.done === true) return;
        this.#rest = next.value;
      }
      const part = this.#rest.subarray(0, end - this.position);
      this.#rest = this.#rest.subarray(part.length);
      this.position += part.length;
      yield part;
    }
  }
}
