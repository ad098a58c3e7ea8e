/**
 * What a Meilisearch 1.50 answered to requests of the kind that nodes get, over a small corpus and
 * six ways to set up an index: hits, order, scores, score details, formatting, facets, totals.
 */
import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { TestNode } from "./node.ts";

interface Case {
  readonly federation: object;
  readonly query: object;
  readonly answer: unknown;
}

interface Line extends Partial<Case> {
  readonly settings?: readonly object[];
  readonly document?: object;
}

const lines = readFileSync(`${import.meta.dirname}/recorded-answers.jsonl`, "utf8")
  .trimEnd()
  .split("\n")
  .map((line): Line => JSON.parse(line));

const node = new TestNode();
const documents = lines.flatMap(({ document }) => document ?? []);
lines[0]?.settings?.forEach((settings, at) => {
  node.task("PATCH", `/indexes/rec${at}/settings`, settings);
  const task = node.task("POST", `/indexes/rec${at}/documents?primaryKey=id`, documents);
  expect(task.error).toBeNull();
});

/** Numbers to five digits, without the time taken. */
function comparable(value: unknown): unknown {
  if (typeof value === "number") return Math.round(value * 1e5) / 1e5;
  if (Array.isArray(value)) return value.map(comparable);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([key]) => key !== "processingTimeMs");
  return Object.fromEntries(entries.map(([key, member]) => [key, comparable(member)]));
}

test.for(
  lines
    .filter(({ answer }) => answer !== undefined)
    .map((one) => [JSON.stringify([one.federation, one.query]), one] as const),
)("%s", ([, { federation, query, answer }]) => {
  const { json } = node.call("POST", "/multi-search", { federation, queries: [query] });
  expect(comparable(json)).toEqual(answer);
});
