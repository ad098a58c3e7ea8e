/**
 * One node query over all shards, gathered: the building block of every search. What comes out can
 * be merged (`mergeOf`, `mergedHits`), counted (`total`) and added up (`facets`).
 */
import type { ShardId } from "../core/ids.ts";
import type { FacetRules } from "../core/merge/facets.ts";
import { mergeFacets, readFacets, type NodeFacets } from "../core/merge/facets.ts";
import { decodeHit, type Hit } from "../core/merge/hit.ts";
import { mergeRanked, take, type RankedList } from "../core/merge/merge-hits.ts";
import { readNodeAnswer, type NodeAnswer } from "../core/merge/node-answer.ts";
import { federatedRequest, type NodeQuery } from "../core/query/plan.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { withSharedVocabulary } from "./vocabulary.ts";
import type { ReadContext } from "./read-context.ts";
import { scatter } from "./scatter.ts";

export interface Gathered {
  readonly answers: readonly NodeAnswer[];
  /** Candidates over all answers. */
  readonly total: number;
  readonly missing: readonly ShardId[];
}

/** Run a node query on every shard. */
export async function gather(
  read: ReadContext,
  index: IndexEntry,
  asked: NodeQuery,
): Promise<Gathered> {
  const scattered = await scatter(read, index, (part) => federatedRequest(index, asked, part));
  const told = scattered.answers.map(({ text }) => readNodeAnswer(text));
  const answers = await withSharedVocabulary(read, index, asked, told);
  const total = answers.reduce((sum, answer) => sum + answer.total, 0);
  return { answers, total, missing: scattered.missing };
}

/** The hits of one answer, decoded when the merge gets to them. */
function hitList(answer: NodeAnswer, seen: (hit: Hit) => void): RankedList<Hit> {
  return {
    length: answer.hits.length,
    at: (position) => {
      const hit =
        answer.revised?.[position] ?? decodeHit(answer.text, answer.hits[position]?.[0] ?? 0);
      seen(hit);
      return hit;
    },
  };
}

/**
 * All hits, best first, decoded as they are taken. `seen` gets every hit that was looked at: those
 * taken, and the next of each node.
 */
export function mergeOf(
  { answers }: Gathered,
  seen: (hit: Hit) => void = () => undefined,
): Generator<Hit> {
  return mergeRanked(answers.map((answer) => hitList(answer, seen)));
}

/** The first `limit` hits of all answers, best first. */
export function mergedHits(gathered: Gathered, limit: number, seen?: (hit: Hit) => void): Hit[] {
  return take(mergeOf(gathered, seen), limit);
}

/** The facets of each answer. */
export function nodeFacets({ answers }: Gathered, rules: FacetRules): readonly NodeFacets[] {
  return answers.flatMap(({ facets }) => (facets === undefined ? [] : [readFacets(facets, rules)]));
}

/** The facets of all answers, added up. */
export function gatheredFacets(gathered: Gathered, rules: FacetRules): NodeFacets {
  return mergeFacets(nodeFacets(gathered, rules));
}
