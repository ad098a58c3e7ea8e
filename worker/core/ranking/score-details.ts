/**
 * What a node says about a hit's rank, decoded from `_rankingScoreDetails` and from
 * `_federation.weightedScoreValues`, as a list of steps in the order the rules were applied.
 *
 * Two sources because each hides something: the details redact sort values of fields that are not
 * displayed, the weighted values fold relevancy rules into one number whose scale is the shard's.
 */
import { isRecord, type JsonRecord } from "./json-record.ts";

export type SortValue = string | number | null;

export type RankStep =
  /** A relevancy rule: `value` is higher for the better hit, and comparable between shards. */
  | { readonly kind: "rank"; readonly rule: string; readonly value: number }
  | {
      readonly kind: "sort";
      readonly rule: string;
      readonly asc: boolean;
      readonly value: SortValue;
    }
  | {
      readonly kind: "geo";
      readonly rule: string;
      readonly asc: boolean;
      readonly distance: number | null;
    }
  /** The time budget ended here: worse than any result of the rule. */
  | { readonly kind: "skipped"; readonly rule: string };

/** Scores are quotients of small integers: equal ones are equal up to rounding. */
const SCORE_UNITS = 1e12;

function score(value: unknown): number {
  return typeof value === "number" ? Math.round(value * SCORE_UNITS) : 0;
}

function count(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

const MATCH_TYPES: Readonly<Record<string, number>> = {
  exactMatch: 2,
  matchesStart: 1,
  noExactMatch: 0,
};

/** One rule's details as steps; undefined for a rule that has none of its own. */
function relevancySteps(rule: string, details: JsonRecord): readonly RankStep[] | undefined {
  const rank = (value: number): RankStep => ({ kind: "rank", rule, value });
  switch (rule) {
    case "words":
      return [rank(count(details["matchingWords"]) - count(details["maxMatchingWords"]))];
    case "typo":
      return [rank(-count(details["typoCount"]))];
    case "proximity":
    case "attributeRank":
    case "wordPosition":
      return [rank(score(details["score"]))];
    case "attribute":
      return [
        rank(score(details["attributeRankingOrderScore"])),
        rank(score(details["queryWordDistanceScore"])),
      ];
    case "exactness":
      return [
        rank(MATCH_TYPES[String(details["matchType"])] ?? 0),
        rank(count(details["matchingWords"])),
      ];
    case "vectorSort":
      return [rank(count(details["similarity"]))];
    case "skipped":
      return [{ kind: "skipped", rule }];
    default:
      return undefined;
  }
}

/** A sort or geo element of `weightedScoreValues`; undefined for a relevancy element. */
function valueStep(rule: string, element: unknown): RankStep | undefined {
  if (!isRecord(element)) return undefined;
  const sort = element["sort"];
  if (isRecord(sort)) {
    const value = sort["value"];
    const known = typeof value === "string" || typeof value === "number" ? value : null;
    return { kind: "sort", rule, asc: sort["asc"] === true, value: known };
  }
  const geo = element["geoSort"];
  if (isRecord(geo)) {
    const distance = geo["distance"];
    return {
      kind: "geo",
      rule,
      asc: geo["asc"] === true,
      distance: typeof distance === "number" ? distance : null,
    };
  }
  return undefined;
}

/** The step of a rule that sorts by a value, by its own details. */
function detailStep(rule: string, details: JsonRecord): RankStep {
  const asc = rule.endsWith(":asc");
  const { value, distance } = details;
  if (rule.startsWith("_geoPoint(")) {
    return { kind: "geo", rule, asc, distance: typeof distance === "number" ? distance : null };
  }
  const known = typeof value === "string" || typeof value === "number" ? value : null;
  return { kind: "sort", rule, asc, value: known };
}

/**
 * The steps of a hit. Rules come in `order`; every rule that is not a relevancy rule takes the next
 * sort or geo element of the weighted values, which are never redacted. Hits that have no weighted
 * values are only asked for where nothing is redacted.
 */
export function rankSteps(
  details: JsonRecord,
  weightedValues: readonly unknown[] | undefined,
): RankStep[] {
  const rules = Object.entries(details).flatMap(([rule, value]) =>
    isRecord(value) ? [{ rule, details: value, order: count(value["order"]) }] : [],
  );
  rules.sort((a, b) => a.order - b.order);
  const values = weightedValues?.values();
  const steps: RankStep[] = [];
  for (const { rule, details: ruleDetails } of rules) {
    const relevancy = relevancySteps(rule, ruleDetails);
    if (relevancy !== undefined) {
      steps.push(...relevancy);
      continue;
    }
    const step = values === undefined ? detailStep(rule, ruleDetails) : nextValueStep(rule, values);
    if (step !== undefined) steps.push(step);
  }
  return steps;
}

function nextValueStep(rule: string, values: Iterator<unknown>): RankStep | undefined {
  for (let next = values.next(); next.done !== true; next = values.next()) {
    const step = valueStep(rule, next.value);
    if (step !== undefined) return step;
  }
  return undefined;
}
