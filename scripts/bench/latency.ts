/**
 * Search latency of several contenders, interleaved: every query goes to each of them in turn, with
 * the order rotating, so that whatever else the machine does falls on all alike.
 */
import { Client, type Contender } from "./client.ts";
import { INDEX } from "./ingest.ts";

const CLIENTS = 8;

export interface LatencyResult {
  readonly contender: string;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly perSecond: number;
}

/** One client, one request at a time. */
export async function sequential(
  contenders: readonly Contender[],
  bodies: readonly string[],
  rounds: number,
): Promise<LatencyResult[]> {
  const runners = contenders.map((contender) => new Runner(contender, 1));
  for (const body of bodies) for (const runner of runners) await runner.search(body, false);
  for (let round = 0; round < rounds; round += 1) {
    for (const [at, body] of bodies.entries()) {
      for (const turn of runners.keys()) {
        await runners[(turn + at + round) % runners.length]?.search(body, true);
      }
    }
  }
  return runners.map((runner) => runner.end());
}

/** Eight clients at once on one contender, then on the next; rounds alternate. */
export async function concurrent(
  contenders: readonly Contender[],
  bodies: readonly string[],
  rounds: number,
): Promise<LatencyResult[]> {
  const runners = contenders.map((contender) => new Runner(contender, CLIENTS));
  for (let round = 0; round < rounds; round += 1) {
    for (const turn of runners.keys()) {
      await runners[(turn + round) % runners.length]?.burst(bodies);
    }
  }
  return runners.map((runner) => runner.end());
}

class Runner {
  readonly #contender: Contender;
  readonly #client: Client;
  readonly #times: number[] = [];
  #busyMs = 0;

  constructor(contender: Contender, connectionCount: number) {
    this.#contender = contender;
    this.#client = new Client(contender, connectionCount);
  }

  async search(body: string, isMeasured: boolean): Promise<void> {
    const startedAt = performance.now();
    await this.#client.expect("POST", `/indexes/${INDEX}/search`, body);
    if (!isMeasured) return;
    const time = performance.now() - startedAt;
    this.#times.push(time);
    this.#busyMs += time;
  }

  async burst(bodies: readonly string[]): Promise<void> {
    const queue = bodies.values();
    const before = this.#busyMs;
    const startedAt = performance.now();
    const work = async (): Promise<void> => {
      for (const body of queue) await this.search(body, true);
    };
    await Promise.all(Array.from({ length: CLIENTS }, work));
    this.#busyMs = before + performance.now() - startedAt;
  }

  end(): LatencyResult {
    this.#client.close();
    const sorted = this.#times.toSorted((a, b) => a - b);
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return {
      contender: this.#contender.name,
      p50: at(0.5),
      p95: at(0.95),
      p99: at(0.99),
      perSecond: (sorted.length * 1000) / this.#busyMs,
    };
  }
}
