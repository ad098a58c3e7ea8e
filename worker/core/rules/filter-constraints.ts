/**
 * A search's filter as rules see it: alternatives, in each of which some attributes are narrowed.
 * The bounds are Meilisearch's, which goes no further into long filters.
 */
import type { Filter, Op } from "../filter/ast.ts";

export interface Constraint {
  /** Whether the condition must hold, or must not. */
  readonly polarity: boolean;
  readonly op: Op;
}

/** One alternative: what must hold together, by attribute. */
export type Alternative = ReadonlyMap<string, readonly Constraint[]>;

class Fuel {
  #or = 100;
  #and = 100;
  #depth = 25;

  get #isExhausted(): boolean {
    return this.#or === 0 || this.#and === 0 || this.#depth === 0;
  }

  or(): boolean {
    this.#or = Math.max(0, this.#or - 1);
    return this.#or > 0;
  }

  and(): boolean {
    this.#and = Math.max(0, this.#and - 1);
    return this.#and > 0;
  }

  deeper(): boolean {
    this.#depth = Math.max(0, this.#depth - 1);
    return this.#depth > 0;
  }

  back(): void {
    if (!this.#isExhausted) this.#depth += 1;
  }
}

export function filterAlternatives(filter: Filter | null): readonly Alternative[] {
  return filter === null ? [] : alternatives(filter, true, new Fuel());
}

function alternatives(filter: Filter, polarity: boolean, fuel: Fuel): readonly Alternative[] {
  if (!fuel.deeper()) return [];
  const found = alternativesWithin(filter, polarity, fuel);
  fuel.back();
  return found;
}

function alternativesWithin(filter: Filter, polarity: boolean, fuel: Fuel): readonly Alternative[] {
  switch (filter.kind) {
    case "not":
      return alternatives(filter.of, !polarity, fuel);
    case "or":
      return polarity ? anyOf(filter.of, true, fuel) : allOf(filter.of, false, fuel);
    case "and":
      return polarity ? allOf(filter.of, true, fuel) : anyOf(filter.of, false, fuel);
    case "condition": {
      const { attribute, op } = filter;
      if (op.kind !== "in") return [new Map([[attribute, [{ polarity, op }]]])];
      const of = op.values.map((value): Filter => ({
        kind: "condition",
        attribute,
        op: { kind: "equal", value },
      }));
      return alternatives({ kind: "or", of }, polarity, fuel);
    }
  }
}

function anyOf(parts: readonly Filter[], polarity: boolean, fuel: Fuel): readonly Alternative[] {
  const found: Alternative[] = [];
  for (const part of parts) {
    if (!fuel.or()) break;
    found.push(...alternatives(part, polarity, fuel));
  }
  return found;
}

function allOf(parts: readonly Filter[], polarity: boolean, fuel: Fuel): readonly Alternative[] {
  let found: readonly Alternative[] = [];
  for (const part of parts) {
    const own = alternatives(part, polarity, fuel);
    found = found.length === 0 ? own : product(found, own, fuel);
  }
  return found;
}

function product(
  left: readonly Alternative[],
  right: readonly Alternative[],
  fuel: Fuel,
): readonly Alternative[] {
  const found: Alternative[] = [];
  for (const a of left) {
    for (const b of right) {
      if (!fuel.and()) return found;
      found.push(joined(a, b));
    }
  }
  return found;
}

function joined(a: Alternative, b: Alternative): Alternative {
  const both = new Map(a);
  for (const [attribute, constraints] of b) {
    both.set(attribute, [...(both.get(attribute) ?? []), ...constraints]);
  }
  return both;
}
