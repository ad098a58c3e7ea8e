/** As Meilisearch 1.50 took or refused the same documents, new to an index with a `userProvided` embedder. */
import { expect, test } from "vitest";

import { findDocumentId } from "../../../worker/core/documents/document-id.ts";
import { LackingVectors } from "../../../worker/core/documents/lacking-vectors.ts";
import { primaryKey } from "../../../worker/core/documents/primary-key.ts";
import { bytes, readAll, text } from "./payloads.ts";

const KEY = primaryKey("id");

function lacking(payload: string, mode: "replace" | "update"): ReadonlyMap<string, unknown> {
  const vectors = new LackingVectors(mode, ["e"]);
  for (const document of readAll(bytes(payload))) {
    const id = findDocumentId(document, KEY);
    if (!(id instanceof Uint8Array)) throw new Error(id.message);
    vectors.add(document, text(id));
  }
  return vectors.found();
}

test.for([
  ["", true],
  [',"_vectors":{}', true],
  [',"_vectors":{"f":[1,2]}', true],
  [',"_vectors":{"e":[1,2]}', false],
  [',"_vectors":{"e":[]}', false],
  [',"_vectors":{"e":null}', false],
  [',"_vectors":{"\\u0065":null}', false],
  [',"_vectors":{"e":{"embeddings":[1,2],"regenerate":true}}', false],
  [',"_vectors":{"e":{"embeddings":null,"regenerate":true}}', true],
  [',"_vectors":{"e":{"regenerate":true}}', true],
  [',"_vectors":{"e":{"regenerate":false}}', false],
  [',"_vectors":{"e":{"embeddings":[],"regenerate":false}}', false],
] as const)("a document with %s lacks vectors: %s", ([vectors, isLacking]) => {
  for (const mode of ["replace", "update"] as const) {
    expect(lacking(`[{"id":1${vectors}}]`, mode).has("1")).toBe(isLacking);
  }
});

test.for([
  ['{"id":1,"_vectors":{"e":[1]}}', '{"id":"1"}', true, false],
  ['{"id":1}', '{"id":1,"_vectors":{"e":[1]}}', false, false],
  ['{"id":1,"_vectors":{"e":[1]}}', '{"id":1,"_vectors":{}}', true, true],
  ['{"id":1,"_vectors":{"e":[1]}}', '{"id":1,"_vectors":{"e":{"regenerate":true}}}', true, true],
] as const)("%s and then %s: replaced %s, updated %s", ([first, then, replaced, updated]) => {
  expect(lacking(`[${first},${then}]`, "replace").has("1")).toBe(replaced);
  expect(lacking(`[${first},${then}]`, "update").has("1")).toBe(updated);
});
