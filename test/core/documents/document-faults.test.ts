/** Texts and codes as Meilisearch 1.50 gave them for the same documents. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { DocumentFaults } from "../../../worker/core/documents/document-faults.ts";
import { findDocumentId } from "../../../worker/core/documents/document-id.ts";
import { primaryKey } from "../../../worker/core/documents/primary-key.ts";
import { failureUnder } from "../../../worker/core/log/conditional-failures.ts";
import { DEFAULT_SETTINGS, type IndexSettings } from "../../../worker/core/settings/settings.ts";
import { bytes, readAll } from "./payloads.ts";

const KEY = primaryKey("id");

function faultsOf(payload: string, mode: "replace" | "update" = "replace"): DocumentFaults {
  const faults = new DocumentFaults(mode);
  for (const document of readAll(bytes(payload))) {
    const id = findDocumentId(document, KEY);
    if (!(id instanceof Uint8Array)) throw new Error(id.message);
    faults.add(document, id);
  }
  return faults;
}

function failure(payload: string, changes: Partial<IndexSettings>, mode?: "replace" | "update") {
  const faults = faultsOf(payload, mode);
  const settings = { ...DEFAULT_SETTINGS, ...changes };
  const conditional = faults.conditional();
  const error =
    faults.shape("g") ??
    (conditional === null ? undefined : failureUnder(conditional, settings, "g"));
  return error === undefined ? undefined : `${error.code}: ${error.message}`;
}

const GEO = { sortableAttributes: ["_geo"] };
const OBJECT =
  "is not an object. Was expecting an object with the `_geo.lat` and `_geo.lng` fields but instead got";

describe("_geo", () => {
  test.for([
    ['{"lat":1,"lng":2}', undefined],
    ["null", undefined],
    ['{"lat":"+1.5","lng":"1."}', undefined],
    ['{"lat":500,"lng":1}', undefined],
    ["5", `The \`_geo\` field in the document with the id: \`"7"\` ${OBJECT} \`5\`.`],
    ["[1]", `The \`_geo\` field in the document with the id: \`"7"\` ${OBJECT} \`[1]\`.`],
    [
      "{}",
      'Could not find latitude nor longitude in the document with the id: `"7"`. Was expecting `_geo.lat` and `_geo.lng` fields.',
    ],
    [
      '{"lat":1}',
      'Could not find longitude in the document with the id: `"7"`. Was expecting a `_geo.lng` field.',
    ],
    [
      '{"lng":1}',
      'Could not find latitude in the document with the id: `"7"`. Was expecting a `_geo.lat` field.',
    ],
    [
      '{"lat":1,"lng":1,"z":3,"a":{"b":1.50}}',
      'The `_geo` field in the document with the id: `"7"` contains the following unexpected fields: `{"a":{"b":1.5},"z":3}`.',
    ],
    [
      '{"lat":"1.5","lng":" 2"}',
      'Could not parse longitude in the document with the id: `"7"`. Was expecting a finite number but instead got `" 2"`.',
    ],
    [
      '{"lat":"1e999","lng":1}',
      'Could not parse latitude in the document with the id: `"7"`. Was expecting a finite number but instead got `"1e999"`.',
    ],
    [
      '{"lat":null,"lng":[1.0,"é"]}',
      'Could not parse latitude nor longitude in the document with the id: `"7"`. Was expecting finite numbers but instead got `null` and `[1.0,"é"]`.',
    ],
    [
      '{"lat":1,"lat":"x","lng":2}',
      'Could not parse latitude in the document with the id: `"7"`. Was expecting a finite number but instead got `"x"`.',
    ],
    [
      '{"lat":true,"lng":1E5}',
      'Could not parse latitude in the document with the id: `"7"`. Was expecting a finite number but instead got `true`.',
    ],
  ] as const)("%s", ([value, message]) => {
    const expected =
      message === undefined ? undefined : `invalid_document_geo_field: Index \`g\`: ${message}`;
    expect(failure(`[{"id":7,"_geo":${value}}]`, GEO)).toBe(expected);
  });

  test("counts only where it is filterable or sortable by its own name", () => {
    const payload = '[{"id":7,"_geo":5}]';
    expect(failure(payload, {})).toBe(undefined);
    expect(failure(payload, { filterableAttributes: ["_geo"] })).toContain("not an object");
    const rule = { filter: { equality: true, comparison: true }, facetSearch: true };
    const pattern = { attributePatterns: ["_geo"], features: rule };
    expect(failure(payload, { filterableAttributes: [pattern, "_ge*", "*"] })).toBe(undefined);
  });

  test.for([
    ["replace", '[{"id":9,"_geo":5},{"id":9,"_geo":null}]', false],
    ["replace", '[{"id":9,"_geo":5},{"id":"9"}]', false],
    ["update", '[{"id":9,"_geo":5},{"id":9,"x":1}]', true],
    ["update", '[{"id":9,"_geo":5},{"id":9,"_geo":{"lat":1,"lng":2}}]', false],
    ["replace", '[{"id":9,"_geo":null},{"id":9,"_geo":5}]', true],
  ] as const)("%s: a later document of the same id counts: %s", ([mode, payload, fails]) => {
    expect(failure(payload, GEO, mode) !== undefined).toBe(fails);
  });
});

const VECTORS = {
  embedders: {
    d: { source: "userProvided", dimensions: 3 },
    e: { source: "userProvided", dimensions: 2 },
  },
};
const BAD =
  "invalid_vectors_type: Index `g`: Bad embedder configuration in the document with id: `7`.";
const KIND =
  "to be an array of floats, an array of arrays of floats, or an object with at least the field `regenerate`, but got the";
const REGENERATE =
  "Missing field `._vectors.d.regenerate`\n  - note: `._vectors.d` must be an array of floats, an array of arrays of floats, or an object with field `regenerate`";
const dimensions = (embedder: string, index: number, found: number, expected: number): string =>
  `invalid_vector_dimensions: Index \`g\`: Invalid vector dimensions in document with id \`7\` in \`._vectors.${embedder}\`.\n  - note: embedding #${index} has dimensions ${found}\n  - note: embedder \`${embedder}\` requires ${expected}`;

describe("_vectors", () => {
  test.for([
    ['{"d":[1,2,3]}', undefined],
    ['{"d":null,"e":[]}', undefined],
    ['{"d":{"regenerate":true,"embeddings":null}}', undefined],
    ['{"zz":[1,2]}', undefined],
    ["5", "internal: Index `g`: invalid type: integer `5`, expected a map at line 1 column 1"],
    ["null", "internal: Index `g`: invalid type: null, expected a map at line 1 column 4"],
    ["[1,2,3]", "internal: Index `g`: invalid type: sequence, expected a map at line 1 column 0"],
    ['"x"', 'internal: Index `g`: invalid type: string "x", expected a map at line 1 column 3'],
    ['{"d":5}', `${BAD} Expected \`._vectors.d\` ${KIND} integer \`5\``],
    ['{"zz":-3}', `${BAD} Expected \`._vectors.zz\` ${KIND} integer \`-3\``],
    ['{"d":"x"}', `${BAD} Expected \`._vectors.d\` ${KIND} string \`x\``],
    ['{"d":1.5}', `${BAD} Expected \`._vectors.d\` ${KIND} number \`1.5\``],
    ['{"d":1.0}', `${BAD} Expected \`._vectors.d\` ${KIND} number \`1\``],
    ['{"d":true}', `${BAD} Expected \`._vectors.d\` ${KIND} boolean \`true\``],
    ['{"d":{}}', `${BAD} ${REGENERATE}`],
    ['{"d":{"embeddings":[1,2,3]}}', `${BAD} ${REGENERATE}`],
    [
      '{"d":{"regenerate":5}}',
      `${BAD} Could not parse \`._vectors.d.regenerate\`: invalid type: integer \`5\`, expected a boolean at line 1 column 15`,
    ],
    [
      '{"zz":{"regenerate":"a"}}',
      `${BAD} Could not parse \`._vectors.zz.regenerate\`: invalid type: string "a", expected a boolean at line 1 column 17`,
    ],
    [
      '{"d":{"regenerate":5,"embeddings":null}}',
      `${BAD} Could not parse \`._vectors.d\`: trailing comma at line 1 column 16`,
    ],
    [
      '{"d":{"regenerate":[]}}',
      `${BAD} Could not parse \`._vectors.d\`: trailing characters at line 1 column 15`,
    ],
    [
      '{"d":{"regenerate":false,"embeddings":[1,2,3],"z":1}}',
      `${BAD} Could not parse \`._vectors.d\`: trailing characters at line 1 column 45`,
    ],
    ['{"d":[1,2]}', dimensions("d", 0, 2, 3)],
    ['{"d":[[1,2,3] , [1,2]]}', dimensions("d", 1, 2, 3)],
    ['{"d":[[]]}', dimensions("d", 0, 0, 3)],
    ['{"d":{"embeddings":[[1,2,3],[1]],"regenerate":true}}', dimensions("d", 1, 1, 3)],
    ['{"d":[1,2,3],"e":[1]}', dimensions("e", 0, 1, 2)],
    ['{"e":[1],"d":[1]}', dimensions("d", 0, 1, 3)],
    [
      '{"d":[1,"a",3]}',
      `${BAD} Invalid value type at \`._vectors.d[1]\`: expected a number, but found a string: \`"a"\``,
    ],
    [
      '{"d":[[1,2,3],["a"]]}',
      `${BAD} Invalid value type at \`._vectors.d[1][0]\`: expected a number, but found a string: \`"a"\``,
    ],
    [
      '{"d":{"regenerate":false,"embeddings":"x"}}',
      `${BAD} Invalid value type at \`._vectors.d.embeddings\`: expected null or an array, but found a string: \`"x"\``,
    ],
    [
      '{"d":[true,2,3]}',
      `${BAD} Invalid value type at \`._vectors.d[0]\`: expected a number or an array, but found a boolean: \`true\``,
    ],
    [
      '{"d":[null,1,2]}',
      `${BAD} Invalid value type at \`._vectors.d[0]\`: expected a number or an array, but found null`,
    ],
    [
      '{"d":[[1,2,3],5]}',
      `${BAD} Invalid value type at \`._vectors.d[1]\`: expected an array, but found a positive integer: \`5\``,
    ],
    [
      '{"d":[1,[2],3]}',
      `${BAD} Invalid value type at \`._vectors.d[1]\`: expected a number, but found an array: \`[2]\``,
    ],
  ] as const)("%s", ([value, expected]) => {
    expect(failure(`[{"id":7,"_vectors":${value}}]`, VECTORS)).toBe(expected);
  });

  test("without their embedder, embeddings may be anything", () => {
    expect(failure('[{"id":7,"_vectors":{"d":[1,"a"]}}]', {})).toBe(undefined);
    expect(failure('[{"id":7,"_vectors":{"d":[1]}}]', {})).toBe(undefined);
    const rest = { embedders: { d: { source: "ollama" } } };
    expect(failure('[{"id":7,"_vectors":{"d":[1]}}]', rest)).toBe(undefined);
  });

  test("a wrong shape comes before a wrong point, and that before a wrong length", () => {
    const settings = { ...GEO, ...VECTORS };
    const fail = (payload: string) => failure(payload, settings)?.split(":")[0];
    expect(fail('[{"id":1,"_geo":5},{"id":2,"_vectors":{"d":5}}]')).toBe("invalid_vectors_type");
    expect(fail('[{"id":1,"_vectors":{"d":[1]}},{"id":2,"_geo":5}]')).toBe(
      "invalid_document_geo_field",
    );
  });
});

test("_geojson counts where it is filterable", () => {
  const payload = (value: string) => `[{"id":7,"_geojson":${value}}]`;
  const settings = { filterableAttributes: ["_geojson"] };
  const fail = (value: string) => failure(payload(value), settings);
  expect(fail('{"type":"Point","coordinates":[1,2]}')).toBe(undefined);
  expect(fail('{"type":"FeatureCollection","features":[]}')).toBe(undefined);
  expect(failure(payload("5"), {})).toBe(undefined);
  const texts: Record<string, string> = {
    "5": "Expected an owned Object, but got `5`",
    null: "Expected an owned Object, but got `null`",
    "{}": "Encountered an unknown 'geometry' object type: `type`",
    '{"type":"Nope"}': "Expected a Feature, FeatureCollection, or Geometry, but got an empty type",
    '{"type":"Point"}': "Expected a GeoJSON property for `coordinates`, but got None",
    '{"type":"Point","coordinates":["a",2]}': "Expected a floating-point value, but got None",
    '{"type":"Point","coordinates":5}': "Expected an Array value, but got `None`",
    '{"type":"LineString","coordinates":[[1,2],[3]]}':
      "A position must contain two or more elements, but got `1`",
    '{"type":"GeometryCollection","geometries":5}': "Expected an Array value, but got `Number`",
    '{"type":"Feature"}': "Expected a GeoJSON property for `geometry`, but got None",
    '{"type":"Feature","geometry":null}':
      'Attempted to a convert a feature without a geometry into a geo_types::Geometry: `{"type":"Feature","geometry":null,"properties":null}`',
    '{"type":"FeatureCollection","features":[5]}': "Expected an owned Object, but got `5`",
    '{"type":"Point","coordinates":[1,2],"bbox":5}':
      "Encountered non-array value for a 'bbox' object: `5`",
  };
  for (const [value, message] of Object.entries(texts)) {
    expect(fail(value)).toBe(`invalid_document_geo_field: Index \`g\`: ${message}`);
  }
});

test("what is kept of a payload does not grow with it, and the first fault is still known", () => {
  const wrong = (n: number) =>
    `{"id":${n},"_geo":${n},"_vectors":{"d":[${"1,".repeat(n % 200)}1]}}`;
  const payload = (count: number) =>
    `[${Array.from({ length: count }, (_, n) => wrong(n)).join(",")}]`;
  const size = (count: number) => JSON.stringify(faultsOf(payload(count)).conditional()).length;
  expect(size(5000)).toBe(size(500));
  expect(size(5000)).toBeLessThan(20_000);
  expect(failure(payload(5000), GEO)).toContain('id: `"0"`');
});

test("a payload fails if and only if one of its last versions is wrong", () => {
  const geo = fc.constantFrom("null", '{"lat":1,"lng":2}', "5", undefined);
  const write = fc.record({ id: fc.integer({ min: 0, max: 5 }), geo });
  fc.assert(
    fc.property(
      fc.array(write, { minLength: 1, maxLength: 20 }),
      fc.boolean(),
      (writes, merges) => {
        const last = new Map<number, string | undefined>();
        for (const { id, geo: value } of writes) {
          if (value !== undefined || !merges) last.set(id, value);
        }
        const payload = writes.map(({ id, geo: value }) =>
          value === undefined ? `{"id":${id}}` : `{"id":${id},"_geo":${value}}`,
        );
        const failed = failure(`[${payload.join(",")}]`, GEO, merges ? "update" : "replace");
        expect(failed !== undefined).toBe([...last.values()].includes("5"));
      },
    ),
  );
});

test.for([
  ['[{"id":1,"_vectors":{"d":[1],"e":null}},{"id":2,"_vectors":{"e":[1]}}]', ["e"]],
  ['[{"id":1,"_vectors":{"d":[1],"e":{"regenerate":true}}}]', ["d"]],
  ['[{"id":1,"_vectors":{"d":[1]}},{"id":1,"_vectors":{"d":[2]}},{"id":3}]', []],
  ['[{"id":1}]', undefined],
] as const)("of %s all say something to %s", ([payload, provided]) => {
  expect(faultsOf(payload).conditional()?.provided).toEqual(provided);
});
