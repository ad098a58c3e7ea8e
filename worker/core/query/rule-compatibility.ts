/**
 * Whether hits of different queries can be ranked in one list: position by position, their ranking
 * rules must be of the same kind. As Meilisearch does, runs of relevancy rules count as one, and
 * every query is compared with the one that has had the most rules so far.
 */
import { ApiError } from "../errors/api-error.ts";
import { sortedField } from "../settings/ranking-rule.ts";
import { canonicalRules, type CanonicalRules, type RuledQuery } from "./canonical-rules.ts";
import type { SortCriterion } from "./sort-criterion.ts";

type Comparison = "relevancy" | "asc" | "desc" | "geo asc" | "geo desc";

/** One rule, or a run of relevancy rules, of a query. */
interface Step {
  readonly comparison: Comparison;
  /** What it is called in a message: where it stands, and its name. */
  readonly place: string;
  readonly name: string;
}

interface Ruled {
  readonly position: number;
  readonly rules: CanonicalRules;
  readonly steps: readonly Step[];
}

/** The queries of a federation, in the order in which they are checked. */
export class RuleCompatibility {
  #longest: Ruled | undefined;

  /** Throws `invalid_multi_search_query_ranking_rules` for a query that does not fit the others. */
  add(query: RuledQuery, position: number, indexUid: string): void {
    const rules = canonicalRules(query);
    const current: Ruled = { position, rules, steps: stepsOf(rules, position, indexUid) };
    const previous = this.#longest;
    if (previous === undefined) {
      this.#longest = current;
      return;
    }
    for (const [at, step] of current.steps.entries()) {
      const other = previous.steps[at];
      if (other === undefined) break;
      if (other.comparison !== step.comparison) throw incompatible(previous, other, current, step);
    }
    if (current.steps.length >= previous.steps.length) this.#longest = current;
  }
}

function stepsOf(canonical: CanonicalRules, position: number, indexUid: string): readonly Step[] {
  const { rules } = canonical;
  const query = `\`queries[${position}]`;
  const settings = `\`${indexUid}.rankingRules`;
  const steps: Step[] = [];
  let begin: number | undefined;
  for (const [at, rule] of rules.entries()) {
    const isRelevancy = rule !== "sort" && sortedField(rule) === undefined;
    if (isRelevancy) {
      const merged = begin !== undefined;
      begin ??= at;
      const span = merged ? `${begin}..=${at}` : `${at}`;
      if (merged) steps.pop();
      steps.push({
        comparison: "relevancy",
        place: `${query}\`, ${settings}[${span}]\``,
        name: rules.slice(begin, at + 1).join(", "),
      });
      continue;
    }
    if (rule === "sort") {
      for (const [sortAt, criterion] of canonical.sort.entries()) {
        begin = undefined;
        steps.push({
          comparison: sortComparison(criterion),
          place: `${query}.sort[${sortAt}]\`, ${settings}[${at}]\``,
          name: criterion.kind === "geo" ? "default" : `on field \`${criterion.field}\``,
        });
      }
      continue;
    }
    begin = undefined;
    steps.push({
      comparison: rule.endsWith(":desc") ? "desc" : "asc",
      place: `${query}\`, ${settings}[${at}]\``,
      name: rule,
    });
  }
  return steps;
}

function sortComparison({ kind, descending }: SortCriterion): Comparison {
  const direction = descending ? "desc" : "asc";
  return kind === "geo" ? `geo ${direction}` : direction;
}

const NAMES: Readonly<Record<Comparison, string>> = {
  relevancy: "relevancy",
  asc: "ascending sort",
  desc: "descending sort",
  "geo asc": "ascending geo sort",
  "geo desc": "descending geo sort",
};

function incompatible(previous: Ruled, other: Step, current: Ruled, step: Step): ApiError {
  const lines = [
    `The results of queries #${previous.position} and #${current.position} are incompatible: `,
    `  1. ${described(other)}`,
    `  2. ${described(step)}`,
    `  - ${reason(other.comparison, step.comparison)}`,
  ];
  const notes = [previous, current].map(({ position, rules }) =>
    rules.notes === ""
      ? ""
      : `  - note: The ranking rules of query #${position} were modified during canonicalization:\n${rules.notes}`,
  );
  return new ApiError(
    "invalid_multi_search_query_ranking_rules",
    `${lines.map((line) => `${line}\n`).join("")}${notes.join("")}`,
  );
}

function described({ place, comparison, name }: Step): string {
  return `${place}: ${NAMES[comparison]} rule(s) ${name}`;
}

function reason(a: Comparison, b: Comparison): string {
  const isGeo = (comparison: Comparison): boolean => comparison.startsWith("geo");
  if (a === "relevancy" || b === "relevancy") {
    const other = a === "relevancy" ? b : a;
    return `cannot compare a relevancy rule with a ${isGeo(other) ? "geosort" : "sort"} rule`;
  }
  if (isGeo(a) !== isGeo(b)) return "cannot compare a sort rule with a geosort rule";
  return `cannot compare two ${isGeo(a) ? "geosort" : "sort"} rules in opposite directions`;
}
