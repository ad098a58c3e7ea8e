/**
 * Writes an object of unknown size to R2 in parts of one size, as R2 wants them: memory holds one
 * part. Nothing is there until `finish`; what is given up leaves nothing behind.
 */
const PART_BYTES = 8_388_608;

export class ObjectSink {
  readonly #upload: R2MultipartUpload;
  readonly #parts: R2UploadedPart[] = [];
  #part = new Uint8Array(PART_BYTES);
  #filled = 0;
  #size = 0;

  private constructor(upload: R2MultipartUpload) {
    this.#upload = upload;
  }

  static async open(bucket: R2Bucket, key: string): Promise<ObjectSink> {
    return new ObjectSink(await bucket.createMultipartUpload(key));
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size;
  }

  async write(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    this.#size += bytes.length;
    while (rest.length > 0) {
      const fitting = rest.subarray(0, PART_BYTES - this.#filled);
      this.#part.set(fitting, this.#filled);
      this.#filled += fitting.length;
      rest = rest.subarray(fitting.length);
      if (this.#filled === PART_BYTES) await this.#flush();
    }
  }

  async finish(): Promise<void> {
    // An upload has at least one part, if it is empty.
    if (this.#filled > 0 || this.#parts.length === 0) await this.#flush();
    await this.#upload.complete(this.#parts);
  }

  async abort(): Promise<void> {
    await this.#upload.abort();
  }

  async #flush(): Promise<void> {
    const number = this.#parts.length + 1;
    this.#parts.push(await this.#upload.uploadPart(number, this.#part.slice(0, this.#filled)));
    this.#filled = 0;
  }
}
