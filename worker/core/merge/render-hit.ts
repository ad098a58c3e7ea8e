/**
 * A hit as the client gets it: the node's text without what Miroir added or asked for on its own.
 * Whatever is kept is kept as the node wrote it.
 */
import { keepMembers, members, valueText, type Member } from "../json/text-scanner.ts";
import { floatText } from "../decode/float-text.ts";
import { MARK_FIELD } from "../placement/shard-mark.ts";
import { typoScore, UNCHANGED, type Rescaled } from "../ranking/recompute-score.ts";
import type { Hit } from "./hit.ts";

export interface HitOptions {
  readonly showRankingScore: boolean;
  readonly showRankingScoreDetails: boolean;
  /** Whether the nodes' last ranking rule is Miroir's and not the client's. */
  readonly hidesTieRule: boolean;
  /** JSON of `_federation`, where the client asked for a federated search. */
  readonly federation?: string;
}

/** The hit's text for the client. */
export function renderHit(hit: Hit, options: HitOptions, rescaled: Rescaled = UNCHANGED): string {
  const last = new Map(hit.members.map((member) => [member.key, member]));
  const parts: string[] = [];
  const own = hit.isPlain ? documentEnd(hit.members) : undefined;
  for (const [at, member] of hit.members.entries()) {
    if (at === own) parts.push(...plainFederation(options));
    const part = renderMember(hit, member, last.get(member.key) === member, options, rescaled);
    if (part !== undefined) parts.push(part);
  }
  if (own === hit.members.length) parts.push(...plainFederation(options));
  return `{${parts.join(",")}}`;
}

/** What nodes add after a document. */
const ADDED = new Set(["_formatted", "_matchesPosition", "_rankingScore", "_rankingScoreDetails"]);

/** The place after the document's own members. */
function documentEnd(all: readonly Member[]): number {
  return all.findLastIndex(({ key }) => !ADDED.has(key)) + 1;
}

/** Hits of plain searches come without `_federation`, which ends the document. */
function plainFederation({ federation }: HitOptions): readonly string[] {
  return federation === undefined ? [] : [`"_federation":${federation}`];
}

function renderMember(
  hit: Hit,
  member: Member,
  isLast: boolean,
  options: HitOptions,
  rescaled: Rescaled,
): string | undefined {
  const whole = hit.text.slice(member.start, member.valueEnd);
  // Only underscores can begin what a node or Miroir adds.
  if (!member.key.startsWith("_")) return whole;
  if (member.key === MARK_FIELD) return undefined;
  if (!isLast) return whole;
  switch (member.key) {
    case "_federation":
      return options.federation === undefined ? undefined : `"_federation":${options.federation}`;
    case "_formatted": {
      const formatted = withoutMark(hit.text, member);
      // As Meilisearch does: an empty `_formatted` is left out.
      return formatted === "{}" ? undefined : `"_formatted":${formatted}`;
    }
    case "_rankingScore":
      return options.showRankingScore ? renderScore(hit, whole, rescaled) : undefined;
    case "_rankingScoreDetails": {
      if (!options.showRankingScoreDetails) return undefined;
      const details = hit.isRevised ? revisedDetails(hit, member) : valueText(hit.text, member);
      return `"_rankingScoreDetails":${renderDetails(details, options.hidesTieRule, rescaled)}`;
    }
    default:
      return whole;
  }
}

function renderScore(hit: Hit, whole: string, rescaled: Rescaled): string {
  const score = rescaled.rankingScore ?? (hit.isRevised ? hit.rankingScore : undefined);
  return score === undefined ? whole : `"_rankingScore":${floatText(score)}`;
}

/** The node's details with the exactness that was revised. */
function revisedDetails(hit: Hit, member: Member): string {
  const text = valueText(hit.text, member);
  const exactness = JSON.stringify(hit.details["exactness"]);
  const parts = members(text).map((rule) =>
    rule.key === "exactness" ? `"exactness":${exactness}` : text.slice(rule.start, rule.valueEnd),
  );
  return `{${parts.join(",")}}`;
}

function withoutMark(text: string, member: Member): string {
  return keepMembers(text, member.valueStart, member.valueEnd, (key) => key !== MARK_FIELD);
}

/**
 * The score details without the tie rule: the last of them, unless the search was cut off before it
 * (then `skipped` is the last).
 */
function renderDetails(details: string, hidesTieRule: boolean, rescaled: Rescaled): string {
  const all = members(details);
  const tie = hidesTieRule ? all.at(-1) : undefined;
  const parts = all.flatMap((member) => {
    if (member === tie && isValueRule(member.key)) return [];
    if (member.key === "typo" && rescaled.maxTypoCount !== undefined) {
      return [`"typo":${renderTypo(valueText(details, member), rescaled.maxTypoCount)}`];
    }
    return [details.slice(member.start, member.valueEnd)];
  });
  return `{${parts.join(",")}}`;
}

/** Whether a key of the details is that of a rule on a field, perhaps hidden from the client. */
function isValueRule(key: string): boolean {
  return /:(?:asc|desc)$/.test(key) || /^<hidden-rule-\d+>$/.test(key);
}

function renderTypo(typo: string, maxTypoCount: number): string {
  const values = new Map(members(typo).map((member) => [member.key, valueText(typo, member)]));
  const typoCount = Number(values.get("typoCount"));
  values.set("maxTypoCount", String(maxTypoCount));
  values.set("score", floatText(typoScore(typoCount, maxTypoCount)));
  return `{${[...values].map(([key, value]) => `"${key}":${value}`).join(",")}}`;
}
