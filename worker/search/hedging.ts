/**
 * When a second replica is asked because the first is slow (a hedge), as in Dean and Barroso, "The
 * Tail at Scale": only after the time in which 95 of 100 answers have come, and never more than one
 * hedge for twenty requests, so that a fleet that is slow as a whole is not asked twice as much.
 */

/** Answers that are remembered, over all nodes. */
const REMEMBERED = 128;
/** With fewer answers nothing is known of what is usual. */
const ANSWERS_MIN = 20;
/** A hedge that saves less costs more than it gives, in milliseconds. */
const DELAY_MIN_MS = 25;
/** What each request adds to the budget of hedges, and how much of it is kept. */
const BUDGET_SHARE = 0.05;
const BUDGET_MAX = 10;

export class Hedging {
  readonly #tookMs: number[] = [];
  #oldest = 0;
  #budget = BUDGET_MAX / 2;
  #delayMs: number | undefined;

  /** A node has answered in so many milliseconds. */
  answered(tookMs: number): void {
    if (this.#tookMs.length < REMEMBERED) this.#tookMs.push(tookMs);
    else {
      this.#tookMs[this.#oldest] = tookMs;
      this.#oldest = (this.#oldest + 1) % REMEMBERED;
    }
    this.#budget = Math.min(BUDGET_MAX, this.#budget + BUDGET_SHARE);
    this.#delayMs = undefined;
  }

  /** Milliseconds after which a request counts as slow; undefined while too little is known. */
  get delayMs(): number | undefined {
    if (this.#tookMs.length < ANSWERS_MIN) return undefined;
    this.#delayMs ??= Math.max(DELAY_MIN_MS, percentile95(this.#tookMs));
    return this.#delayMs;
  }

  /** Takes one hedge out of the budget; false when there is none. */
  spend(): boolean {
    if (this.#budget < 1) return false;
    this.#budget -= 1;
    return true;
  }
}

function percentile95(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.95)] ?? 0;
}
