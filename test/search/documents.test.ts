import fc from "fast-check";
import { describe, expect, test } from "vitest";

import { documentId } from "../../worker/core/ids.ts";
import { fetchDocuments, getDocument } from "../../worker/search/documents.ts";
import type { DocumentsQuery } from "../../worker/search/documents-request.ts";
import { DocumentFleet, indexOn, nodeIds, readContext, type Fields } from "./document-fleet.ts";

const QUERY: DocumentsQuery = {
  offset: 0,
  limit: 20,
  fields: null,
  filter: null,
  ids: null,
  sort: null,
  retrieveVectors: false,
};

const documents = (count: number): Fields[] =>
  Array.from({ length: count }, (_, id) => ({ id, rank: (id * 7919) % 101 }));

interface Page {
  readonly results: readonly Fields[];
  readonly total: number;
}

async function pageOf(
  fleet: DocumentFleet,
  replicas: number,
  query: Partial<DocumentsQuery>,
): Promise<Page> {
  const index = indexOn(nodeIds(3), replicas);
  const read = readContext(fleet, nodeIds(3), index);
  const { body } = await fetchDocuments(read, index, { ...QUERY, ...query });
  return JSON.parse(body) as Page;
}

describe("a page of documents", () => {
  test("any page at any depth is a slice of the whole list", async () => {
    const all = documents(4000);
    const byRank = all.toSorted(
      (a, b) => Number(b["rank"]) - Number(a["rank"]) || Number(a["id"]) - Number(b["id"]),
    );
    for (const replicas of [1, 2]) {
      const fleet = new DocumentFleet(indexOn(nodeIds(3), replicas), all);
      await fc.assert(
        fc.asyncProperty(
          fc.nat(4100),
          fc.nat(1500),
          fc.boolean(),
          async (offset, limit, isSorted) => {
            const page = await pageOf(fleet, replicas, {
              offset,
              limit,
              sort: isSorted ? ["rank:desc"] : null,
            });
            expect(page.total).toBe(4000);
            const whole = isSorted ? byRank : all;
            expect(page.results).toEqual(whole.slice(offset, offset + limit));
          },
        ),
        { numRuns: 30 },
      );
    }
  });

  test("a deep page asks for no more than what is around it", async () => {
    const fleet = new DocumentFleet(indexOn(nodeIds(3), 1), documents(12_000));
    const page = await pageOf(fleet, 1, { offset: 11_000, limit: 10 });
    expect(page.results.map(({ id }) => id)).toEqual(
      Array.from({ length: 10 }, (_, place) => 11_000 + place),
    );
    const asked = fleet.sent.reduce((sum, { body }) => sum + Number(body["limit"]), 0);
    expect(asked).toBeLessThan(2500);
  });

  test("documents left out by the sort do not shift deep pages", async () => {
    const all = documents(3000).map((document) =>
      Number(document["id"]) % 5 === 0 ? { ...document, rank: null } : document,
    );
    const fleet = new DocumentFleet(indexOn(nodeIds(3), 1), all);
    const shown = all
      .filter(({ rank }) => rank !== null)
      .toSorted(
        (a, b) => Number(a["rank"]) - Number(b["rank"]) || Number(a["id"]) - Number(b["id"]),
      );
    for (const offset of [1500, 2395, 2600]) {
      const page = await pageOf(fleet, 1, { offset, limit: 50, sort: ["rank:asc"] });
      expect(page.results).toEqual(shown.slice(offset, offset + 50));
    }
  });

  test("a node that fails between the rounds does not tear the page", async () => {
    const fleet = new DocumentFleet(indexOn(nodeIds(3), 2), documents(4000));
    fleet.isDown = (node, sentCount) => node === "n1" && sentCount > 3;
    const page = await pageOf(fleet, 2, { offset: 2000, limit: 30 });
    expect(page.results.map(({ id }) => id)).toEqual(
      Array.from({ length: 30 }, (_, place) => 2000 + place),
    );
  });

  test("ids are asked of the shards that own them", async () => {
    const index = indexOn(nodeIds(3), 1);
    const fleet = new DocumentFleet(index, documents(50));
    const ids = ["7", "9", "none"].map(documentId);
    const page = await pageOf(fleet, 1, { ids });
    expect(page.results.map(({ id }) => id)).toEqual([7, 9]);
    expect(page.total).toBe(2);
    const asked = fleet.sent.flatMap(({ body }) => body["ids"]);
    expect(asked).toHaveLength(3);
    expect(new Set(asked)).toEqual(new Set(ids));
  });

  test("an index without a primary key has no documents, and asks no node", async () => {
    const { primaryKey: _, ...rest } = indexOn(nodeIds(3), 1);
    const index = { ...rest, primaryKey: undefined };
    const fleet = new DocumentFleet(index, []);
    const { body } = await fetchDocuments(readContext(fleet, nodeIds(3), index), index, QUERY);
    expect(body).toBe('{"results":[],"offset":0,"limit":20,"total":0}');
    expect(fleet.sent).toEqual([]);
  });
});

describe("one document", () => {
  const index = indexOn(nodeIds(3), 2);
  const ALL = { fields: null, retrieveVectors: false };

  test("comes without the mark, from another replica when one is down", async () => {
    const fleet = new DocumentFleet(index, documents(20));
    for (const down of nodeIds(3)) {
      fleet.isDown = (node) => node === down;
      const text = await getDocument(
        readContext(fleet, nodeIds(3), index),
        index,
        documentId("5"),
        ALL,
      );
      expect(JSON.parse(text)).toEqual({ id: 5, rank: (5 * 7919) % 101 });
    }
  });

  test.for(["nope", "..", "a/b", "", "é", "a b"])("%j is not found", async (id) => {
    const fleet = new DocumentFleet(index, documents(20));
    const asked = getDocument(readContext(fleet, nodeIds(3), index), index, documentId(id), ALL);
    await expect(asked).rejects.toMatchObject({
      code: "document_not_found",
      status: 404,
      message: `Document \`${id}\` not found.`,
    });
    expect(fleet.sent.every(({ path }) => path.endsWith("/documents/nope"))).toBe(true);
  });
});
