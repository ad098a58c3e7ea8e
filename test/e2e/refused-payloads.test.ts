/**
 * Payloads with one wrong document, given to Miroir over real nodes and to one Meilisearch: the same
 * outcome, code and text, and nothing of a failed payload on any node. Needs a Meilisearch program.
 */
import { setTimeout as pause } from "node:timers/promises";

import { afterAll, beforeAll, expect, test } from "vitest";

import { findMeilisearch } from "../../scripts/options.ts";
import { startFleet, type RunningFleet } from "./fleet.ts";

const program = findMeilisearch(process.env);
const TASK_MS = 300_000;

interface Target {
  readonly url: string;
  readonly key: string;
}

interface Outcome {
  readonly status: string;
  readonly error: { readonly code: string; readonly message: string } | null;
}

const SETTINGS = {
  filterableAttributes: ["_geojson", "n"],
  sortableAttributes: ["_geo"],
  embedders: {
    d: { source: "userProvided", dimensions: 3 },
    e: { source: "userProvided", dimensions: 2 },
  },
};

const GEO = [
  "5",
  '"x"',
  "[1]",
  "{}",
  '{"lat":1}',
  '{"lng":1}',
  '{"lat":1,"lng":1,"z":3,"a":{"b":1.50}}',
  '{"lat":"1.5","lng":" 2"}',
  '{"lat":"1e999","lng":1}',
  '{"lat":".5","lng":"inf"}',
  '{"lat":"0x1","lng":null}',
  '{"lat":1,"lat":"x","lng":2}',
  '{"lat":"+1.5","lng":"1."}',
  '{"lat":1,"lng":1,"q":1,"w":2,"e":3}',
  '{"q":1,"lng":1,"w":2,"lat":1,"e":3}',
];
const GEOJSON = [
  "5",
  "null",
  "{}",
  '{"type":"Nope"}',
  '{"type":"Point"}',
  '{"type":"Feature"}',
  '{"type":"Point","coordinates":["a",2]}',
  '{"type":"LineString","coordinates":[[1,2],[3]]}',
  '{"type":"GeometryCollection","geometries":5}',
  '{"type":"FeatureCollection","features":[5]}',
  '{"type":"Point","coordinates":[1,2],"bbox":5}',
  '{"type":"Point","coordinates":[1,2]}',
];
const VECTORS = [
  "5",
  "null",
  '"x"',
  "[1,2,3]",
  '{"d":5}',
  '{"d":"x"}',
  '{"d":1.5}',
  '{"d":true}',
  '{"d":-3}',
  '{"d":{}}',
  '{"d":{"regenerate":5}}',
  '{"zz":{"regenerate":"a"}}',
  '{"d":[1,2],"e":null}',
  '{"d":{"regenerate":5,"embeddings":null}}',
  '{"d":{"regenerate":[]}}',
  '{"d":[[]],"e":null}',
  '{"d":{"regenerate":false,"embeddings":[1,2,3],"z":1}}',
  '{"d":[1,"a",3],"e":null}',
  '{"d":[[1,2,3],[1,2]],"e":null}',
  '{"d":[1,2,3],"e":[1]}',
  '{"d":[[1,2,3],["a"]],"e":null}',
  '{"d":{"regenerate":false,"embeddings":"x"},"e":null}',
  '{"d":[true,2,3],"e":null}',
  '{"d":[[1,2,3],5],"e":null}',
  '{"d":[1,[2],3],"e":null}',
  '{"d":[1,2,3],"e":[1,2]}',
  "{}",
  '{"d":[1,2,3]}',
  '{"d":{"regenerate":true},"e":null}',
  '{"d":{"regenerate":true,"embeddings":[1,2,3]},"e":{"regenerate":false}}',
];

/** Every case has documents of its own, so that what is left of a failed one would show. */
const CASES = [
  ...GEO.map((value) => ["_geo", value] as const),
  ...GEOJSON.map((value) => ["_geojson", value] as const),
  ...VECTORS.map((value) => ["_vectors", value] as const),
];

const payloadOf = (position: number): string => {
  const [field, value] = CASES[position] ?? ["", ""];
  const none = '"_vectors":{"d":null,"e":null}';
  const good = Array.from({ length: 9 }, (_, n) => `{"id":"c${position}-${n}",${none}}`);
  const others = field === "_vectors" ? "" : `,${none}`;
  const bad = `{"id":"c${position}-bad","${field}":${value}${others}}`;
  return `[${[...good.slice(0, 5), bad, ...good.slice(5)].join(",")}]`;
};

async function send(target: Target, method: string, path: string, body?: string): Promise<unknown> {
  const response = await fetch(`${target.url}${path}`, {
    method,
    headers: { Authorization: `Bearer ${target.key}`, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body }),
  });
  return await response.json();
}

