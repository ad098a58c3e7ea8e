/** CPU time of the pure parts of a search, without any I/O: the plan, and the merge of 3 × 1,000 hits. */
import { groupId, indexUid, instant, nodeId, physicalUid } from "../../worker/core/ids.ts";
import { decodeHit, type Hit } from "../../worker/core/merge/hit.ts";
import { mergeRanked, take } from "../../worker/core/merge/merge-hits.ts";
import { readNodeAnswer } from "../../worker/core/merge/node-answer.ts";
import { renderHit } from "../../worker/core/merge/render-hit.ts";
import { coveringSet } from "../../worker/core/placement/covering-set.ts";
import { placeIndex } from "../../worker/core/placement/place-index.ts";
import { parseSearchBody } from "../../worker/core/query/parse-search.ts";
import { federatedRequest, nodeQuery } from "../../worker/core/query/plan.ts";
import { DEFAULT_SETTINGS } from "../../worker/core/settings/settings.ts";
import type { IndexEntry, Node } from "../../worker/core/topology/topology.ts";
import type { Package } from "./corpus.ts";

const NODES = 3;
const SHARDS = 64;
const HITS = 1000;
const ROUNDS = 60;

export interface CoreTime {
  readonly name: string;
  /** Median of one call, in milliseconds. */
  readonly ms: number;
}

export function coreTimes(documents: readonly Package[]): CoreTime[] {
  const index = indexEntry();
  const body = JSON.stringify({ q: "shared library", filter: "size > 100", facets: ["section"] });
  const answers = nodeAnswers(documents, HITS);
  const page = nodeAnswers(documents, 20);
  const read = answers.map(readNodeAnswer);
  const decoded = read.map((answer) => answer.hits.map(([start]) => decodeHit(answer.text, start)));
  const lists = decoded.map((hits) => ({ length: hits.length, at: at(hits) }));
  const merged = take(mergeRanked(lists), HITS);
  const measured: readonly (readonly [name: string, work: () => unknown])[] = [
    ["plan: read a query, cover 64 shards on 3 nodes, write 3 requests", () => plan(index, body)],
    ["a page of 20 out of 3 × 20 hits, from text to text", () => mergeAndRender(page, 20)],
    [
      "a page of 1,000 out of 3 × 1,000 hits, from text to text",
      () => mergeAndRender(answers, HITS),
    ],
    ["  of it: find the hits in the text", () => answers.map(readNodeAnswer)],
    ["  of it: decode what ranks the 1,000", () => decoded.flat().slice(0, HITS).map(redecode)],
    ["  of it: merge, beyond parsing", () => take(mergeRanked(lists), HITS)],
    ["  of it: write the page", () => merged.map((hit) => renderHit(hit, RENDER))],
    ["to compare: JSON.parse of the same 3 answers", () => answers.map((text) => JSON.parse(text))],
  ];
  return measured.map(([name, work]) => ({ name, ms: median(work) }));
}

const RENDER = { showRankingScore: false, showRankingScoreDetails: false, hidesTieRule: true };

const redecode = (hit: Hit): Hit => decodeHit(hit.text, (hit.members[0]?.start ?? 1) - 1);

const at =
  (hits: readonly Hit[]) =>
  (position: number): Hit => {
    const hit = hits[position];
    if (hit === undefined) throw new Error("asked beyond the end");
    return hit;
  };

function plan(index: IndexEntry, body: string): number {
  const query = parseSearchBody(body);
  const { parts } = coveringSet(index, () => 1);
  const asked = nodeQuery(query, 20);
  return parts.reduce((sum, part) => sum + federatedRequest(index, asked, part).body.length, 0);
}

function mergeAndRender(answers: readonly string[], limit: number): string {
  const lists = answers.map(readNodeAnswer).map((answer) => ({
    length: answer.hits.length,
    at: (position: number): Hit => decodeHit(answer.text, answer.hits[position]?.[0] ?? 0),
  }));
  return take(mergeRanked(lists), limit)
    .map((hit) => renderHit(hit, RENDER))
    .join(",");
}

function median(work: () => unknown): number {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const startedAt = performance.now();
    work();
    if (round >= ROUNDS / 3) times.push(performance.now() - startedAt);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
}

function indexEntry(): IndexEntry {
  const nodes = Array.from({ length: NODES }, (_, position): Node => ({
    id: nodeId(`n${position}`),
    url: `http://127.0.0.1:${position}`,
    key: undefined,
    group: groupId("default"),
    zone: undefined,
    weight: 1,
    state: "active",
    health: "healthy",
  }));
  return {
    uid: indexUid("packages"),
    physical: physicalUid("packages-1"),
    takesWrites: true,
    primaryKey: "id",
    replicationFactor: 1,
    shardMap: placeIndex(physicalUid("packages-1"), nodes, SHARDS, 1),
    lagging: [],
    mixed: [],
    settings: DEFAULT_SETTINGS,
    createdAt: instant(0),
    updatedAt: instant(0),
  };
}

/** Answers as nodes give them to the canonical request, in rank order. */
function nodeAnswers(documents: readonly Package[], hits: number): string[] {
  return Array.from({ length: NODES }, (_, node) => {
    const ranked = Array.from({ length: hits }, (_unused, rank) => {
      const document = documents[(rank * NODES + node) % documents.length];
      const typoCount = Math.floor((rank * 3) / hits);
      return { ...document, _miroir_shard: ".,.", ...additions(typoCount, rank * NODES + node) };
    });
    return JSON.stringify({
      hits: ranked,
      processingTimeMs: 1,
      limit: hits,
      offset: 0,
      estimatedTotalHits: hits,
    });
  });
}

const additions = (typoCount: number, tie: number) => ({
  _federation: {
    indexUid: "packages-1",
    queriesPosition: 0,
    weightedRankingScore: 0.9,
    weightedScoreValues: [0.9, { sort: { asc: true, value: tie } }],
  },
  _rankingScore: 0.9,
  _rankingScoreDetails: {
    words: { order: 0, matchingWords: 2, maxMatchingWords: 2, score: 1 },
    typo: { order: 1, typoCount, maxTypoCount: 3, score: 1 - typoCount / 4 },
    proximity: { order: 2, score: 0.75 },
    attribute: {
      order: 3,
      attributeRankingOrderScore: 0.9,
      queryWordDistanceScore: 0.8,
      score: 0.85,
    },
    exactness: {
      order: 4,
      matchType: "noExactMatch",
      matchingWords: 1,
      maxMatchingWords: 2,
      score: 0.3,
    },
    "id:asc": { order: 5, value: tie },
  },
});
