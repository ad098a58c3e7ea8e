/**
 * The values that `distinct` compares: the attribute's leaf values, as Meilisearch's facet values
 * (strings and booleans normalised, numbers as numbers).
 */
import { elements, members, stringAt, type Member } from "../json/text-scanner.ts";
import type { Hit } from "./hit.ts";
import { normalizeFacet } from "./normalize-facet.ts";

export type DistinctValue = string | number;

/** The values in a hit: in its document, or in what the node sent beside it. */
export function distinctValues(hit: Hit, attribute: string): DistinctValue[] {
  const found: DistinctValue[] = [];
  visitLeaves(hit.text, hit.members, attribute, found);
  const extra = hit.extraDocument;
  if (extra !== undefined) visitLeaves(extra, members(extra), attribute, found);
  return found;
}

/**
 * As Meilisearch does: `a.b` names the literal key `a.b` and the member `b` of `a`, also through
 * arrays of objects.
 */
function visitLeaves(
  text: string,
  all: readonly Member[],
  path: string,
  found: DistinctValue[],
): void {
  for (const member of all) {
    if (member.key === path) leafValues(text, member.valueStart, member.valueEnd, found);
    else if (path.startsWith(`${member.key}.`)) {
      visitNested(text, member, path.slice(member.key.length + 1), found);
    }
  }
}

function visitNested(text: string, member: Member, path: string, found: DistinctValue[]): void {
  const opening = text[member.valueStart];
  if (opening === "{") visitLeaves(text, members(text, member.valueStart), path, found);
  if (opening !== "[") return;
  for (const [start] of elements(text, member.valueStart)) {
    if (text[start] === "{") visitLeaves(text, members(text, start), path, found);
  }
}

function leafValues(text: string, start: number, end: number, found: DistinctValue[]): void {
  if (text[start] === "[") {
    for (const [from, to] of elements(text, start)) leafValue(text, from, to, found);
  } else leafValue(text, start, end, found);
}

function leafValue(text: string, start: number, end: number, found: DistinctValue[]): void {
  const opening = text[start];
  if (opening === '"') found.push(normalizeFacet(stringAt(text, start, end)));
  else if (opening === "t" || opening === "f") found.push(text.slice(start, end));
  else if (opening !== "n" && opening !== "{" && opening !== "[") {
    found.push(Number(text.slice(start, end)));
  }
}
