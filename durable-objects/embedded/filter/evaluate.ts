/** Which documents a filter keeps. Numbers and strings are compared apart, as Meilisearch does. */
import type {
  ComparisonKind,
  Condition,
  Filter,
  LatLng,
  Op,
} from "../../../worker/core/filter/ast.ts";
import { compareBytes } from "../../../worker/core/settings/attribute-patterns.ts";
import { DocSet } from "../doc-set.ts";
import { compareNumbers, type FacetColumn, facetKey, lowerBound } from "../facets/column.ts";
import { distanceBetween, type Point } from "../index/geo.ts";
import type { SearchIndex } from "../index/search-index.ts";

type GeoOp = Extract<Op, { kind: "geoRadius" | "geoBoundingBox" | "geoPolygon" }>;
type ValueOp = Exclude<Op, GeoOp>;
type RangeOp =
  | { readonly kind: ComparisonKind; readonly value: string }
  | { readonly kind: "between"; readonly from: string; readonly to: string };

interface Bound<T> {
  readonly value: T;
  readonly included: boolean;
}

/** What a bound excludes on its side; null is no bound. */
interface Range<T> {
  readonly from: Bound<T> | null;
  readonly to: Bound<T> | null;
}

/** As Rust reads a float: no hexadecimal, no surrounding space. */
function finiteNumber(text: string): number | null {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) return null;
  const number = Number(text);
  return Number.isFinite(number) ? number : null;
}

function slice<T>(
  sorted: readonly T[],
  range: Range<T>,
  compare: (a: T, b: T) => number,
): readonly T[] {
  const { from, to } = range;
  let start = from === null ? 0 : lowerBound(sorted, from.value, compare);
  if (from !== null && !from.included && sorted[start] === from.value) start += 1;
  let end = to === null ? sorted.length : lowerBound(sorted, to.value, compare);
  if (to !== null && to.included && sorted[end] === to.value) end += 1;
  return sorted.slice(start, Math.max(start, end));
}

function mapRange<T, U>(range: Range<T>, map: (value: T) => U | null): Range<U> | null {
  const bound = (one: Bound<T> | null): Bound<U> | null | undefined => {
    if (one === null) return null;
    const value = map(one.value);
    return value === null ? undefined : { value, included: one.included };
  };
  const from = bound(range.from);
  const to = bound(range.to);
  return from === undefined || to === undefined ? null : { from, to };
}

class Evaluation {
  private readonly index: SearchIndex;

  constructor(index: SearchIndex) {
    this.index = index;
  }

  evaluate(filter: Filter): DocSet {
    switch (filter.kind) {
      case "and": {
        const [first, ...others] = filter.of;
        if (first === undefined) return this.index.documents.clone();
        const docs = this.evaluate(first);
        for (const part of others) {
          if (docs.isEmpty()) return docs;
          docs.intersect(this.evaluate(part));
        }
        return docs;
      }
      case "or": {
        const docs = new DocSet(this.index.documents.capacity);
        for (const part of filter.of) docs.unite(this.evaluate(part));
        return docs;
      }
      case "not":
        return this.index.documents.clone().subtract(this.evaluate(filter.of));
      case "condition":
        return this.condition(filter);
    }
  }

  private condition({ attribute, op }: Condition): DocSet {
    switch (op.kind) {
      case "geoRadius":
        return this.points((point) => {
          return distanceBetween([op.lat, op.lng], point) <= op.radius + Number.EPSILON;
        });
      case "geoBoundingBox":
        return this.points((point) => isInBox(point, op.topRight, op.bottomLeft));
      case "geoPolygon":
        return this.points((point) => isInPolygon(point, op.points));
      case "equal":
      case "notEqual":
      case "greater":
      case "greaterOrEqual":
      case "lower":
      case "lowerOrEqual":
      case "contains":
      case "startsWith":
      case "in":
      case "between":
      case "exists":
      case "null":
      case "empty": {
        const column = this.index.columns.get(attribute);
        if (column !== undefined) return this.values(column, op);
        const all = op.kind === "notEqual" && this.index.fieldCounts.has(attribute);
        return all ? this.index.documents.clone() : new DocSet();
      }
    }
  }

