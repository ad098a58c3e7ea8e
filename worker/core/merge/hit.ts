/**
 * One hit of a node: its place in the answer's text, and what the merge needs to know about it. The
 * document itself is never decoded.
 */
import { members, valueText, type Member } from "../json/text-scanner.ts";
import { isRecord, type JsonRecord } from "../ranking/json-record.ts";
import { rankSteps, type RankStep } from "../ranking/score-details.ts";

export interface Hit {
  /** The answer that the hit is part of. */
  readonly text: string;
  readonly members: readonly Member[];
  readonly steps: readonly RankStep[];
  readonly details: JsonRecord;
  /** The node's own score, on its shards' scale; undefined when it was not asked for. */
  readonly rankingScore: number | undefined;
  /** Fields that the node sent for the merge only (the distinct attribute and facets), as text. */
  readonly extraDocument: string | undefined;
  /** Whether it is of a plain search, whose details alone tell its rank. */
  readonly isPlain: boolean;
  /** Whether details and score are no longer those in the text. */
  readonly isRevised: boolean;
}

const FEDERATION = "_federation";
const RANKING_SCORE = "_rankingScore";
const RANKING_SCORE_DETAILS = "_rankingScoreDetails";

/** The member that the node added: the last of its name, since a document may have one too. */
function added(all: readonly Member[], key: string): Member | undefined {
  return all.findLast((member) => member.key === key);
}

function recordOf(text: string, member: Member | undefined): JsonRecord {
  if (member === undefined) return {};
  const value: unknown = JSON.parse(valueText(text, member));
  return isRecord(value) ? value : {};
}

/** Decode the hit at `start`. */
export function decodeHit(text: string, start: number): Hit {
  const all = members(text, start);
  const federationMember = added(all, FEDERATION);
  const federation = recordOf(text, federationMember);
  const details = recordOf(text, added(all, RANKING_SCORE_DETAILS));
  const score = added(all, RANKING_SCORE);
  const values = federation["weightedScoreValues"];
  const extra =
    federationMember === undefined
      ? undefined
      : members(text, federationMember.valueStart).find(({ key }) => key === "extra_document");
  return {
    text,
    members: all,
    steps: rankSteps(details, Array.isArray(values) ? values : undefined),
    details,
    rankingScore: score === undefined ? undefined : Number(valueText(text, score)),
    extraDocument: extra === undefined ? undefined : valueText(text, extra),
    isPlain: federationMember === undefined,
    isRevised: false,
  };
}
