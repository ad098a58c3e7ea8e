import fc from "fast-check";
import { expect, test } from "vitest";

import { idRows, idsOfRow } from "../../../worker/core/documents/id-rows.ts";
import { UnmarkedLines } from "../../../worker/core/documents/unmarked.ts";
import { shardId } from "../../../worker/core/ids.ts";
import { ingestDocuments } from "../../../worker/ingest/ingest-documents.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The rows that a payload is logged as, for one shard. */
async function logged(texts: readonly string[]): Promise<Uint8Array> {
  const rows: Uint8Array[] = [];
  const result = await ingestDocuments({
    body: (async function* () {
      yield encoder.encode(texts.join("\n"));
    })(),
    format: "ndjson",
    indexUid: "movies",
    primaryKey: "id",
    shardCount: 1,
    sink: { rows: async (more) => void rows.push(...more.map(({ bytes }) => bytes)) },
  });
  if (result.kind === "rejected") throw new Error(result.error.message);
  rows.push(...result.lastRows.map(({ bytes }) => bytes));
  return new Uint8Array(rows.flatMap((row) => [...row]));
}

test("documents come back as they were sent, wherever their rows are cut", async () => {
  const document = fc.record({ id: fc.nat(), text: fc.string({ unit: "grapheme" }) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(document, { minLength: 1 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
      async (documents, cuts) => {
        const sent = documents.map(
          (one) => `${JSON.stringify(one).slice(0, -1)},"n":9007199254740993}`,
        );
        const bytes = await logged(sent);
        const lines = new UnmarkedLines(shardId(0));
        const back: string[] = [];
        for (let at = 0; at < bytes.length;) {
          const size = cuts.next().value ?? 1;
          for (const line of lines.push(bytes.subarray(at, at + size))) {
            back.push(decoder.decode(line));
          }
          at += size;
        }
        expect(back).toEqual(sent.map((text) => `${text}\n`));
      },
    ),
    { numRuns: 50 },
  );
});

test("ids of a row come back, and split into rows for any number of shards", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/), { minLength: 1 }),
      fc.integer({ min: 1, max: 64 }),
      (ids, shardCount) => {
        const rows = idRows(ids, shardCount);
        expect(rows.flatMap(({ bytes }) => [...idsOfRow(bytes)]).toSorted()).toEqual(
          ids.toSorted(),
        );
        for (const { shard } of rows) expect(shard).toBeLessThan(shardCount);
      },
    ),
  );
});
