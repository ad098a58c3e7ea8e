/**
 * How much memory the uploads of one isolate may hold at once. An upload asks before it reads its
 * body, waits a little for others to end, and is refused (503, nothing was read) when they do not: a
 * burst must not end the isolate and everybody's requests with it.
 *
 * Workers may end a request whose client has gone without running its `finally`: a share that has
 * not moved for long is nobody's.
 */
import { ApiError } from "../core/errors/api-error.ts";
import { UPLOAD_HELD_BYTES, UPLOADS_HELD_BYTES_MAX, UPLOAD_WAIT_MS } from "../core/limits.ts";

/** A client that sends nothing for so long is not counted on. */
const STALLED_MS = 30_000;
const PAUSE_MS = 20;

interface Share {
  readonly bytes: number;
  movedAt: number;
}

export interface UploadClock {
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

export class UploadBudget {
  readonly #clock: UploadClock;
  readonly #shares = new Set<Share>();

  constructor(clock: UploadClock) {
    this.#clock = clock;
  }

  /** Runs `read` over the body once there is room for it. */
  async reading<T>(
    body: AsyncIterable<Uint8Array> | null,
    sentBytes: number | undefined,
    read: (body: AsyncIterable<Uint8Array> | null) => Promise<T>,
  ): Promise<T> {
    const share = await this.#enter(Math.min(sentBytes ?? UPLOAD_HELD_BYTES, UPLOAD_HELD_BYTES));
    try {
      return await read(body === null ? null : this.#watched(body, share));
    } finally {
      this.#shares.delete(share);
    }
  }

  async #enter(bytes: number): Promise<Share> {
    const { now, sleep } = this.#clock;
    const deadline = now() + UPLOAD_WAIT_MS;
    while (this.#held() + bytes > UPLOADS_HELD_BYTES_MAX) {
      if (now() >= deadline) throw tooMany();
      await sleep(PAUSE_MS);
    }
    const share = { bytes, movedAt: now() };
    this.#shares.add(share);
    return share;
  }

  #held(): number {
    const stalled = this.#clock.now() - STALLED_MS;
    let held = 0;
    for (const share of this.#shares) {
      if (share.movedAt < stalled) this.#shares.delete(share);
      else held += share.bytes;
    }
    return held;
  }

  async *#watched(body: AsyncIterable<Uint8Array>, share: Share): AsyncGenerator<Uint8Array> {
    for await (const chunk of body) {
      share.movedAt = this.#clock.now();
      yield chunk;
    }
  }
}

function tooMany(): ApiError {
  return new ApiError(
    "miroir_too_many_uploads",
    "Too many uploads are under way at once. Nothing was written; try again later.",
    { retryAfterSeconds: 1 },
  );
}
