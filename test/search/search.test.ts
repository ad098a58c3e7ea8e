import { describe, expect, test } from "vitest";
import { nodeId, shardId } from "../../worker/core/ids.ts";
import { shardMark } from "../../worker/core/placement/shard-mark.ts";
import type { SearchQuery } from "../../worker/core/query/search-query.ts";
import type { NodeRequest } from "../../worker/nodes/node-client.ts";
import { searchIndex } from "../../worker/search/search.ts";
import { answered, fleetOf, indexOf, queryOf, unreachable } from "./read-fixtures.ts";

const REQUEST_UID = "019a0000-0000-7000-8000-000000000000";

interface Document {
  readonly id: number;
  readonly price: number;
  readonly c?: string | readonly string[];
}

/** Hits as a node with `price:asc` and the tie rule sends them. */
function hitText({ id, price, c }: Document): string {
  const values = [{ sort: { asc: true, value: price } }, { sort: { asc: true, value: id } }];
  const details = { "price:asc": { order: 0, value: price }, "id:asc": { order: 1, value: id } };
  const colour = c === undefined ? "" : `"c":${JSON.stringify(c)},`;
  return (
    `{"_miroir_shard":"${shardMark(shardId(0))}","id":${id},"big":9007199254740993,${colour}` +
    `"_federation":{"weightedScoreValues":${JSON.stringify(values)}},` +
    `"_rankingScore":1.0,"_rankingScoreDetails":${JSON.stringify(details)}}`
  );
}

function answerText(documents: readonly Document[], facets = ""): string {
  const hits = documents.map(hitText).join(",");
  return `{"hits":[${hits}],"processingTimeMs":3,"limit":20,"offset":0,"estimatedTotalHits":${documents.length}${facets},"requestUid":"n"}`;
}

const options = { requestUid: REQUEST_UID };

function textOf(request: NodeRequest | undefined): string {
  if (typeof request?.body !== "string") throw new Error("a request with a text is expected");
  return request.body;
}

const queriesOf = (request: NodeRequest | undefined): unknown => JSON.parse(textOf(request));

async function idsOf(
  sides: readonly (readonly Document[])[],
  over: Partial<SearchQuery>,
): Promise<number[]> {
  const [left = [], right = []] = sides;
  const fleet = fleetOf({
    n0: () => answered(answerText(left)),
    n1: () => answered(answerText(right)),
  });
  const { body } = await searchIndex(fleet, indexOf(), queryOf(over), options);
  const { hits } = JSON.parse(body) as { hits: { id: number }[] };
  return hits.map(({ id }) => id);
}

describe("a search over several nodes", () => {
  const left = [
    { id: 3, price: 1 },
    { id: 1, price: 5 },
  ];
  const right = [
    { id: 2, price: 1 },
    { id: 4, price: 3 },
  ];

  test("is one list in rank order, with every digit and nothing of Miroir's", async () => {
    const fleet = fleetOf({
      n0: () => answered(answerText(left)),
      n1: () => answered(answerText(right)),
    });
    const query = queryOf({ q: "a", window: { kind: "slice", offset: 1, limit: 2 } });
    const { body, missing } = await searchIndex(fleet, indexOf(), query, options);
    expect(missing).toEqual([]);
    expect(body.replace(/"processingTimeMs":\d+/, '"processingTimeMs":0')).toBe(
      '{"hits":[{"id":3,"big":9007199254740993},{"id":4,"big":9007199254740993}],"query":"a",' +
        '"processingTimeMs":0,"limit":2,"offset":1,"estimatedTotalHits":4,' +
        `"requestUid":"${REQUEST_UID}"}`,
    );
    expect(fleet.asked.map(({ request }) => queriesOf(request))).toEqual([
      expect.objectContaining({ federation: { offset: 0, limit: 3 } }),
      expect.objectContaining({ federation: { offset: 0, limit: 3 } }),
    ]);
  });

  test("shows details without the tie rule when asked", async () => {
    const fleet = fleetOf({
      n0: () => answered(answerText(left)),
      n1: () => answered(answerText([])),
    });
    const query = queryOf({ showRankingScoreDetails: true });
    const { body } = await searchIndex(fleet, indexOf(), query, options);
    expect(JSON.parse(body)).toMatchObject({
      hits: [
        { id: 3, _rankingScoreDetails: { "price:asc": { order: 0, value: 1 } } },
        { id: 1, _rankingScoreDetails: { "price:asc": { order: 0, value: 5 } } },
      ],
    });
    expect(body).not.toContain("id:asc");
    expect(body).not.toContain('_rankingScore"');
  });

  test("never shows more than maxTotalHits, but counts all", async () => {
    const fleet = fleetOf({
      n0: () => answered(answerText(left)),
      n1: () => answered(answerText(right)),
    });
    const index = indexOf({ pagination: { maxTotalHits: 3 } });
    const query = queryOf({ window: { kind: "page", page: 2, hitsPerPage: 2 } });
    const { body } = await searchIndex(fleet, index, query, options);
    expect(JSON.parse(body)).toMatchObject({
      hits: [{ id: 4 }],
      hitsPerPage: 2,
      page: 2,
      totalPages: 2,
      totalHits: 4,
    });
  });

  test("adds facets up and hides those of Miroir's own", async () => {
    const facets = (counts: string): string =>
      `,"facetsByIndex":{"movies-1":{"distribution":{"_miroir_shard":{"«":1},"c":${counts}},"stats":{}}}`;
    const fleet = fleetOf({
      n0: () => answered(answerText([], facets('{"red":1,"10":2}'))),
      n1: () => answered(answerText([], facets('{"Red":4}'))),
    });
    const index = indexOf({ filterableAttributes: ["c"] });
    const { body } = await searchIndex(fleet, index, queryOf({ facets: ["*"] }), options);
    expect(body).toContain('"facetDistribution":{"c":{"10":2,"Red":5}},"facetStats":{}');
  });

  test("reports shards that are missing", async () => {
    const fleet = fleetOf({ n0: () => answered(answerText(left)), n1: () => unreachable });
    const { body, missing } = await searchIndex(fleet, indexOf(), queryOf({}), options);
    expect(missing).toEqual([2]);
    expect(JSON.parse(body)).toMatchObject({ hits: [{ id: 3 }, { id: 1 }], estimatedTotalHits: 2 });
  });
});

