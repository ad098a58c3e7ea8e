/**
 * Runs a job that looks for work, one run at a time. A call during a run makes it look once more, so
 * that what came up after its last look is never left lying.
 */
export class Repeater {
  readonly #job: () => Promise<void>;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(job: () => Promise<void>) {
    this.#job = job;
  }

  /** Resolves when the job has nothing left to do. */
  run(): Promise<void> {
    this.#again = true;
    this.#running ??= this.#loop();
    return this.#running;
  }

  async #loop(): Promise<void> {
    try {
      while (this.#again) {
        this.#again = false;
        await this.#job();
      }
    } finally {
      // In the same turn as the last look at `#again`: a call in between would wait for nobody.
      this.#running = undefined;
    }
  }
}
