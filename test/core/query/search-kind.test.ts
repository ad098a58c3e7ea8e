import { expect, test } from "vitest";

import {
  keywordQuery,
  SEMANTIC_PLACEHOLDER,
  searchKind,
  semanticQuery,
} from "../../../worker/core/query/search-kind.ts";
import type { SearchQuery } from "../../../worker/core/query/search-query.ts";

const hybrid = (semanticRatio: number): SearchQuery["hybrid"] => ({ embedder: "e", semanticRatio });

test.for([
  ["keyword", { q: "x" }],
  ["keyword", { q: "x", hybrid: hybrid(0), vector: [1] }],
  ["keyword", { q: " ", hybrid: hybrid(1) }],
  ["keyword", { hybrid: hybrid(0.5) }],
  ["semantic", { q: "x", hybrid: hybrid(1) }],
  ["semantic", { hybrid: hybrid(0.5), vector: [1] }],
  ["semantic", { q: "  ", hybrid: hybrid(0.5), media: { image: "u" } }],
  ["hybrid", { q: "x", hybrid: hybrid(0.5) }],
  ["hybrid", { q: "x", hybrid: hybrid(0.99), vector: [1] }],
] as const)("%s: %j", ([kind, query]) => {
  expect(searchKind({ ...SEMANTIC_PLACEHOLDER, ...query })).toBe(kind);
});

test("each side of a hybrid search asks for its own", () => {
  const query = { ...SEMANTIC_PLACEHOLDER, q: "x", hybrid: hybrid(0.5), media: { image: "u" } };
  expect(keywordQuery(query)).toMatchObject({ q: "x", hybrid: null, vector: null, media: null });
  expect(semanticQuery(query, "e", [1, 2])).toMatchObject({
    hybrid: { embedder: "e", semanticRatio: 1 },
    vector: [1, 2],
    media: null,
  });
});
