import { describe, expect, test } from "vitest";
import {
  facetTexts,
  mergedFacets,
  shownFacets,
  withoutRejected,
} from "../../../worker/core/merge/federation-facets.ts";
import { readFacets, type FacetRules } from "../../../worker/core/merge/facets.ts";

const rules: FacetRules = { isVisible: () => true, orderOf: () => "alpha", maxValuesPerFacet: 100 };
const facets = (distribution: object, stats: object = {}) =>
  readFacets(JSON.stringify({ distribution, stats }), rules);
const shown = (distribution: object, stats: object = {}) =>
  shownFacets(facets(distribution, stats), rules, 10);

describe("facets of several indexes", () => {
  const a = shown({ brand: { Acme: 2, Zeta: 1 } }, { price: { min: 1, max: 5 } });
  const b = shown(
    { brand: { Acme: 1, beta: 9 }, colour: { red: 1 } },
    { price: { min: 3, max: 8 } },
  );

  test("are added by spelling and ordered by it", () => {
    expect(facetTexts(mergedFacets([a, b], () => "alpha", null))).toEqual({
      distribution: '{"brand":{"Acme":3,"Zeta":1,"beta":9},"colour":{"red":1}}',
      stats: '{"price":{"min":1,"max":8}}',
    });
  });

  test("are cut after they are ordered by count", () => {
    expect(facetTexts(mergedFacets([a, b], () => "count", 2)).distribution).toBe(
      '{"brand":{"beta":9,"Acme":3},"colour":{"red":1}}',
    );
  });

  test("lose what distinct rejected, and values that nothing is left of", () => {
    const left = withoutRejected(a, facets({ brand: { acme: 1, zeta: 1 } }));
    expect(facetTexts(left).distribution).toBe('{"brand":{"Acme":1}}');
  });
});
