/**
 * A filter written back in one normal form: every name and value in double quotes, every part of
 * AND and OR in parentheses. Messages of searches quote this form, since Meilisearch passes it on
 * internally and parses it again before it looks at the index.
 */
import type { Point, Syntax, SyntaxOp, Token } from "./syntax.ts";

export function printFilter(syntax: Syntax): string {
  switch (syntax.kind) {
    case "and":
    case "or":
      return syntax.of
        .map((part) => `(${printFilter(part)})`)
        .join(syntax.kind === "and" ? " AND " : " OR ");
    case "not":
      return `NOT (${printFilter(syntax.of)})`;
    case "condition":
      return `${quoted(syntax.attribute)} ${printOp(syntax.op)}`;
    case "vector":
      return printVector(syntax);
    case "geoRadius": {
      const { point, radius, resolution } = syntax;
      const numbers = [...point, radius, ...(resolution === undefined ? [] : [resolution])];
      return `_geoRadius(${numbers.map((number) => number.value).join(", ")})`;
    }
    case "geoBoundingBox":
      return `_geoBoundingBox(${printPoints([syntax.topRight, syntax.bottomLeft])})`;
    case "geoPolygon":
      return `_geoPolygon(${printPoints(syntax.points)})`;
    case "foreign":
      return `_foreign(${quoted(syntax.field)}, ${printFilter(syntax.of)})`;
  }
}

function printOp(op: SyntaxOp): string {
  switch (op.kind) {
    case "comparison":
      return `${op.operator} ${quoted(op.value)}`;
    case "contains":
      return `CONTAINS ${quoted(op.value)}`;
    case "startsWith":
      return `STARTS WITH ${quoted(op.value)}`;
    case "in":
      return `IN [${op.values.map(quoted).join(", ")}]`;
    case "between":
      return `${quoted(op.from)} TO ${quoted(op.to)}`;
    case "exists":
      return "EXISTS";
    case "null":
      return "IS NULL";
    case "empty":
      return "IS EMPTY";
  }
}

function printVector({ embedder, part }: Extract<Syntax, { kind: "vector" }>): string {
  let name = "_vectors";
  if (embedder !== undefined) name += `.${quoted(embedder)}`;
  if (part !== undefined) name += `.${part.kind}`;
  if (part?.kind === "fragments") name += `.${quoted(part.name)}`;
  return `${name} EXISTS`;
}

function printPoints(points: readonly Point[]): string {
  return points.map(([lat, lng]) => `[${lat.value}, ${lng.value}]`).join(", ");
}

function quoted(token: Token): string {
  return JSON.stringify(token.value);
}
