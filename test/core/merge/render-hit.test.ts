import { describe, expect, test } from "vitest";
import { decodeHit } from "../../../worker/core/merge/hit.ts";
import { removeMarks } from "../../../worker/core/merge/remove-mark.ts";
import { renderHit, type HitOptions } from "../../../worker/core/merge/render-hit.ts";
import { shardId } from "../../../worker/core/ids.ts";
import { shardMark } from "../../../worker/core/placement/shard-mark.ts";

const MARK = `"_miroir_shard":"${shardMark(shardId(5))}"`;
const hidden: HitOptions = {
  showRankingScore: false,
  showRankingScoreDetails: false,
  hidesTieRule: true,
};

const render = (text: string, options: Partial<HitOptions> = {}): string =>
  renderHit(decodeHit(text, 0), { ...hidden, ...options });

const DETAILS =
  '"_rankingScoreDetails":{"typo":{"order":0,"typoCount":1,"maxTypoCount":1,"score":0.5},"id:asc":{"order":1,"value":1.0}}';

describe("a hit as the client gets it", () => {
  test.for<[string, string, Partial<HitOptions>, string]>([
    [
      "keeps what the document has, digit by digit",
      `{"id":9007199254740993,${MARK},"f":1.0,"10":"x","2":"y","s":"\\u00e9","_federation":{}}`,
      {},
      '{"id":9007199254740993,"f":1.0,"10":"x","2":"y","s":"\\u00e9"}',
    ],
    [
      "loses the mark in the formatted part too",
      `{${MARK},"t":"a","_federation":{},"_formatted":{${MARK},"t":"<em>a</em>"}}`,
      {},
      '{"t":"a","_formatted":{"t":"<em>a</em>"}}',
    ],
    [
      "loses a formatted part of the mark alone",
      `{"t":"a","_formatted":{${MARK}}}`,
      {},
      '{"t":"a"}',
    ],
    [
      "keeps matches and distances",
      '{"id":1,"_geoDistance":12,"_federation":{},"_matchesPosition":{"t":[{"start":0,"length":1}]}}',
      {},
      '{"id":1,"_geoDistance":12,"_matchesPosition":{"t":[{"start":0,"length":1}]}}',
    ],
    ["has no score unless asked", `{"id":1,"_rankingScore":1.0,${DETAILS}}`, {}, '{"id":1}'],
    [
      "has the score as the node wrote it",
      `{"id":1,"_rankingScore":1.0,${DETAILS}}`,
      { showRankingScore: true },
      '{"id":1,"_rankingScore":1.0}',
    ],
    [
      "has details without the tie rule",
      `{"id":1,"_rankingScore":1.0,${DETAILS}}`,
      { showRankingScoreDetails: true },
      '{"id":1,"_rankingScoreDetails":{"typo":{"order":0,"typoCount":1,"maxTypoCount":1,"score":0.5}}}',
    ],
    [
      "has details with a rule of the client's on the same field",
      `{"id":1,${DETAILS}}`,
      { showRankingScoreDetails: true, hidesTieRule: false },
      `{"id":1,${DETAILS}}`,
    ],
    [
      "has no hidden tie rule",
      '{"_rankingScoreDetails":{"<hidden-rule-0>":{"order":0,"value":"<hidden>"}}}',
      { showRankingScoreDetails: true },
      '{"_rankingScoreDetails":{}}',
    ],
    [
      "keeps the last rule of a search that was cut off before the tie rule",
      '{"_rankingScoreDetails":{"price:asc":{"order":0,"value":1.0},"skipped":{"order":1}}}',
      { showRankingScoreDetails: true },
      '{"_rankingScoreDetails":{"price:asc":{"order":0,"value":1.0},"skipped":{"order":1}}}',
    ],
    [
      "keeps a field of the document that is named like a score",
      '{"_rankingScore":"mine","_federation":{},"_rankingScore":0.5}',
      {},
      '{"_rankingScore":"mine"}',
    ],
  ])("%s", ([, text, options, expected]) => {
    expect(render(text, options)).toBe(expected);
  });

  test("shows the whole's typo maximum and score", () => {
    const hit = decodeHit(`{"_rankingScore":0.5,${DETAILS}}`, 0);
    const options = { showRankingScore: true, showRankingScoreDetails: true, hidesTieRule: true };
    expect(renderHit(hit, options, { rankingScore: 0.75, maxTypoCount: 3 })).toBe(
      '{"_rankingScore":0.75,"_rankingScoreDetails":{"typo":{"order":0,"typoCount":1,"maxTypoCount":3,"score":0.75}}}',
    );
  });
});

describe("a hit of a federated search", () => {
  const federation = '{"indexUid":"movies"}';

  test.for([
    ["has Miroir's in the node's place", '{"a":1,"_federation":{"x":1},"_formatted":{"a":"1"}}'],
    ["has it after the document", '{"a":1,"_formatted":{"a":"1"}}'],
  ])("%s", ([, text]) => {
    expect(render(text ?? "", { federation })).toBe(
      `{"a":1,"_federation":${federation},"_formatted":{"a":"1"}}`,
    );
  });

  test("of a plain search has it at the end, or alone", () => {
    const bare = '{"_rankingScore":1.0}';
    expect(render('{"a":1,"_rankingScore":1.0}', { federation })).toBe(
      `{"a":1,"_federation":${federation}}`,
    );
    expect(render(bare, { federation })).toBe(`{"_federation":${federation}}`);
    expect(render("{}", { federation })).toBe(`{"_federation":${federation}}`);
  });
});

describe("marks in a list of hits", () => {
  test.for([
    ["first", `{${MARK},"a":1},{${MARK},"a":2}`, '{"a":1},{"a":2}'],
    ["in the middle", `{"a":1,${MARK},"b":2}`, '{"a":1,"b":2}'],
    ["last", `{"a":1,${MARK}}`, '{"a":1}'],
    [
      "in a formatted part",
      `{"a":1,"_formatted":{"a":"1",${MARK}}}`,
      '{"a":1,"_formatted":{"a":"1"}}',
    ],
    ["nowhere", '{"a":1}', '{"a":1}'],
  ])("are taken out (%s)", ([, text, expected]) => {
    expect(removeMarks(text as string)).toBe(expected);
  });

  test("within a string are the client's text", () => {
    const text = JSON.stringify({ a: `{${MARK},` });
    expect(removeMarks(text)).toBe(text);
  });

  test("in another form are left to a closer look", () => {
    expect(removeMarks(`{${MARK}}`)).toBeUndefined();
    expect(removeMarks('{"_miroir_shard": "«", "a":1}')).toBeUndefined();
  });
});
