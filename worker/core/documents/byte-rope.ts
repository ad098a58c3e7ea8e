/**
 * Bytes gathered from many pieces without ever copying what was already gathered: doubling one
 * buffer would need three times a large document's size at its peak. Blocks grow to a fixed size,
 * so that neither many tiny pieces nor a long document cost more than their bytes.
 */
const FIRST_BLOCK_BYTES = 4096;
const BLOCK_BYTES_MAX = 1_048_576;

const NO_BLOCK = new Uint8Array(0);

export class ByteRope {
  #blocks: Uint8Array[] = [];
  #last = NO_BLOCK;
  #used = 0;
  length = 0;

  append(bytes: Uint8Array): void {
    let from = 0;
    while (from < bytes.length) {
      if (this.#used === this.#last.length) this.#addBlock();
      const count = Math.min(bytes.length - from, this.#last.length - this.#used);
      this.#last.set(bytes.subarray(from, from + count), this.#used);
      this.#used += count;
      from += count;
    }
    this.length += bytes.length;
  }

  /** What was gathered, in order; the rope is empty afterwards. */
  take(): Uint8Array[] {
    const pieces = this.#blocks;
    if (this.#used > 0) pieces.push(this.#last.subarray(0, this.#used));
    this.#blocks = [];
    this.#last = NO_BLOCK;
    this.#used = 0;
    this.length = 0;
    return pieces;
  }

  #addBlock(): void {
    if (this.#used > 0) this.#blocks.push(this.#last);
    const size = Math.min(BLOCK_BYTES_MAX, Math.max(FIRST_BLOCK_BYTES, this.length));
    this.#last = new Uint8Array(size);
    this.#used = 0;
  }
}
