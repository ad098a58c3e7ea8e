/**
 * The values of one facet on one node, in the node's order. A node lists numbers first, then
 * strings, all as object keys; which of the keys are numbers is told by that order.
 */
import { compareText } from "../json/text-order.ts";
import { members, valueText } from "../json/text-scanner.ts";
import type { FacetOrder } from "../settings/settings.ts";
import { normalizeFacet } from "./normalize-facet.ts";

export interface FacetValue {
  /** The value as a node spells it. */
  readonly label: string;
  readonly count: number;
  /** The number, or undefined for a string. */
  readonly number: number | undefined;
  /** What equal values share: a number's text, a string's normalised form. */
  readonly key: string;
}

export interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/** A number as Meilisearch spells it in a facet: no exponent, no leading zeros. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d*[1-9])?$/;

/**
 * Read the object of a facet's values. `range` is the node's statistic of the facet: undefined when
 * no document has a number there.
 */
export function facetValues(
  text: string,
  order: FacetOrder,
  range: NumberRange | undefined,
): FacetValue[] {
  const found: FacetValue[] = [];
  let inNumbers = range !== undefined;
  let previous: FacetValue | undefined;
  for (const member of members(text)) {
    const label = member.key;
    const count = Number(valueText(text, member));
    if (inNumbers && range !== undefined) {
      const value = numberValue(label, count, range);
      if (value !== undefined && follows(previous, value, order)) {
        found.push(value);
        previous = value;
        continue;
      }
      inNumbers = false;
    }
    found.push({ label, count, number: undefined, key: normalizeFacet(label) });
  }
  return found;
}

function numberValue(label: string, count: number, range: NumberRange): FacetValue | undefined {
  if (!NUMBER.test(label)) return undefined;
  const number = Number(label);
  if (number < range.min || number > range.max) return undefined;
  return { label, count, number, key: label };
}

/** Whether a value can follow within the block of numbers; where it cannot, strings have begun. */
function follows(previous: FacetValue | undefined, value: FacetValue, order: FacetOrder): boolean {
  if (previous === undefined) return true;
  if (order === "count") return value.count <= previous.count;
  const isNumericOrder = Number(previous.number) < Number(value.number);
  return isNumericOrder || compareText(previous.label, value.label) < 0;
}