async function outcome(target: Target, taskUid: number): Promise<Outcome> {
  const end = Date.now() + TASK_MS;
  for (;;) {
    const { status, error } = (await send(target, "GET", `/tasks/${taskUid}`)) as Outcome;
    if (!["enqueued", "processing"].includes(status) || Date.now() > end) return { status, error };
    await pause(100);
  }
}

/** The outcomes of all cases, and the ids that are there in the end. */
async function runAll(target: Target): Promise<{ outcomes: readonly Outcome[]; ids: string[] }> {
  const taskOf = async (method: string, path: string, body: string): Promise<number> =>
    ((await send(target, method, path, body)) as { taskUid: number }).taskUid;
  const index = "/indexes/refused";
  await outcome(target, await taskOf("POST", "/indexes", '{"uid":"refused","primaryKey":"id"}'));
  const changed = await taskOf("PATCH", `${index}/settings`, JSON.stringify(SETTINGS));
  expect(await outcome(target, changed)).toMatchObject({ status: "succeeded" });
  const outcomes: Outcome[] = [];
  // One after the other: what one Meilisearch batches together it fails together.
  for (const position of CASES.keys()) {
    const uid = await taskOf("POST", `${index}/documents`, payloadOf(position));
    outcomes.push(await outcome(target, uid));
  }
  const page = await send(target, "GET", `${index}/documents?limit=10000&fields=id`);
  const { results } = page as { results: { id: string }[] };
  return { outcomes, ids: results.map(({ id }) => id).sort() };
}

let fleet: RunningFleet | undefined;
beforeAll(async () => {
  if (program === undefined) return;
  fleet = await startFleet({ nodeCount: 3, replicationFactor: 2, program });
});
afterAll(async () => await fleet?.stop());

test.skipIf(program === undefined)(
  "a payload that one Meilisearch fails, Miroir fails in the same words, and keeps nothing of it",
  async () => {
    const [node] = fleet?.nodes ?? [];
    if (fleet === undefined || node === undefined) throw new Error("the fleet was started");
    const miroir = await runAll(fleet);
    const one = await runAll({ url: node.url, key: fleet.nodeKey ?? "" });
    for (const [position, expected] of one.outcomes.entries()) {
      expect([CASES[position], miroir.outcomes[position]]).toEqual([CASES[position], expected]);
    }
    expect(miroir.ids).toEqual(one.ids);
    expect(one.outcomes.filter(({ status }) => status === "failed").length).toBeGreaterThan(45);
  },
  900_000,
);

test.skipIf(program === undefined)(
  "an edit that one document fails changes nothing, on any replica",
  async () => {
    if (fleet === undefined) throw new Error("the fleet was started");
    await send(fleet, "PATCH", "/experimental-features", '{"editDocumentsByFunction":true}');
    const index = "/indexes/edited";
    const taskOf = async (method: string, path: string, body: string): Promise<Outcome> => {
      const { taskUid } = (await send(fleet!, method, path, body)) as { taskUid: number };
      return await outcome(fleet!, taskUid);
    };
    const documents = Array.from({ length: 80 }, (_, n) => ({ id: n, n, count: 0 }));
    await taskOf("POST", `${index}/documents`, JSON.stringify(documents));
    await taskOf("PATCH", `${index}/settings`, '{"filterableAttributes":["n"]}');
    const code = 'if doc.n == 7 { throw "no" } doc.count += 1';
    for (const filter of ["n >= 0", ["n >= 0", ["n < 40", "n >= 40"]], undefined]) {
      const edit = JSON.stringify({ function: code, ...(filter === undefined ? {} : { filter }) });
      expect(await taskOf("POST", `${index}/documents/edit`, edit)).toMatchObject({
        status: "failed",
      });
    }
    const copies = new Map<number, string[]>();
    for (const { url } of fleet.nodes) {
      const node = { url, key: fleet.nodeKey ?? "" };
      const { results } = (await send(node, "GET", "/indexes?limit=100")) as {
        results: { uid: string }[];
      };
      const own = results.find(({ uid }) => uid.startsWith("edited-"))?.uid ?? "";
      const page = (await send(node, "GET", `/indexes/${own}/documents?limit=1000`)) as {
        results: { id: number; count: number }[];
      };
      for (const document of page.results) {
        const known = copies.get(document.id) ?? [];
        copies.set(document.id, [...known, JSON.stringify(document)]);
      }
    }
    const counts = new Set<number>();
    for (const [id, texts] of copies) {
      expect([id, new Set(texts).size, texts.length]).toEqual([id, 1, 2]);
      counts.add((JSON.parse(texts[0] ?? "") as { count: number }).count);
    }
    expect(copies.size).toBe(80);
    expect(counts).toEqual(new Set([0]));
  },
  600_000,
);
