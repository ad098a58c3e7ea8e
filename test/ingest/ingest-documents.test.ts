import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ApiError, errorBody } from "../../worker/core/errors/api-error.ts";
import { documentId, shardId } from "../../worker/core/ids.ts";
import { LOG_CHUNK_BYTES, LOG_ROW_BYTES_MAX } from "../../worker/core/limits.ts";
import { shardOf } from "../../worker/core/placement/hash.ts";
import { shardMark } from "../../worker/core/placement/shard-mark.ts";
import {
  ingestDocuments,
  type IngestInput,
  type IngestResult,
} from "../../worker/ingest/ingest-documents.ts";
import type { LogRow } from "../../worker/ingest/row-gatherer.ts";

const SHARDS = 8;
const encoder = new TextEncoder();

async function* inChunks(payload: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < payload.length; at += size) yield payload.slice(at, at + size);
}

interface Run {
  readonly result: IngestResult;
  readonly sunk: LogRow[][];
}

async function run(
  payload: string,
  changes: Partial<IngestInput> = {},
  size = 65_536,
): Promise<Run> {
  const sunk: LogRow[][] = [];
  const result = await ingestDocuments({
    body: inChunks(encoder.encode(payload), size),
    format: "json",
    indexUid: "movies",
    primaryKey: undefined,
    shardCount: SHARDS,
    sink: {
      rows: async (rows) => {
        sunk.push([...rows]);
        await Promise.resolve();
      },
    },
    ...changes,
  });
  return { result, sunk };
}

/** The NDJSON text of each shard, rows joined in order. */
function byShard({ result, sunk }: Run): Map<number, string> {
  if (result.kind !== "accepted") throw new Error(result.error.message);
  const parts = new Map<number, Uint8Array[]>();
  for (const { shard, bytes } of [...sunk.flat(), ...result.lastRows]) {
    parts.set(shard, [...(parts.get(shard) ?? []), bytes]);
  }
  return new Map(
    [...parts].map(([shard, rows]) => [shard, new TextDecoder().decode(Buffer.concat(rows))]),
  );
}

function expected(documents: readonly { readonly id: string | number }[]): Map<number, string> {
  const texts = new Map<number, string>();
  for (const document of documents) {
    const shard = shardOf(documentId(String(document.id)), SHARDS);
    const line = `${JSON.stringify(document).slice(0, -1)},"_miroir_shard":"${shardMark(shard)}"}\n`;
    texts.set(shard, (texts.get(shard) ?? "") + line);
  }
  return texts;
}

describe("an accepted payload", () => {
  test("goes to its shards, in order, and a small one is not handed on before its end", async () => {
    const documents = Array.from({ length: 100 }, (_, at) => ({ id: at % 60, title: `t${at}` }));
    const ran = await run(JSON.stringify(documents), {}, 7);
    expect(ran.sunk).toEqual([]);
    expect(byShard(ran)).toEqual(expected(documents));
    expect(ran.result).toMatchObject({
      kind: "accepted",
      primaryKey: "id",
      inferred: true,
      receivedDocuments: 100,
      distinctIds: 60,
      shards: new Set(expected(documents).keys()),
    });
  });

  test("any sizes of documents come out whole, in rows within the limit", async () => {
    const size = fc.oneof(fc.nat(200), fc.integer({ min: 300_000, max: 2_500_000 }));
    await fc.assert(
      fc.asyncProperty(fc.array(size, { minLength: 1, maxLength: 8 }), async (sizes) => {
        const documents = sizes.map((length, id) => ({ id, text: "é".repeat(length / 2) }));
        const ran = await run(JSON.stringify(documents));
        expect(byShard(ran)).toEqual(expected(documents));
        for (const row of ran.sunk.flat())
          expect(row.bytes.length).toBeLessThanOrEqual(LOG_ROW_BYTES_MAX);
        for (const rows of ran.sunk) {
          const total = rows.reduce((sum, row) => sum + row.bytes.length, 0);
          expect(total).toBeLessThanOrEqual(LOG_CHUNK_BYTES);
        }
      }),
      { numRuns: 20 },
    );
  }, 60_000);

  test("without documents has no primary key to infer", async () => {
    const { result } = await run("[]");
    expect(result).toMatchObject({ kind: "accepted", primaryKey: undefined, receivedDocuments: 0 });
  });

  test("of JSON keeps the last of repeated primary keys, which NDJSON may not repeat", async () => {
    const ran = await run('[{"id":1,"a":1.0,"id":2}]');
    expect([...byShard(ran).values()].join("")).toContain('{"id":2,"a":1.0,');
    const { result } = await run('{"id":1,"id":2}', { format: "ndjson" });
    expect(result).toMatchObject({
      kind: "rejected",
      error: { message: 'Document have too many matching `id` attribute: `{"id":2}`.' },
    });
  });
});

