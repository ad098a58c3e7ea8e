/**
 * Searches that are asked of Miroir and of one Meilisearch, again and again while the fleet changes.
 * The answers must be equal hit for hit, in hits, order, scores, marks, totals and facets.
 */
import { setTimeout as pause } from "node:timers/promises";

import type { NamedNode } from "../options.ts";
import { CHAOS_KEY } from "../chaos/chaos-fleet.ts";
import type { Tally } from "../chaos/tally.ts";
import { INDEX, textOf } from "../chaos/writer.ts";
import { drawWord } from "./corpus.ts";

const REQUEST_MAX_MS = 60_000;

/** Without what differs from one answer to the next of the same server. */
const PASSING = new Set(["processingTimeMs", "requestUid"]);

type Search = Readonly<Record<string, unknown>>;

export interface SearchJudge {
  readonly url: string;
  readonly reference: NamedNode;
  readonly referenceKey: string;
  readonly tally: Tally;
  readonly random: () => number;
  readonly isOver: () => boolean;
}

export async function compareSearches(judge: SearchJudge): Promise<void> {
  const { url, reference, referenceKey, tally, random, isOver } = judge;
  while (!isOver()) {
    const search = drawSearch(random);
    try {
      const [answer, expected] = await Promise.all([
        ask(url, CHAOS_KEY, search),
        ask(reference.url, referenceKey, search),
      ]);
      tally.searches += 1;
      if (answer.degraded !== null) tally.degraded += 1;
      else if (answer.text !== expected.text) {
        tally.incomplete += 1;
        tally.problem(`${JSON.stringify(search)}: ${answer.text}, should be ${expected.text}`);
      }
    } catch (error) {
      tally.failed += 1;
      tally.problem(`${JSON.stringify(search)} failed: ${textOf(error)}`);
    }
    await pause(random() * 100);
  }
}

async function ask(url: string, key: string, search: Search) {
  const response = await fetch(`${url}/indexes/${INDEX}/search`, {
    method: "POST",
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
    body: JSON.stringify(search),
    signal: AbortSignal.timeout(REQUEST_MAX_MS),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text}`);
  return { text: canonical(JSON.parse(text)), degraded: response.headers.get("X-Miroir-Degraded") };
}

/** The same text for equal answers: a node shows the members of a document in an order of its own. */
function canonical(answer: unknown): string {
  return JSON.stringify(answer, (name, value: unknown) => {
    if (PASSING.has(name)) return undefined;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function drawSearch(random: () => number): Search {
  const whole = (below: number): number => Math.floor(random() * below);
  const one = <T>(choices: readonly T[]): T | undefined => choices[whole(choices.length)];
  const year = 1920 + whole(100);
  const filter = one([
    "kind = static",
    `kind = static AND year > ${year}`,
    `kind = static AND rating ${year % 10} TO 9`,
    ["kind = static", ["genre = noir", "genre = war"]],
  ]);
  return {
    q: drawQuery(random),
    filter,
    ...one<Search>([
      {},
      { facets: ["genre", "year"] },
      { sort: ["year:desc", "rating:asc"] },
      { sort: ["rating:desc"], offset: whole(200) },
      { hitsPerPage: 1 + whole(30), page: 1 + whole(5), facets: ["rating"] },
      { showRankingScore: true, attributesToHighlight: ["title"] },
      { matchingStrategy: "all", limit: 1 + whole(60) },
      { attributesToRetrieve: ["id", "title"], limit: 200 },
    ]),
  };
}

/** No word, whole words, the beginning of one, or one with a letter too many. */
function drawQuery(random: () => number): string {
  const word = drawWord(random);
  const draw = random();
  if (draw < 0.15) return "";
  if (draw < 0.45) return word;
  if (draw < 0.7) return `${word} ${drawWord(random)}`;
  if (draw < 0.85) return word.slice(0, 4);
  return `${word.slice(0, 3)}x${word.slice(3)}`;
}
