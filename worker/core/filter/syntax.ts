/**
 * A filter as parsed, with the place of every word: what messages about attributes and
 * coordinates point at. `ast.ts` is the same without places.
 */
import type { Span } from "./diagnostic.ts";

/** A word or a quoted text of a filter. */
export interface Token extends Span {
  /** Its meaning: without quotes, escapes resolved. */
  readonly value: string;
}

export type Comparison = "=" | "!=" | ">" | ">=" | "<" | "<=";

export type SyntaxOp =
  | { readonly kind: "comparison"; readonly operator: Comparison; readonly value: Token }
  | { readonly kind: "contains" | "startsWith"; readonly keyword: Span; readonly value: Token }
  | { readonly kind: "in"; readonly values: readonly Token[] }
  | { readonly kind: "between"; readonly from: Token; readonly to: Token }
  | { readonly kind: "exists" }
  | { readonly kind: "null" }
  | { readonly kind: "empty" };

export type VectorPart =
  | { readonly kind: "fragments"; readonly name: Token }
  | { readonly kind: "userProvided" | "documentTemplate" | "regenerate" };

export type Point = readonly [Token, Token];

export type Syntax =
  | { readonly kind: "and"; readonly of: readonly Syntax[] }
  | { readonly kind: "or"; readonly of: readonly Syntax[] }
  | { readonly kind: "not"; readonly of: Syntax }
  | { readonly kind: "condition"; readonly attribute: Token; readonly op: SyntaxOp }
  | {
      readonly kind: "vector";
      readonly keyword: Span;
      readonly embedder: Token | undefined;
      readonly part: VectorPart | undefined;
    }
  | {
      readonly kind: "geoRadius";
      readonly point: Point;
      readonly radius: Token;
      readonly resolution: Token | undefined;
    }
  | { readonly kind: "geoBoundingBox"; readonly topRight: Point; readonly bottomLeft: Point }
  | { readonly kind: "geoPolygon"; readonly points: readonly Point[] }
  | { readonly kind: "foreign"; readonly field: Token; readonly of: Syntax };
