/**
 * How one exchange ends when it does not end by itself: at its deadline, or when its caller gives it
 * up. One controller and one timer for all of it: signals built of signals cost more than the rest
 * of the exchange.
 */
export class Ending {
  readonly #abort = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #timer: ReturnType<typeof setTimeout>;
  readonly #ended = Promise.withResolvers<never>();
  readonly #giveUp = (): void => this.#end("the caller gave the request up");
  #isDeadline = false;

  constructor(timeoutMs: number, outer: AbortSignal | undefined) {
    this.#outer = outer;
    // Nobody may be waiting for it when it comes.
    this.#ended.promise.catch(() => undefined);
    this.#timer = setTimeout(() => {
      this.#isDeadline = true;
      this.#end("the node did not answer before the deadline");
    }, timeoutMs);
    if (outer?.aborted === true) this.#giveUp();
    else outer?.addEventListener("abort", this.#giveUp);
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  get isDeadline(): boolean {
    return this.#isDeadline;
  }

  /** The promise, or a rejection as soon as it is over: a body can hang where fetch did not. */
  async before<T>(promise: Promise<T>): Promise<T> {
    return await Promise.race([promise, this.#ended.promise]);
  }

  release(): void {
    clearTimeout(this.#timer);
    this.#outer?.removeEventListener("abort", this.#giveUp);
  }

  #end(reason: string): void {
    this.#ended.reject(new Error(reason));
    this.#abort.abort();
  }
}
