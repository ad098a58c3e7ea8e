import { describe, expect, it } from "vitest";
import { MARK_FIELD } from "../../../worker/core/placement/shard-mark.ts";
import { applySettings } from "../../../worker/core/settings/apply-settings.ts";
import { nodeSettings, nodeSettingsPatch } from "../../../worker/core/settings/node-settings.ts";
import { parseSettings } from "../../../worker/core/settings/parse-settings.ts";
import { DEFAULT_SETTINGS, type IndexSettings } from "../../../worker/core/settings/settings.ts";

const equality = (attribute: string) => ({
  attributePatterns: [attribute],
  features: { facetSearch: false, filter: { equality: true, comparison: false } },
});
const client = (body: object): IndexSettings =>
  applySettings(DEFAULT_SETTINGS, parseSettings(JSON.stringify(body)));

describe("the settings of nodes", () => {
  it("let shards be filtered before any rule of the client", () => {
    const { filterableAttributes } = nodeSettings(
      client({ filterableAttributes: [{ attributePatterns: ["*"] }] }),
      undefined,
    );
    expect(filterableAttributes[0]).toEqual(equality(MARK_FIELD));
    expect(filterableAttributes).toHaveLength(2);
  });

  it("end ties by the primary key, and can filter and sort by it", () => {
    const settings = nodeSettings(client({}), "id");
    expect(settings.filterableAttributes).toEqual([equality(MARK_FIELD), equality("id")]);
    expect(settings.sortableAttributes).toEqual(["id"]);
    expect(settings.rankingRules.at(-1)).toBe("id:asc");
  });

  it("keep the client's own order by the primary key", () => {
    const settings = nodeSettings(
      client({ rankingRules: ["id:desc", "words"], sortableAttributes: ["id"] }),
      "id",
    );
    expect(settings.rankingRules).toEqual(["id:desc", "words"]);
    expect(settings.sortableAttributes).toEqual(["id"]);
  });

  it("never take away what the client's rule for the primary key allows", () => {
    const rule = {
      attributePatterns: ["i*"],
      features: { facetSearch: true, filter: { equality: false, comparison: true } },
    };
    const settings = nodeSettings(client({ filterableAttributes: [rule] }), "id");
    expect(settings.filterableAttributes[1]).toEqual({
      attributePatterns: ["id"],
      features: { facetSearch: true, filter: { equality: true, comparison: true } },
    });
  });

  it("leave distinct to the query and count all facet values", () => {
    const settings = nodeSettings(
      client({ distinctAttribute: "sku", faceting: { maxValuesPerFacet: 3 } }),
      "id",
    );
    expect(settings.distinctAttribute).toBeNull();
    expect(settings.faceting.maxValuesPerFacet).toBe(10_000);
    expect(
      nodeSettings(client({ faceting: { maxValuesPerFacet: 20_000 } }), "id").faceting
        .maxValuesPerFacet,
    ).toBe(20_000);
  });

  it("keep the mark out of default embeddings, and custom templates as they are", () => {
    const { embedders } = nodeSettings(
      client({
        embedders: {
          standard: { source: "openAi" },
          custom: { source: "openAi", documentTemplate: "{{doc.title}}" },
        },
      }),
      "id",
    );
    expect(embedders["standard"]?.["documentTemplate"]).toContain(`field.name != "${MARK_FIELD}"`);
    expect(embedders["custom"]?.["documentTemplate"]).toBe("{{doc.title}}");
  });
});

describe("a change of the settings of nodes", () => {
  const patch = (before: object, after: object) =>
    nodeSettingsPatch(
      { settings: client(before), primaryKey: "id" },
      { settings: client(after), primaryKey: "id" },
    );

  it("has only what differs", () => {
    expect(patch({}, {})).toEqual({});
    expect(patch({}, { stopWords: ["a"] })).toEqual({ stopWords: ["a"] });
  });

  it("makes the distinct attribute filterable, since it is passed with queries", () => {
    const rule = {
      attributePatterns: ["sku"],
      features: { facetSearch: false, filter: { equality: true, comparison: false } },
    };
    expect(patch({}, { distinctAttribute: "sku" })).toEqual({
      filterableAttributes: expect.arrayContaining([rule]),
    });
    const filterable = { filterableAttributes: ["sku"] };
    expect(patch(filterable, { ...filterable, distinctAttribute: "sku" })).toEqual({});
  });

  it("brings the primary key in once it is known", () => {
    const change = nodeSettingsPatch(
      { settings: DEFAULT_SETTINGS, primaryKey: undefined },
      { settings: DEFAULT_SETTINGS, primaryKey: "id" },
    );
    expect(Object.keys(change)).toEqual([
      "filterableAttributes",
      "sortableAttributes",
      "rankingRules",
    ]);
  });

  it("removes embedders and their fields by null", () => {
    const shift = { mean: 0.5, sigma: 0.1 };
    expect(
      patch(
        {
          embedders: {
            a: { source: "userProvided", dimensions: 2, distribution: shift },
            b: { source: "userProvided", dimensions: 3 },
          },
        },
        { embedders: { a: { source: "userProvided", dimensions: 2 } } },
      ),
    ).toEqual({
      embedders: { a: { source: "userProvided", dimensions: 2, distribution: null }, b: null },
    });
  });
});
