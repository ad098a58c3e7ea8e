/**
 * Documents of several nodes as one list. Nodes sort by the client's criteria and then by the
 * primary key, and say by which values they sorted, so the merged order is that of one node, the
 * same on every read. Documents are slices of what the nodes sent, less what Miroir added.
 */
import { countText } from "../json/count-text.ts";
import { elements, keepMembers, memberOf, members, valueText } from "../json/text-scanner.ts";
import { MARK_FIELD } from "../placement/shard-mark.ts";
import { isRecord } from "../ranking/json-record.ts";
import type { RankStep } from "../ranking/score-details.ts";
import type { RankedList } from "./merge-hits.ts";

/** A node's answer to `documents/fetch`. */
export interface DocumentsAnswer {
  readonly text: string;
  readonly results: readonly (readonly [start: number, end: number])[];
  /** Documents that match, whether they are among the results or not. */
  readonly total: number;
}

/** One document of an answer: where it lies, and by what it is ordered. */
export interface DocumentEntry {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly steps: readonly RankStep[];
  /** The list it is from. */
  readonly list: number;
}

const FEDERATION = "_federation";

/** Read an answer; throws `SyntaxError` when the text is not one. */
export function readDocumentsAnswer(text: string): DocumentsAnswer {
  const found = new Map(members(text).map((member) => [member.key, member]));
  const results = found.get("results");
  const total = found.get("total");
  if (results === undefined || total === undefined) {
    throw new SyntaxError("an answer without documents");
  }
  return {
    text,
    results: elements(text, results.valueStart),
    total: Number(valueText(text, total)),
  };
}

/** The answer's documents as a list to merge. `sort` is what the nodes were asked to sort by. */
export function documentList(
  answer: DocumentsAnswer,
  list: number,
  sort: readonly string[],
): RankedList<DocumentEntry> {
  const { text, results } = answer;
  return {
    length: results.length,
    at: (position) => {
      const [start, end] = results[position] ?? [0, 0];
      return { text, start, end, steps: sortSteps(text, start, sort), list };
    },
  };
}

/** The values that the node sorted the document by, one per criterion. */
function sortSteps(text: string, start: number, sort: readonly string[]): readonly RankStep[] {
  const member = memberOf(text, start, FEDERATION);
  if (member === undefined) throw new SyntaxError("a document without its sort values");
  const federation: unknown = JSON.parse(valueText(text, member));
  const values = isRecord(federation) ? federation["weightedScoreValues"] : undefined;
  if (!Array.isArray(values)) return [];
  if (values.length === sort.length) return values.map(sortStep);
  // The node was asked without the places, which none of its documents has.
  const others = values.values();
  return sort.map((criterion) =>
    isGeoCriterion(criterion)
      ? { kind: "geo", rule: "", asc: true, distance: null }
      : sortStep(others.next().value),
  );
}

/** Whether a criterion sorts by the distance from a point. */
export function isGeoCriterion(criterion: string): boolean {
  return criterion.trimStart().startsWith("_geoPoint(");
}

function sortStep(value: unknown): RankStep {
  const geo = isRecord(value) ? value["geoSort"] : undefined;
  if (isRecord(geo)) {
    const distance = typeof geo["distance"] === "number" ? geo["distance"] : null;
    return { kind: "geo", rule: "", asc: geo["asc"] === true, distance };
  }
  const sort = isRecord(value) ? value["sort"] : undefined;
  const { asc, value: sorted } = isRecord(sort) ? sort : {};
  const known = typeof sorted === "string" || typeof sorted === "number" ? sorted : null;
  return { kind: "sort", rule: "", asc: asc === true, value: known };
}

/** A document as the client stored it. */
export function cleanDocument(text: string, start: number, end: number): string {
  return keepMembers(text, start, end, (key) => key !== MARK_FIELD && key !== FEDERATION);
}

/** A document as its client stored it, of an answer that was asked for with its vectors. */
export function storedDocument(text: string, start: number, end: number): string {
  return withoutEmptyVectors(cleanDocument(text, start, end));
}

export interface Slice {
  readonly offset: number;
  readonly limit: number;
}

/** The response of the documents routes. */
export function documentsBody(documents: readonly string[], slice: Slice, total: number): string {
  const { offset, limit } = slice;
  return `{"results":[${documents.join(",")}],"offset":${countText(offset)},"limit":${countText(limit)},"total":${total}}`;
}

/** Nodes that are asked for vectors add an empty member to documents that have none. */
export function withoutEmptyVectors(text: string): string {
  const member = memberOf(text, 0, "_vectors");
  if (member === undefined || valueText(text, member) !== "{}") return text;
  return keepMembers(text, 0, text.length, (key) => key !== "_vectors");
}
