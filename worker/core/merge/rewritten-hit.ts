/** Hits with other texts for some of their members than the node gave. */
import { floatText } from "../decode/float-text.ts";
import { members, valueText, type Member } from "../json/text-scanner.ts";
import { isRecord } from "../ranking/json-record.ts";
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

/**
 * The hit of a query whose words it has, as one of a query that has more: the rule `words`, which
 * is the first, tells it. A score is a fold of ranks, from the last rule to the first
 * (`recompute-score.ts`).
 */
export function withWordsRule(hit: Hit, matching: number, maximum: number): Hit {
  const own = hit.details["words"];
  const ranks = isRecord(own) ? own["maxMatchingWords"] : undefined;
  if (typeof ranks !== "number" || ranks === maximum) return hit;
  const words = `{"order":0,"matchingWords":${matching},"maxMatchingWords":${maximum},"score":${floatText(matching / maximum)}}`;
  const told = rewritten(hit, (key) => {
    const member = hit.members.findLast((one) => one.key === key);
    if (member === undefined) return undefined;
    if (key === "_rankingScore") {
      const score = hit.rankingScore ?? Number(valueText(hit.text, member));
      return floatText((matching - (1 - score) * ranks) / maximum);
    }
    return key === "_rankingScoreDetails" ? detailsWith(hit, member, words) : undefined;
  });
  // What nodes say to other nodes is still about the query that they were asked.
  return { ...told, isRevised: true };
}

/** The score details with another rule `words`, and what was revised as it is now. */
function detailsWith(hit: Hit, member: Member, words: string): string {
  const details = valueText(hit.text, member);
  const rules = members(details).map((rule) => {
    if (rule.key === "words") return `"words":${words}`;
    const isRevised = hit.isRevised && rule.key === "exactness";
    const text = isRevised ? JSON.stringify(hit.details[rule.key]) : valueText(details, rule);
    return `${JSON.stringify(rule.key)}:${text}`;
  });
  return `{${rules.join(",")}}`;
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