describe("a payload that fails its task", () => {
  test("is still counted to its end", async () => {
    const { result } = await run('[{"id":1},{"id":"a b"},{"no":1}]', { primaryKey: "id" }, 3);
    expect(result).toMatchObject({
      kind: "rejected",
      receivedDocuments: 3,
      error: { code: "invalid_document_id" },
    });
  });

  test("is still malformed when its rest is", async () => {
    await expect(run('[{"id":"a b"},{"id":1},]')).rejects.toMatchObject({
      code: "malformed_payload",
    });
  });

  test("fails by what the caller knows already, whatever the documents are", async () => {
    const refusal = errorBody(
      "index_primary_key_already_exists",
      "Index already has a primary key: `id`.",
    );
    const { result } = await run('[{"x":1},{"id":1}]', { refusal });
    expect(result).toEqual({ kind: "rejected", error: refusal, receivedDocuments: 2 });
  });

  test.for([
    [
      '[{"id":1,"a":"\\ud800"},{"id":2,"b":1e999}]',
      "unexpected end of hex escape at line 1 column 8",
    ],
    ['[{"id":1,"n":[1,1e999]}]', "number out of range at line 1 column 8"],
    [
      `[{"id":1,"a":${"[".repeat(128)}${"]".repeat(128)}}]`,
      "recursion limit exceeded at line 1 column 128",
    ],
  ])("%s fails as a node would fail on it", async ([payload = "", reason = ""]) => {
    const { result } = await run(payload);
    expect(result).toMatchObject({
      kind: "rejected",
      error: { code: "internal", message: `Index \`movies\`: internal: ${reason}.` },
    });
  });

  test("an invalid id is the error even behind a value that no node can build", async () => {
    const { result } = await run('[{"id":1,"a":"\\ud800"},{"id":"b b"}]');
    expect(result).toMatchObject({ error: { code: "invalid_document_id" } });
  });
});

describe("a payload that answers an error", () => {
  test.for(['[{"id":1,"_miroir_shard":1}]', '[{"id":1},{"\\u005fmiroir_shard":"x","id":2}]'])(
    "%s has the reserved field",
    async (payload) => {
      await expect(run(payload)).rejects.toMatchObject({
        code: "miroir_reserved_field",
        status: 400,
      });
    },
  );

  test("the field is free inside other fields", async () => {
    expect((await run('[{"id":1,"a":{"_miroir_shard":1}}]')).result.kind).toBe("accepted");
  });

  test.for(["json", "ndjson", "csv"] as const)("an empty %s payload is missing", async (format) => {
    await expect(run("", { format })).rejects.toThrow(`A ${format} payload is missing.`);
    await expect(run("", { format, body: null })).rejects.toMatchObject({
      code: "missing_payload",
    });
  });

  test("above 100 MB it is too large", async () => {
    async function* endless(): AsyncGenerator<Uint8Array> {
      const spaces = new Uint8Array(1_000_000).fill(0x20);
      for (;;) yield spaces;
    }
    const error = await run("", { body: endless() }).catch((caught: unknown) => caught);
    expect(error instanceof ApiError && [error.status, error.message]).toEqual([
      413,
      "The provided payload reached the size limit. The maximum accepted payload size is 100 MB.",
    ]);
  });
});

describe("memory", () => {
  /** Bytes read from the source and not yet given to the sink, at their highest. */
  async function heldBytesMax(
    source: Generator<Uint8Array>,
  ): Promise<{ held: number; read: number }> {
    let read = 0;
    let sunk = 0;
    let held = 0;
    async function* body(): AsyncGenerator<Uint8Array> {
      for (const chunk of source) {
        read += chunk.length;
        held = Math.max(held, read - sunk);
        yield chunk;
      }
    }
    await run("", {
      body: body(),
      sink: {
        rows: async (rows) => {
          for (const row of rows) sunk += row.bytes.length;
          await Promise.resolve();
        },
      },
    });
    return { held, read };
  }

  function* manyDocuments(total: number): Generator<Uint8Array> {
    const filler = "lorem ipsum ".repeat(60);
    let rest = "[";
    for (let id = 0, length = 0; length < total; id += 1) {
      rest += `${id === 0 ? "" : ","}{"id":${id},"text":"${filler}"}`;
      if (rest.length < 65_536) continue;
      length += rest.length;
      yield encoder.encode(rest);
      rest = "";
    }
    yield encoder.encode(`${rest}]`);
  }

  test("90 MB go through with one log chunk and a little more held", async () => {
    const { held, read } = await heldBytesMax(manyDocuments(90_000_000));
    expect(read).toBeGreaterThan(90_000_000);
    expect(held).toBeLessThan(LOG_CHUNK_BYTES + 3 * 65_536);
  }, 60_000);

  test("one document of 60 MB is held once, and handed on row by row", async () => {
    function* one(): Generator<Uint8Array> {
      yield encoder.encode('[{"text":"');
      for (let at = 0; at < 60; at += 1) yield new Uint8Array(1_000_000).fill(0x61);
      yield encoder.encode('","id":1}]');
    }
    const rows: number[] = [];
    const { result } = await run("", {
      body: (async function* () {
        yield* one();
      })(),
      sink: {
        rows: async (taken) => {
          for (const row of taken) rows.push(row.bytes.length);
          await Promise.resolve();
        },
      },
    });
    expect(result).toMatchObject({ kind: "accepted", receivedDocuments: 1 });
    expect(rows.every((length) => length === LOG_ROW_BYTES_MAX)).toBe(true);
    expect(rows.length).toBe(60);
    expect(result.kind === "accepted" && result.lastRows.map(({ shard }) => shard)).toEqual([
      shardId(shardOf(documentId("1"), SHARDS)),
    ]);
  }, 60_000);
});
