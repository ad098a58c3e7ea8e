/** Hits with other texts for some of their members than the node gave. */
import { valueText, type Member } from "../json/text-scanner.ts";
import { decodeHit, type Hit } from "./hit.ts";

/** The hit with the values that `valueOf` gives for what nodes add to documents. */
function rewritten(hit: Hit, valueOf: (key: string) => string | undefined): Hit {
  const last = new Map<string, Member>(hit.members.map((member) => [member.key, member]));
  const parts = hit.members.map((member) => {
    const value = member === last.get(member.key) ? valueOf(member.key) : undefined;
    return `${JSON.stringify(member.key)}:${value ?? valueText(hit.text, member)}`;
  });
  return decodeHit(`{${parts.join(",")}}`, 0);
}

/** The hit where a rule pinned it: what it would score by its words is not told. */
export function pinnedHit(hit: Hit, position: number): Hit {
  const values = new Map([
    ["_rankingScore", "1.0"],
    ["_rankingScoreDetails", `{"pin":{"order":0,"position":${position}}}`],
  ]);
  return { ...rewritten(hit, (key) => values.get(key)), steps: [] };
}

const MARKS: ReadonlySet<string> = new Set(["_formatted", "_matchesPosition"]);

/** The hit with the words marked that are in another hit of the same document. */
export function withMarksOf(hit: Hit, marked: Hit): Hit {
  const values = new Map(
    marked.members
      .filter(({ key }) => MARKS.has(key))
      .map((member) => [member.key, valueText(marked.text, member)]),
  );
  return rewritten(hit, (key) => values.get(key));
}
