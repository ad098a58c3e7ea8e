/** Searchers with the official client, for documents that are always there: all, or it says so. */
import { setTimeout as pause } from "node:timers/promises";

import { Meilisearch } from "meilisearch";

import { CHAOS_KEY } from "./chaos-fleet.ts";
import { STATIC_COUNT } from "./operations.ts";
import { INDEX, textOf, type WriterTools } from "./writer.ts";

const REQUEST_MAX_MS = 60_000;
const SEARCHES = [
  { q: "", filter: "kind = static" },
  { q: "stone", filter: "kind = static" },
  { q: "", filter: "kind = static", facets: ["kind"] },
  { q: "stone", filter: ["kind = static", "n >= 0"] },
];

export interface SearcherTools extends WriterTools {
  /** Whether faults may take every replica away at once. */
  readonly mayLackAll: boolean;
}

export async function runSearcher(tools: SearcherTools): Promise<void> {
  const { url, tally, serviceWasDown, random, isOver } = tools;
  let degraded: string | null = null;
  const client = new Meilisearch({
    host: url,
    apiKey: CHAOS_KEY,
    // The client does not show headers, and one of them says what a search lacks.
    httpClient: async (...request) => {
      const signal = AbortSignal.timeout(REQUEST_MAX_MS);
      const response = await fetch(request[0], { ...request[1], signal });
      const text = await response.text();
      if (!response.ok) throw new Error(`${response.status} ${text}`);
      degraded = response.headers.get("X-Miroir-Degraded");
      return JSON.parse(text);
    },
  });
  while (!isOver()) {
    const startedAt = Date.now();
    const { q, ...query } = SEARCHES[Math.floor(random() * SEARCHES.length)] ?? { q: "" };
    try {
      const { hits } = await client.index(INDEX).search(q, { ...query, limit: 1000 });
      tally.searches += 1;
      const found = new Set(hits.map(({ ["id"]: id }) => id)).size;
      if (degraded !== null) tally.degraded += 1;
      else if (found !== STATIC_COUNT || hits.length !== STATIC_COUNT) {
        tally.incomplete += 1;
        tally.problem(`a search found ${hits.length} hits, ${found} of ${STATIC_COUNT} documents`);
      }
    } catch (error) {
      if (serviceWasDown(startedAt)) tally.withoutService += 1;
      else if (tools.mayLackAll && textOf(error).includes("miroir_shard_unavailable")) {
        tally.degraded += 1;
      } else {
        tally.failed += 1;
        tally.problem(`a search failed after ${Date.now() - startedAt} ms: ${textOf(error)}`);
      }
      await pause(100);
    }
    await pause(random() * 50);
  }
}
