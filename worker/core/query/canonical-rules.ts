/**
 * The ranking rules of a query as Meilisearch runs them, with notes on what it left out or put
 * before: rules that do nothing for this query, repeated ones, and `words` where another relevancy
 * rule comes first. Judged by the client's rules alone: nodes have one more.
 */
import { sortedField } from "../settings/ranking-rule.ts";
import type { MatchingStrategy } from "./search-query.ts";
import type { SortCriterion } from "./sort-criterion.ts";

/** What a query ranks by, as far as it decides which rules apply. */
export type RuleKind = "placeholder" | "keyword" | "vector";

export interface RuledQuery {
  readonly rankingRules: readonly string[];
  readonly sort: readonly SortCriterion[] | null;
  readonly matchingStrategy: MatchingStrategy;
  readonly kind: RuleKind;
}

export interface CanonicalRules {
  readonly rules: readonly string[];
  readonly sort: readonly SortCriterion[];
  /** One line for each change, numbered, as Meilisearch prints them. */
  readonly notes: string;
}

/** Where a rule was configured or asked for. */
type Source =
  | { readonly kind: "rule"; readonly at: number }
  | { readonly kind: "sort"; readonly at: number; readonly ruleAt: number };

export function canonicalRules(query: RuledQuery): CanonicalRules {
  return new Canonicalization(query).run();
}

class Canonicalization {
  readonly #query: RuledQuery;
  readonly #rules: string[] = [];
  #sort: readonly SortCriterion[] = [];
  readonly #notes: string[] = [];
  /** Where each field was first sorted by. */
  readonly #fields = new Map<string, Source>();
  /** Where each relevancy rule, and `sort`, first stood. */
  readonly #seen = new Map<string, number>();
  /** Whether `words` is there; "prepended" when it was put there. */
  #words: "prepended" | number | undefined;
  #vector: number | undefined;
  #isTruncated = false;

  constructor(query: RuledQuery) {
    this.#query = query;
  }

  run(): CanonicalRules {
    for (const [at, rule] of this.#query.rankingRules.entries()) {
      if (this.#isTruncated) break;
      const field = sortedField(rule);
      if (field !== undefined) this.#addField(rule, field, at);
      else if (rule === "sort") this.#addSort(at);
      else this.#addRelevancy(rule, at);
    }
    const notes = this.#notes.map((note) => `${note}\n`).join("");
    return { rules: this.#rules, sort: this.#sort, notes };
  }

  #note(text: string, indent = "    "): void {
    this.#notes.push(`${indent}${this.#notes.length + 1}. ${text}`);
  }

  #noteDuplicate(earlier: Source, removed: Source): void {
    this.#note(
      `Removed duplicate rule \`${this.#name(earlier)}\` at position ${position(removed)} as it already appears at position ${position(earlier)}`,
    );
  }

  #name(source: Source): string {
    if (source.kind === "rule") return this.#query.rankingRules[source.at] ?? "unknown";
    const criterion = this.#query.sort?.[source.at];
    if (criterion === undefined) return "unknown";
    const direction = criterion.descending ? "desc" : "asc";
    return `${criterion.kind === "geo" ? "_geo(..)" : criterion.field}:${direction}`;
  }

  #addField(rule: string, field: string, at: number): void {
    const source: Source = { kind: "rule", at };
    const earlier = this.#fields.get(field);
    if (earlier !== undefined) return this.#noteDuplicate(earlier, source);
    this.#fields.set(field, source);
    this.#rules.push(rule);
  }

  #addSort(at: number): void {
    const earlier = this.#seen.get("sort");
    const { sort } = this.#query;
    if (earlier !== undefined) {
      this.#noteDuplicate({ kind: "rule", at: earlier }, { kind: "rule", at });
    } else if (sort === null) {
      // As Meilisearch does: this note alone has three spaces before it.
      this.#note(
        `Removed rule \`sort\` at position ${rulePosition(at)} because \`query.sort\` is empty`,
        "   ",
      );
    } else {
      this.#seen.set("sort", at);
      this.#rules.push("sort");
      this.#sort = this.#canonicalSort(sort, at);
    }
  }

  #canonicalSort(sort: readonly SortCriterion[], ruleAt: number): readonly SortCriterion[] {
    let geo: Source | undefined;
    return sort.filter((criterion, at) => {
      const source: Source = { kind: "sort", at, ruleAt };
      const earlier = criterion.kind === "geo" ? geo : this.#fields.get(criterion.field);
      if (earlier !== undefined) {
        this.#noteDuplicate(earlier, source);
        return false;
      }
      if (criterion.kind === "geo") geo = source;
      else this.#fields.set(criterion.field, source);
      return true;
    });
  }

  #addRelevancy(rule: string, at: number): void {
    switch (this.#query.kind) {
      case "placeholder":
        return this.#note(
          `Removed relevancy rule \`${rule}\` at position ${rulePosition(at)} because the query is a placeholder search (\`q\`: "")`,
        );
      case "vector":
        return this.#addVector(rule, at);
      case "keyword":
        return rule === "words" ? this.#addWords(at) : this.#addKeyword(rule, at);
    }
  }

  /** The first relevancy rule is where the vector is compared. */
  #addVector(rule: string, at: number): void {
    if (this.#vector === undefined) {
      this.#vector = at;
      this.#rules.push(rule);
      return;
    }
    const inserted = rulePosition(this.#vector);
    const place = `relevancy rule \`${rule}\` at position ${rulePosition(at)}`;
    if (this.#fields.size === 0) {
      this.#note(
        `Removed ${place} because the query is a vector search and \`vector\` was already inserted at position ${inserted}`,
      );
    } else {
      this.#note(
        `Truncated ${place} and later rules because the query is a vector search and \`vector\` was inserted at position ${inserted}`,
      );
      this.#isTruncated = true;
    }
  }

  #addWords(at: number): void {
    const removed = `Removed rule \`words\` at position ${rulePosition(at)} because`;
    if (this.#query.matchingStrategy === "all") {
      return this.#note(`${removed} \`query.matchingWords\` is set to \`all\``);
    }
    if (typeof this.#words === "number") {
      return this.#noteDuplicate({ kind: "rule", at: this.#words }, { kind: "rule", at });
    }
    // As Meilisearch does: the rule is said to be removed, and stays.
    if (this.#words === "prepended") this.#note(`${removed} it was previously prepended`);
    this.#words = at;
    this.#rules.push("words");
  }

  #addKeyword(rule: string, at: number): void {
    if (this.#query.matchingStrategy !== "all" && this.#words === undefined) {
      this.#note(
        `Prepended rule \`words\` before first relevancy rule \`${rule}\` at position ${rulePosition(at)}`,
      );
      this.#rules.push("words");
      this.#words = "prepended";
    }
    const earlier = this.#seen.get(rule);
    if (earlier !== undefined) {
      return this.#noteDuplicate({ kind: "rule", at: earlier }, { kind: "rule", at });
    }
    this.#seen.set(rule, at);
    this.#rules.push(rule);
  }
}

function position(source: Source): string {
  if (source.kind === "rule") return rulePosition(source.at);
  return `#${source.at} in \`query.sort\` (as \`sort\` is #${source.ruleAt} in ranking rules)`;
}

function rulePosition(at: number): string {
  return `#${at} in ranking rules`;
}
