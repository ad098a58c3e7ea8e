import fc from "fast-check";
import { expect, test } from "vitest";

import { documentPages } from "../../durable-objects/backup/document-stream.ts";
import { DocumentFleet, indexOn, nodeIds, readContext, type Fields } from "./document-fleet.ts";

const NODES = nodeIds(3);
const INDEX = indexOn(NODES, 2);

const documentsOf = (count: number): readonly Fields[] =>
  Array.from({ length: count }, (_, id) => ({ id: id % 2 === 0 ? id : `k${id}`, n: id }));

/** All documents, read in pages; `meanwhile` gives what is there after so many requests. */
async function readAll(
  documents: readonly Fields[],
  pageDocumentsMax: number,
  meanwhile: (requests: number) => readonly Fields[] = () => documents,
): Promise<readonly string[]> {
  let requests = 0;
  const client = {
    send: (...[node, request]: Parameters<DocumentFleet["send"]>) => {
      requests += 1;
      return new DocumentFleet(INDEX, meanwhile(requests)).send(node, request);
    },
  };
  const read = readContext(client, NODES, INDEX);
  const source = {
    open: () => Promise.resolve({ read, index: INDEX }),
    filter: null,
    pageDocumentsMax,
  };
  const found: string[] = [];
  for await (const page of documentPages(source)) found.push(...page);
  return found;
}

const sorted = (texts: readonly string[]): readonly string[] => texts.toSorted();

test.for([2, 7, 50, 2000])(
  "pages of %i: every document once, without what Miroir added",
  async (page) => {
    const documents = documentsOf(300);
    const found = await readAll(documents, page);
    expect(sorted(found)).toEqual(sorted(documents.map((document) => JSON.stringify(document))));
  },
);

test("documents that nobody touches are there once, whatever is deleted meanwhile", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 20, max: 60 }),
      fc.nat(40),
      fc.integer({ min: 2, max: 6 }),
      async (page, at, step) => {
        const documents = documentsOf(400);
        // Numbers come before texts: both lose some, so that neither half of the order goes at once.
        const kept = documents.filter((_, position) => (position >> 1) % step !== 0);
        const reading = readAll(documents, page, (requests) => (requests > at ? kept : documents));
        // Should all that was read last be gone, the reading says so: nothing is missing unsaid.
        const found = await reading.catch((error: unknown) => {
          expect(String(error)).toContain("change faster than they are read");
          return undefined;
        });
        if (found === undefined) return;
        const wanted = kept.map((document) => JSON.stringify(document));
        expect(new Set(found).size).toBe(found.length);
        expect(wanted.filter((text) => !found.includes(text))).toEqual([]);
      },
    ),
    // Found: a page that stepped back behind its own length ended the reading.
    { numRuns: 40, examples: [[22, 39, 2]] },
  );
});

test("when all that was read last is gone, the reading says so instead of guessing", async () => {
  const documents = documentsOf(400);
  const texts = documents.filter(({ id }) => typeof id === "string");
  const reading = readAll(documents, 20, (requests) => (requests > 24 ? texts : documents));
  await expect(reading).rejects.toThrow("change faster than they are read");
});

test("a shard that no replica answers for ends the reading", async () => {
  const client = {
    send: () => Promise.resolve({ kind: "unreachable", reason: "down", timedOut: false } as const),
  };
  const read = { ...readContext(client, NODES, INDEX), policy: "partial" as const };
  const source = { open: () => Promise.resolve({ read, index: INDEX }), filter: null };
  await expect(documentPages(source).next()).rejects.toThrow();
});
