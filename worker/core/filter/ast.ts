/**
 * A client's filter, parsed: what Meilisearch's filter language says, without its spelling. Every
 * negated operator (`!=` excepted) is a `not` around the plain one, so an evaluator has one case each.
 */
export type Filter =
  | { readonly kind: "and"; readonly of: readonly Filter[] }
  | { readonly kind: "or"; readonly of: readonly Filter[] }
  | { readonly kind: "not"; readonly of: Filter }
  | Condition;

export interface Condition {
  readonly kind: "condition";
  /** The dotted attribute; `_geo` for the geographic conditions. */
  readonly attribute: string;
  readonly op: Op;
}

/** Latitude, then longitude, in degrees. */
export type LatLng = readonly [number, number];

export type ComparisonKind =
  | "equal"
  | "notEqual"
  | "greater"
  | "greaterOrEqual"
  | "lower"
  | "lowerOrEqual"
  | "contains"
  | "startsWith";

export type Op =
  | { readonly kind: ComparisonKind; readonly value: string }
  | { readonly kind: "in"; readonly values: readonly string[] }
  | { readonly kind: "between"; readonly from: string; readonly to: string }
  | { readonly kind: "exists" }
  | { readonly kind: "null" }
  | { readonly kind: "empty" }
  | {
      readonly kind: "geoRadius";
      readonly lat: number;
      readonly lng: number;
      /** In metres. */
      readonly radius: number;
      /** Corners of the polygon that stands for the circle; Meilisearch's default is 125. */
      readonly resolution?: number;
    }
  | { readonly kind: "geoBoundingBox"; readonly topRight: LatLng; readonly bottomLeft: LatLng }
  | { readonly kind: "geoPolygon"; readonly points: readonly LatLng[] };
