/**
 * Counts the requests of this isolate and hands them over to the shared counts about once a second:
 * every request is counted once, by whoever served it, and what an isolate that ends abruptly had not
 * handed over is missing rather than guessed.
 */
import { RequestCounts, type CountedRequest } from "../core/metrics/request-counts.ts";
import { MetricsStore } from "./metrics-store.ts";

/** Between two hand-overs: what each costs is a write to the database. */
const PAUSE_MS = 1000;
/** A hand-over that has not come in this time was cut off with the request that began it. */
const LOST_MS = 10_000;

export class Meter {
  readonly #counts = new RequestCounts();
  #waitingSince = 0;

  /** Counts a request; `later` keeps the isolate alive until it is handed over. */
  count(request: CountedRequest, database: D1Database, later: (work: Promise<void>) => void): void {
    this.#counts.add(request);
    const now = Date.now();
    if (now - this.#waitingSince < LOST_MS) return;
    this.#waitingSince = now;
    later(this.#handOver(new MetricsStore(database)));
  }

  async #handOver(store: MetricsStore): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    this.#waitingSince = 0;
    const counts = this.#counts.take();
    try {
      await store.add(counts);
    } catch {
      // The next request's hand-over takes them along.
      this.#counts.giveBack(counts);
    }
  }
}
