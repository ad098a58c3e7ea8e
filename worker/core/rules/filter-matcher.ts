/**
 * Whether a search's filter narrows attributes to the values that a rule asks for. A rule with
 * several values holds when one alternative of the filter narrows as many attributes to them.
 */
import type { Op } from "../filter/ast.ts";
import { normalizeFacet } from "../merge/normalize-facet.ts";
import type { Alternative, Constraint } from "./filter-constraints.ts";
import type { SearchRule } from "./rule.ts";

interface Values {
  readonly texts: readonly string[];
  readonly numbers: readonly number[];
}

/** The values of a rule by dotted attribute, and how many there are. */
interface RuleValues {
  readonly byAttribute: ReadonlyMap<string, Values>;
  readonly count: number;
}

export class FilterMatcher {
  readonly #alternatives: readonly Alternative[];
  readonly #values: ReadonlyMap<SearchRule, RuleValues>;
  /** Attributes that some rule asks about: others narrow nothing. */
  readonly #attributes: ReadonlySet<string>;
  readonly #countMax: number;

  constructor(rules: readonly SearchRule[], alternatives: readonly Alternative[]) {
    this.#alternatives = alternatives;
    this.#values = new Map(
      rules.flatMap((rule) => {
        const { filter } = rule.conditions;
        return filter === null ? [] : [[rule, valuesOf(filter.values)] as const];
      }),
    );
    this.#attributes = new Set(
      [...this.#values.values()].flatMap(({ byAttribute }) => [...byAttribute.keys()]),
    );
    this.#countMax = Math.max(0, ...alternatives.map(({ size }) => size));
  }

  matches(rule: SearchRule): boolean {
    const values = this.#values.get(rule);
    if (values === undefined || values.count === 0) return true;
    if (values.count > this.#countMax) return false;
    return this.#alternatives.some((alternative) => {
      const narrowed = [...alternative].filter(
        ([attribute, constraints]) =>
          this.#attributes.has(attribute) &&
          constraints.every((constraint) => holds(constraint, values.byAttribute.get(attribute))),
      );
      return narrowed.length >= values.count;
    });
  }
}

/** How many values a rule asks for: as many attributes must be narrowed to them. */
export function constraintCount(values: Readonly<Record<string, unknown>>): number {
  return valuesOf(values).count;
}

function valuesOf(values: Readonly<Record<string, unknown>>): RuleValues {
  const byAttribute = new Map<string, { texts: string[]; numbers: number[] }>();
  let count = 0;
  const add = (attribute: string, value: unknown): void => {
    if (value === null || value === undefined) return;
    if (Array.isArray(value)) {
      for (const element of value) add(attribute, element);
      return;
    }
    if (typeof value === "object") {
      for (const [name, member] of Object.entries(value)) add(`${attribute}.${name}`, member);
      return;
    }
    count += 1;
    const known = byAttribute.get(attribute) ?? { texts: [], numbers: [] };
    if (typeof value === "number") known.numbers.push(value);
    else known.texts.push(normalizeFacet(typeof value === "string" ? value : `${value === true}`));
    byAttribute.set(attribute, known);
  };
  for (const [attribute, value] of Object.entries(values)) add(attribute, value);
  return { byAttribute, count };
}

/** Undefined where conditions of this kind are never held to narrow anything. */
function holds({ op, polarity }: Constraint, values: Values | undefined): boolean {
  const found = evaluated(op, values ?? { texts: [], numbers: [] });
  return found !== undefined && found === polarity;
}

function evaluated(op: Op, { texts, numbers }: Values): boolean | undefined {
  switch (op.kind) {
    case "equal":
      return isAmong(op.value, texts, numbers);
    case "notEqual":
      return !isAmong(op.value, texts, numbers);
    case "greater":
      return inRange(op.value, texts, numbers, (a, b) => a > b);
    case "greaterOrEqual":
      return inRange(op.value, texts, numbers, (a, b) => a >= b);
    case "lower":
      return inRange(op.value, texts, numbers, (a, b) => a < b);
    case "lowerOrEqual":
      return inRange(op.value, texts, numbers, (a, b) => a <= b);
    case "between": {
      const [from, to] = [normalizeFacet(op.from), normalizeFacet(op.to)];
      const [least, most] = [numberOf(op.from), numberOf(op.to)];
      return (
        texts.some((text) => text >= from && text <= to) ||
        (least !== undefined &&
          most !== undefined &&
          numbers.some((number) => number >= least && number <= most))
      );
    }
    case "exists":
      return true;
    case "null":
    case "empty":
      return false;
    case "contains":
    case "startsWith":
    case "in":
    case "geoRadius":
    case "geoBoundingBox":
    case "geoPolygon":
      return undefined;
  }
}

function isAmong(value: string, texts: readonly string[], numbers: readonly number[]): boolean {
  const number = numberOf(value);
  return texts.includes(normalizeFacet(value)) || numbers.some((own) => own === number);
}

function inRange(
  value: string,
  texts: readonly string[],
  numbers: readonly number[],
  compare: <T extends string | number>(own: T, bound: T) => boolean,
): boolean {
  const text = normalizeFacet(value);
  const number = numberOf(value);
  return (
    texts.some((own) => compare(own, text)) ||
    (number !== undefined && numbers.some((own) => compare(own, number)))
  );
}

function numberOf(value: string): number | undefined {
  const number = value.trim() === "" ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : undefined;
}