describe("distinct over several nodes", () => {
  test("the best hit of each value wins, wherever it lies", async () => {
    const ids = await idsOf(
      [
        [
          { id: 1, price: 1, c: "red" },
          { id: 2, price: 4, c: "blue" },
        ],
        [
          { id: 3, price: 2, c: "Red" },
          { id: 4, price: 3 },
          { id: 5, price: 5 },
        ],
      ],
      { distinct: "c" },
    );
    expect(ids).toEqual([1, 4, 2, 5]);
  });

  test("a hit that a losing one of its node had hidden is found", async () => {
    // On `n1` the hit 3 stands for red and blue, and hides 4; the whole knows a better red.
    const fleet = fleetOf({
      n0: () => answered(answerText([{ id: 1, price: 1, c: "red" }])),
      n1: (request) =>
        answered(
          textOf(request).includes("NOT")
            ? answerText([{ id: 4, price: 3, c: "blue" }])
            : answerText([{ id: 3, price: 2, c: ["red", "blue"] }]),
        ),
    });
    const { body } = await searchIndex(fleet, indexOf(), queryOf({ distinct: "c" }), options);
    expect(JSON.parse(body)).toMatchObject({ hits: [{ id: 1 }, { id: 4 }] });
  });

  test("the setting is used when the query names no attribute", async () => {
    const fleet = fleetOf({
      n0: () => answered(answerText([])),
      n1: () => answered(answerText([])),
    });
    await searchIndex(fleet, indexOf({ distinctAttribute: "c" }), queryOf({}), options);
    expect(queriesOf(fleet.asked[0]?.request)).toMatchObject({
      federation: { distinct: "c" },
    });
  });
});

describe("a search that one node answers", () => {
  const alone = indexOf({}, [[nodeId("n0")], [nodeId("n0")]]);

  test("is asked as the client asked, and passes through", async () => {
    const text =
      `{"hits":[{"_miroir_shard":"${shardMark(shardId(0))}","id":1.0,"t":"a"},{"id":2,"_formatted":{"id":"2","_miroir_shard":"${shardMark(shardId(1))}"}}],` +
      '"query":"a","processingTimeMs":1,"limit":2,"offset":5,"estimatedTotalHits":9,"requestUid":"n"}';
    const fleet = fleetOf({ n0: () => answered(text) });
    const query = queryOf({ q: "a", window: { kind: "slice", offset: 5, limit: 2 } });
    const { body } = await searchIndex(fleet, alone, query, options);
    expect(body).toContain(
      '"hits":[{"id":1.0,"t":"a"},{"id":2,"_formatted":{"id":"2"}}],"query":"a"',
    );
    expect(body).toContain('"limit":2,"offset":5,"estimatedTotalHits":9');
    const [asked] = fleet.asked;
    expect(asked?.request.path).toBe("/indexes/movies-1/search");
    expect(queriesOf(asked?.request)).toEqual({ q: "a", offset: 5, limit: 2 });
  });

  test("is merged after all when that node fails and several hold its shards", async () => {
    const fleet = fleetOf({
      n0: () => unreachable,
      n1: ({ path }) =>
        answered(path === "/multi-search" ? answerText([{ id: 1, price: 1 }]) : answerText([])),
      n2: ({ path }) =>
        answered(path === "/multi-search" ? answerText([{ id: 2, price: 0 }]) : answerText([])),
    });
    const index = indexOf({}, [
      [nodeId("n0"), nodeId("n1")],
      [nodeId("n0"), nodeId("n2")],
    ]);
    const { body } = await searchIndex(fleet, index, queryOf({}), options);
    expect(JSON.parse(body)).toMatchObject({ hits: [{ id: 2 }, { id: 1 }] });
  });
});
