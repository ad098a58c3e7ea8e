import { expect, test } from "vitest";
import { searchIndex } from "../../worker/search/search.ts";
import { answered, fleetOf, indexOf, queryOf, type Responder } from "./read-fixtures.ts";

const WORDS = { order: 0, matchingWords: 2, maxMatchingWords: 2, score: 1 };

function answerOf(id: number, exactness: object, rankingScore: number): string {
  const values = [{ weightedScore: rankingScore }, { sort: { asc: true, value: id } }];
  const hit = {
    id,
    _federation: { weightedScoreValues: values },
    _rankingScore: rankingScore,
    _rankingScoreDetails: {
      words: WORDS,
      exactness: { order: 1, ...exactness },
      "id:asc": { order: 2, value: id },
    },
  };
  return JSON.stringify({ hits: [hit], processingTimeMs: 0, estimatedTotalHits: 1 });
}

// Two words of two, and the beginning: 2 of 3 ranks, and 1 of 2 exact words: 2 of 3 ranks.
const STARTS = answerOf(7, { matchType: "matchesStart", score: 2 / 3 }, 1 - (1 - 5 / 9) / 2);
const OTHER = answerOf(
  3,
  { matchType: "noExactMatch", matchingWords: 1, maxMatchingWords: 2, score: 2 / 9 },
  1 - (1 - 2 / 9) / 2,
);

const respond =
  (hits: string, isKnown: boolean): Responder =>
  ({ path }) =>
    answered(
      path === "/multi-search"
        ? hits
        : { hits: [], processingTimeMs: 0, estimatedTotalHits: isKnown ? 1 : 0 },
    );

async function ids(isKnown: boolean, q: string): Promise<{ ids: number[]; requests: number }> {
  const fleet = fleetOf({ n0: respond(STARTS, false), n1: respond(OTHER, isKnown) });
  const options = { requestUid: "r" };
  const { body } = await searchIndex(fleet, indexOf(), queryOf({ q }), options);
  const { hits } = JSON.parse(body) as { hits: { id: number }[] };
  return { ids: hits.map(({ id }) => id), requests: fleet.asked.length };
}

test("a document does not start with a query whose last word only another node knows", async () => {
  expect((await ids(true, "small compil")).ids).toEqual([3, 7]);
});

test("it does where no node knows the word", async () => {
  expect((await ids(false, "small compil")).ids).toEqual([7, 3]);
});

test("nodes are asked about words only where it can matter", async () => {
  expect((await ids(true, "small compil")).requests).toBe(4);
  expect((await ids(true, "small compil ")).requests).toBe(2);
});