  private values(column: FacetColumn, op: ValueOp): DocSet {
    switch (op.kind) {
      case "equal":
        return this.equal(column, [op.value]);
      case "in":
        return this.equal(column, op.values);
      case "notEqual":
        return this.index.documents.clone().subtract(this.equal(column, [op.value]));
      case "exists":
        return column.exists.clone();
      case "null":
        return column.nulls.clone();
      case "empty":
        return column.empties.clone();
      case "contains": {
        const key = facetKey(op.value);
        return this.strings(
          column,
          column.sortedStrings().filter((value) => value.includes(key)),
        );
      }
      case "startsWith": {
        const key = facetKey(op.value);
        if (key === "") return column.exists.clone();
        return this.strings(
          column,
          column.sortedStrings().filter((value) => value.startsWith(key)),
        );
      }
      case "greater":
      case "greaterOrEqual":
      case "lower":
      case "lowerOrEqual":
      case "between":
        return this.range(column, rangeOf(op));
    }
  }

  private equal(column: FacetColumn, values: readonly string[]): DocSet {
    const docs = new DocSet(this.index.documents.capacity);
    for (const value of values) {
      for (const doc of column.docsWithString(facetKey(value))) docs.add(doc);
      const number = finiteNumber(value);
      if (number !== null) for (const doc of column.docsWithNumber(number)) docs.add(doc);
    }
    return docs;
  }

  /** As Meilisearch does: `> 5` also keeps strings after "5", `TO` only compares like with like. */
  private range(column: FacetColumn, range: Range<string>): DocSet {
    const strings = mapRange(range, facetKey);
    const numbers = mapRange(range, finiteNumber);
    const docs = this.strings(
      column,
      strings === null ? [] : slice(column.sortedStrings(), strings, compareBytes),
    );
    if (numbers === null) return docs;
    for (const value of slice(column.sortedNumbers(), numbers, compareNumbers)) {
      for (const doc of column.docsWithNumber(value)) docs.add(doc);
    }
    return docs;
  }

  private strings(column: FacetColumn, values: readonly string[]): DocSet {
    const docs = new DocSet(this.index.documents.capacity);
    for (const value of values) for (const doc of column.docsWithString(value)) docs.add(doc);
    return docs;
  }

  private points(keeps: (point: Point) => boolean): DocSet {
    const docs = new DocSet(this.index.documents.capacity);
    for (const [doc, point] of this.index.points) if (keeps(point)) docs.add(doc);
    return docs;
  }
}

function rangeOf(op: RangeOp): Range<string> {
  if (op.kind === "between") {
    return { from: { value: op.from, included: true }, to: { value: op.to, included: true } };
  }
  const bound = { value: op.value, included: op.kind.endsWith("OrEqual") };
  return op.kind.startsWith("greater") ? { from: bound, to: null } : { from: null, to: bound };
}

function isInBox([lat, lng]: Point, topRight: LatLng, bottomLeft: LatLng): boolean {
  if (lat > topRight[0] || lat < bottomLeft[0]) return false;
  // A box whose left side is east of its right side goes around the antimeridian.
  if (topRight[1] < bottomLeft[1]) return lng >= bottomLeft[1] || lng <= topRight[1];
  return lng >= bottomLeft[1] && lng <= topRight[1];
}

function isInPolygon([lat, lng]: Point, corners: readonly LatLng[]): boolean {
  let inside = false;
  corners.forEach((corner, at) => {
    const before = corners[at === 0 ? corners.length - 1 : at - 1] ?? corner;
    const crosses = corner[0] > lat !== before[0] > lat;
    if (!crosses) return;
    const share = (lat - corner[0]) / (before[0] - corner[0]);
    if (lng < corner[1] + share * (before[1] - corner[1])) inside = !inside;
  });
  return inside;
}

/** The documents that pass; all of them without a filter. */
export function filteredDocs(index: SearchIndex, filter: Filter | null): DocSet {
  return filter === null ? index.documents.clone() : new Evaluation(index).evaluate(filter);
}
