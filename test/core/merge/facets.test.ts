import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  facetMembers,
  mergeFacets,
  readDistribution,
  type FacetRules,
} from "../../../worker/core/merge/facets.ts";

const rules = (over: Partial<FacetRules> = {}): FacetRules => ({
  isVisible: () => true,
  orderOf: () => "alpha",
  maxValuesPerFacet: 100,
  ...over,
});

interface NodeSide {
  readonly distribution: string;
  readonly stats?: string;
}

/** The text that a client gets for what nodes said about one facet `f`. */
function shown(
  nodes: readonly NodeSide[],
  over: Partial<FacetRules> = {},
  candidates = 10,
): string {
  const parts = nodes.map(({ distribution, stats }) =>
    readDistribution(
      `{"f":${distribution}}`,
      stats === undefined ? "{}" : `{"f":${stats}}`,
      rules(over),
    ),
  );
  const text = facetMembers(mergeFacets(parts), rules(over), candidates);
  return /"facetDistribution":\{"f":(\{.*?\})\}/.exec(text)?.[1] ?? "";
}

const numbers = '{"min":0.0,"max":100.0}';

describe("facet distribution", () => {
  test("counts add", () => {
    const counts = fc.dictionary(fc.constantFrom("red", "green", "blue", "10"), fc.nat(50));
    fc.assert(
      fc.property(fc.array(counts, { minLength: 1, maxLength: 4 }), (nodes) => {
        const text = shown(nodes.map((node) => ({ distribution: JSON.stringify(node) })));
        const sums: Record<string, number> = {};
        for (const [value, count] of nodes.flatMap(Object.entries<number>)) {
          sums[value] = (sums[value] ?? 0) + count;
        }
        expect(JSON.parse(text)).toEqual(sums);
      }),
    );
  });

  test("does not depend on the order of the nodes", () => {
    const a = { distribution: '{"Red":2,"b":1}' };
    const b = { distribution: '{"red":3}' };
    const c = { distribution: '{"Red":2}' };
    expect(shown([a, b, c])).toBe(shown([c, b, a]));
  });

  test.for<[string, NodeSide[], Partial<FacetRules>, number, string]>([
    [
      "values that differ in case or width are one value, spelled as most documents do",
      [{ distribution: '{"Red":2}' }, { distribution: '{"red":3,"ｒｅｄ":1}' }],
      {},
      10,
      '{"red":6}',
    ],
    ["accents make another value", [{ distribution: '{"e":1,"é":2}' }], {}, 10, '{"e":1,"é":2}'],
    [
      "numbers come first, in the order of their text",
      [
        { distribution: '{"10":1,"9":1,"Alpha":1}', stats: numbers },
        { distribution: '{"100":1,"2":1}', stats: numbers },
      ],
      {},
      3000,
      '{"10":1,"100":1,"2":1,"9":1,"Alpha":1}',
    ],
    [
      "with many candidates, in the order of their value",
      [
        { distribution: '{"9":1,"10":1,"Alpha":1}', stats: numbers },
        { distribution: '{"2":1,"100":1}', stats: numbers },
      ],
      {},
      3001,
      '{"2":1,"9":1,"10":1,"100":1,"Alpha":1}',
    ],
    [
      "strings that look like numbers are strings where there are no numbers",
      [{ distribution: '{"10":1,"9":2}' }],
      { orderOf: () => "count" },
      10,
      '{"9":2,"10":1}',
    ],
    [
      "a number and a string of one spelling stay apart",
      [{ distribution: '{"5":1}', stats: '{"min":5.0,"max":5.0}' }, { distribution: '{"5":4}' }],
      {},
      10,
      '{"5":1,"5":4}',
    ],
    [
      "by count, numbers before strings, the greater value first among equals",
      [
        { distribution: '{"7":2,"1":1,"b":3,"a":1}', stats: numbers },
        { distribution: '{"3":2,"c":1,"a":2}', stats: numbers },
      ],
      { orderOf: () => "count" },
      10,
      '{"7":2,"3":2,"1":1,"b":3,"a":3,"c":1}',
    ],
    [
      "the client's maximum cuts after the merge",
      [{ distribution: '{"a":1,"c":1}' }, { distribution: '{"b":1,"d":1}' }],
      { maxValuesPerFacet: 3 },
      10,
      '{"a":1,"b":1,"c":1}',
    ],
    [
      "by count, a full block of numbers lets every string in",
      [{ distribution: '{"1":9,"2":8,"3":7,"a":2,"b":1}', stats: numbers }],
      { maxValuesPerFacet: 2, orderOf: () => "count" },
      10,
      '{"1":9,"2":8,"a":2,"b":1}',
    ],
    [
      "integer-like keys keep their place",
      [{ distribution: '{"b":1,"a":1}' }, { distribution: '{"10":1}' }],
      {},
      10,
      '{"10":1,"a":1,"b":1}',
    ],
  ])("%s", ([, nodes, over, candidates, expected]) => {
    expect(shown(nodes, over, candidates)).toBe(expected);
  });
});

describe("facets of a response", () => {
  test("statistics are the least and the greatest, as nodes wrote them", () => {
    const parts = [
      readDistribution('{"p":{}}', '{"p":{"min":1.0,"max":9.5}}', rules()),
      readDistribution(
        '{"p":{}}',
        '{"p":{"min":-2.25,"max":3.0},"q":{"min":0.0,"max":0.0}}',
        rules(),
      ),
    ];
    expect(facetMembers(mergeFacets(parts), rules(), 10)).toBe(
      '"facetDistribution":{"p":{}},"facetStats":{"p":{"min":-2.25,"max":9.5},"q":{"min":0.0,"max":0.0}}',
    );
  });

  test("facets come by name, without those that clients may not see", () => {
    const visible = rules({ isVisible: (facet) => facet !== "_miroir_shard" });
    const parts = [
      readDistribution('{"b":{"x":1},"_miroir_shard":{"«":1}}', "{}", visible),
      readDistribution('{"a":{"y":1}}', '{"_miroir_shard":{"min":0.0,"max":1.0}}', visible),
    ];
    expect(facetMembers(mergeFacets(parts), visible, 10)).toBe(
      '"facetDistribution":{"a":{"y":1},"b":{"x":1}},"facetStats":{}',
    );
  });
});
