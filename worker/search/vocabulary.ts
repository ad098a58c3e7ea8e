/**
 * Ranks as with one vocabulary for all nodes. Which words a node knows changes its exactness rule
 * for queries that end in the beginning of a word (`core/ranking/last-word.ts`); where that shows in
 * its hits, the other nodes are asked whether they know the word, and the hits are revised.
 */
import { decodeHit, type Hit } from "../core/merge/hit.ts";
import { readNodeAnswer, type NodeAnswer } from "../core/merge/node-answer.ts";
import { quoted } from "../core/query/conditions.ts";
import type { NodeQuery } from "../core/query/plan.ts";
import { compareSteps } from "../core/ranking/compare-steps.ts";
import {
  lastWord,
  rankedAttributes,
  readLastWord,
  type LastWordReading,
} from "../core/ranking/last-word.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import type { ReadContext } from "./read-context.ts";
import { scatter, type ScatterRequest } from "./scatter.ts";

const SHOWS_MATCH = /"matchType":"(?:exactMatch|matchesStart)"/;

/** The answers, those revised whose node does not know a last word that another one knows. */
export async function withSharedVocabulary(
  read: ReadContext,
  index: IndexEntry,
  asked: NodeQuery,
  answers: readonly NodeAnswer[],
): Promise<readonly NodeAnswer[]> {
  const word = lastWord(asked.query.q);
  if (word === undefined || answers.length < 2 || asked.query.hybrid !== null) return answers;
  const attributes = rankedAttributes(index.settings.searchableAttributes);
  const readings = answers.map((answer) => firstReading(answer, attributes));
  if (!readings.some((reading) => reading?.isUnknown === true)) return answers;
  const isKnown =
    readings.some((reading) => reading?.isUnknown === false) ||
    (await isKnownWord(read, index, word));
  if (!isKnown) return answers;
  return answers.map((answer, at) =>
    readings[at]?.isUnknown === true ? revised(answer, attributes) : answer,
  );
}

/** What the first hit tells that can tell: it holds for all hits of the node. */
function firstReading(answer: NodeAnswer, attributes: number): LastWordReading | undefined {
  if (!SHOWS_MATCH.test(answer.text)) return undefined;
  for (const [start, end] of answer.hits) {
    if (!SHOWS_MATCH.test(answer.text.slice(start, end))) continue;
    const reading = readLastWord(decodeHit(answer.text, start), attributes);
    if (reading !== undefined) return reading;
  }
  return undefined;
}

function revised(answer: NodeAnswer, attributes: number): NodeAnswer {
  const hits = answer.hits.map(([start]): Hit => {
    const hit = decodeHit(answer.text, start);
    const reading = readLastWord(hit, attributes);
    return reading?.isUnknown === true ? { ...hit, ...reading.known, isRevised: true } : hit;
  });
  hits.sort((a, b) => compareSteps(a.steps, b.steps));
  return { ...answer, revised: hits };
}

/** Whether some node has a document with this very word. */
async function isKnownWord(read: ReadContext, index: IndexEntry, word: string): Promise<boolean> {
  const request: ScatterRequest = {
    method: "POST",
    path: `/indexes/${encodeURIComponent(index.physical)}/search`,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ q: quoted(word), limit: 0 }),
  };
  const { answers } = await scatter(read, index, () => request);
  return answers.some(({ text }) => readNodeAnswer(text).total > 0);
}
