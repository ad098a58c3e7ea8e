import fc from "fast-check";
import { expect, test } from "vitest";

import { DIGEST_RANGES, ShardDigest } from "../../../worker/core/transfer/shard-digest.ts";

function digestOf(documents: readonly string[]): ShardDigest {
  const digest = new ShardDigest();
  for (const text of documents) digest.add(text, "id");
  return digest;
}

const arbitraryDocuments = fc.uniqueArray(
  fc.record({ id: fc.nat(), title: fc.string(), n: fc.double({ noNaN: true }) }),
  { selector: ({ id }) => id, minLength: 1, maxLength: 30 },
);

test("neither the order of documents nor that of their members counts", () => {
  fc.assert(
    fc.property(arbitraryDocuments, (documents) => {
      const one = documents.map(({ id, title, n }) => JSON.stringify({ id, title, n }));
      const other = documents.map(({ id, title, n }) => JSON.stringify({ n, id, title })).reverse();
      expect(digestOf(other).key).toBe(digestOf(one).key);
    }),
  );
});

test("a document that is changed, missing or too many shows, in one range of ids", () => {
  fc.assert(
    fc.property(arbitraryDocuments, fc.nat(), (documents, pick) => {
      const texts = documents.map((document) => JSON.stringify(document));
      const at = pick % texts.length;
      const whole = digestOf(texts);
      const changed = texts.with(at, JSON.stringify({ ...documents[at], title: "\u0000 other" }));
      const others = [changed, texts.toSpliced(at, 1), [...texts, '{"id":"extra"}']];
      for (const other of others) {
        expect(digestOf(other).key).not.toBe(whole.key);
        expect(whole.differences(digestOf(other))).toBe(1);
      }
    }),
  );
});

test("numbers are told apart by their digits, vectors are not looked at", () => {
  const key = (text: string) => digestOf([text]).key;
  expect(key('{"id":1,"n":9007199254740993}')).not.toBe(key('{"id":1,"n":9007199254740992}'));
  expect(key('{"id":1,"n":1.0}')).not.toBe(key('{"id":1,"n":1}'));
  expect(key('{"id":1,"_vectors":{"a":[0.1]}}')).toBe(key('{"id":1}'));
});

test("documents with a nested primary key are placed by their content", () => {
  const digest = new ShardDigest();
  digest.add('{"key":{"id":1}}', "key.id");
  expect(digest.documents).toBe(1);
  expect(new ShardDigest().differences(digest)).toBe(1);
  expect(DIGEST_RANGES).toBeGreaterThan(1);
});
