/** From parsed syntax to the meaning of a filter. */
import type { ComparisonKind, Filter, LatLng, Op } from "./ast.ts";
import type { Comparison, Point, Syntax, SyntaxOp } from "./syntax.ts";

const COMPARISONS: Readonly<Record<Comparison, ComparisonKind>> = {
  "=": "equal",
  "!=": "notEqual",
  ">": "greater",
  ">=": "greaterOrEqual",
  "<": "lower",
  "<=": "lowerOrEqual",
};

export function filterOfSyntax(syntax: Syntax): Filter {
  switch (syntax.kind) {
    case "and":
    case "or":
      return { kind: syntax.kind, of: syntax.of.map(filterOfSyntax) };
    case "not":
      return { kind: "not", of: filterOfSyntax(syntax.of) };
    case "condition":
      return { kind: "condition", attribute: syntax.attribute.value, op: opOf(syntax.op) };
    case "vector":
      return { kind: "condition", attribute: vectorAttribute(syntax), op: { kind: "exists" } };
    case "foreign":
      return { kind: "condition", attribute: "_foreign", op: { kind: "exists" } };
    case "geoRadius":
    case "geoBoundingBox":
    case "geoPolygon":
      return { kind: "condition", attribute: "_geo", op: geoOp(syntax) };
  }
}

function opOf(op: SyntaxOp): Op {
  switch (op.kind) {
    case "comparison":
      return { kind: COMPARISONS[op.operator], value: op.value.value };
    case "contains":
    case "startsWith":
      return { kind: op.kind, value: op.value.value };
    case "in":
      return { kind: "in", values: op.values.map((value) => value.value) };
    case "between":
      return { kind: "between", from: op.from.value, to: op.to.value };
    case "exists":
    case "null":
    case "empty":
      return { kind: op.kind };
  }
}

type GeoSyntax = Extract<Syntax, { kind: "geoRadius" | "geoBoundingBox" | "geoPolygon" }>;

function geoOp(syntax: GeoSyntax): Op {
  switch (syntax.kind) {
    case "geoBoundingBox":
      return {
        kind: "geoBoundingBox",
        topRight: latLng(syntax.topRight),
        bottomLeft: latLng(syntax.bottomLeft),
      };
    case "geoPolygon":
      return { kind: "geoPolygon", points: syntax.points.map(latLng) };
    case "geoRadius": {
      const [lat, lng] = latLng(syntax.point);
      const circle = { kind: "geoRadius", lat, lng, radius: Number(syntax.radius.value) } as const;
      const { resolution } = syntax;
      return resolution === undefined
        ? circle
        : { ...circle, resolution: Math.trunc(Number(resolution.value)) };
    }
  }
}

function latLng([lat, lng]: Point): LatLng {
  return [Number(lat.value), Number(lng.value)];
}

function vectorAttribute(syntax: Extract<Syntax, { kind: "vector" }>): string {
  const parts = ["_vectors"];
  if (syntax.embedder !== undefined) parts.push(syntax.embedder.value);
  if (syntax.part !== undefined) parts.push(syntax.part.kind);
  if (syntax.part?.kind === "fragments") parts.push(syntax.part.name.value);
  return parts.join(".");
}
