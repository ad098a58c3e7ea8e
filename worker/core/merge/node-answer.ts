/**
 * A node's answer to one search request, federated or plain, read just enough to merge it: where
 * each hit lies in the text, the total and the facets. Hits are decoded one by one when the merge
 * gets to them.
 */
import type { Hit } from "./hit.ts";
import { elements, memberOf, members, valueText, type Member } from "../json/text-scanner.ts";

export interface NodeAnswer {
  readonly text: string;
  /** Bounds of each hit in `text`, best first. */
  readonly hits: readonly (readonly [start: number, end: number])[];
  /** The hits in another order than in `text`, with other details, where the merge saw to that. */
  readonly revised?: readonly Hit[];
  readonly total: number;
  /** `{"distribution":…,"stats":…}` of the index, or undefined when no facets were asked. */
  readonly facets: string | undefined;
  readonly processingTimeMs: number;
  /** The vector that the node made of the query, as text, when it was asked for. */
  readonly queryVector: string | undefined;
  readonly semanticHitCount: number | undefined;
}

function numberOf(text: string, member: Member | undefined): number {
  return member === undefined ? 0 : Number(valueText(text, member));
}

function optionalNumber(text: string, member: Member | undefined): number | undefined {
  return member === undefined ? undefined : numberOf(text, member);
}

/** The first member's value of the object that a member holds: there is one index, one query. */
function onlyValue(text: string, member: Member | undefined): string | undefined {
  if (member === undefined) return undefined;
  const [only] = members(text, member.valueStart);
  return only === undefined ? undefined : valueText(text, only);
}

function textOf(text: string, member: Member | undefined): string | undefined {
  return member === undefined ? undefined : valueText(text, member);
}

/** The facets of a plain search, in the shape of a federated one. */
function plainFacets(text: string, found: ReadonlyMap<string, Member>): string | undefined {
  const distribution = textOf(text, found.get("facetDistribution"));
  if (distribution === undefined) return undefined;
  return `{"distribution":${distribution},"stats":${textOf(text, found.get("facetStats")) ?? "{}"}}`;
}

/** Read an answer; throws `SyntaxError` when the text is not one. */
export function readNodeAnswer(text: string): NodeAnswer {
  const found = new Map(members(text).map((member) => [member.key, member]));
  const hits = found.get("hits");
  if (hits === undefined) throw new SyntaxError("an answer without hits");
  return {
    text,
    hits: elements(text, hits.valueStart),
    total: numberOf(text, found.get("estimatedTotalHits") ?? found.get("totalHits")),
    facets: onlyValue(text, found.get("facetsByIndex")) ?? plainFacets(text, found),
    processingTimeMs: numberOf(text, found.get("processingTimeMs")),
    queryVector:
      onlyValue(text, found.get("queryVectors")) ?? textOf(text, found.get("queryVector")),
    semanticHitCount: optionalNumber(text, found.get("semanticHitCount")),
  };
}

/** The text of a facets member (`distribution` or `stats`), `{}` when there is none. */
export function facetsPart(facets: string, part: "distribution" | "stats"): string {
  const member = memberOf(facets, 0, part);
  return member === undefined ? "{}" : valueText(facets, member);
}
