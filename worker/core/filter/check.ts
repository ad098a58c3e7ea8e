/**
 * Whether an index's settings allow a filter: attributes must be filterable, and with the operator
 * used; coordinates must be on Earth. The texts are Meilisearch's, and name the client's rules only.
 */
import { floatDisplay } from "../decode/float-text.ts";
import { ApiError } from "../errors/api-error.ts";
import type { ErrorCode } from "../errors/codes.ts";
import { badLongitude } from "../query/sort-criterion.ts";
import {
  isFilterable,
  type MatchedRule,
  patternsWith,
  ruleOf,
} from "../settings/attribute-patterns.ts";
import type { FilterableAttribute } from "../settings/settings.ts";
import { attributesToCheck } from "./attributes.ts";
import { FilterMistake } from "./diagnostic.ts";
import { parseFilterText } from "./parse-text.ts";
import { printFilter } from "./print.ts";
import { SENTENCES } from "./sentences.ts";
import type { Point, Syntax, SyntaxOp, Token } from "./syntax.ts";

/** As what the filter is checked, which decides how its mistakes are told. */
export interface FilterContext {
  readonly code: ErrorCode;
  /** The client's uid for the index, put before the message; null where Meilisearch does not. */
  readonly indexUid: string | null;
  /** Searches show the filter in its normal form, document routes as it was sent. */
  readonly normalForm: boolean;
}

/** Throws when the rules of `filterableAttributes` do not allow the filter. */
export function checkFilter(
  syntax: Syntax,
  rules: readonly FilterableAttribute[],
  context: FilterContext,
): void {
  if (faultOf(syntax, rules) === undefined) return;
  const shown = context.normalForm ? parseFilterText(printFilter(syntax)) : syntax;
  const fault = faultOf(shown ?? syntax, rules);
  if (fault === undefined) return;
  const prefix = context.indexUid === null ? "" : `Index \`${context.indexUid}\`: `;
  // As Meilisearch does: of all mistakes, those in the operator have the code of searches everywhere.
  const code = fault instanceof OperatorMistake ? "invalid_search_filter" : context.code;
  throw new ApiError(code, prefix + fault.message);
}

function faultOf(
  syntax: Syntax,
  rules: readonly FilterableAttribute[],
): FilterMistake | OperatorMistake | undefined {
  try {
    for (const attribute of attributesToCheck(syntax)) {
      const rule = ruleOf(attribute.value, rules);
      const allowed = rule !== undefined && isFilterable(rule.features);
      if (!allowed && attribute.value !== "_vectors") {
        throw notFilterable(attribute.value, attribute, rules);
      }
    }
    checkParts(syntax, rules);
    return undefined;
  } catch (error) {
    if (error instanceof FilterMistake || error instanceof OperatorMistake) return error;
    throw error;
  }
}

function notFilterable(
  attribute: string,
  token: Token,
  rules: readonly FilterableAttribute[],
): FilterMistake {
  const patterns = patternsWith(rules, isFilterable);
  const hint =
    patterns.length === 0
      ? "This index does not have configured filterable attributes."
      : `Available filterable attribute patterns are: ${patterns.map((pattern) => `\`${pattern}\``).join(", ")}.`;
  return new FilterMistake(`Attribute \`${attribute}\` is not filterable. ${hint}`, token);
}

function checkParts(syntax: Syntax, rules: readonly FilterableAttribute[]): void {
  switch (syntax.kind) {
    case "and":
    case "or":
      for (const part of syntax.of) checkParts(part, rules);
      return;
    case "not":
    case "foreign":
      return checkParts(syntax.of, rules);
    case "condition": {
      const rule = ruleOf(syntax.attribute.value, rules);
      if (rule !== undefined) checkOperator(syntax.attribute.value, syntax.op, rule);
      return;
    }
    case "vector":
      return;
    case "geoRadius":
    case "geoBoundingBox":
    case "geoPolygon":
      return checkGeo(syntax, rules);
  }
}

class OperatorMistake extends Error {}

function checkOperator(attribute: string, op: SyntaxOp, rule: MatchedRule): void {
  const { equality, comparison } = rule.features.filter;
  const needed = neededFeature(op);
  if (needed === undefined || rule.features.filter[needed]) return;
  const number = rule.position;
  const allowed = [
    "OR, AND, NOT",
    ...(equality ? ["=, !=, IN"] : []),
    ...(comparison ? ["<, >, <=, >=, TO"] : []),
    "IS EMPTY, IS NULL, EXISTS",
  ].join(", ");
  throw new OperatorMistake(
    `Filter operator \`${operatorName(op)}\` is not allowed for the attribute \`${attribute}\`.\n` +
      `  - Note: allowed operators: ${allowed}.\n` +
      `  - Note: field \`${attribute}\` matched rule #${number} in \`filterableAttributes\`\n` +
      `  - Hint: enable ${needed} in rule #${number} by modifying the features.filter object\n` +
      `  - Hint: prepend another rule matching \`${attribute}\` with appropriate filter features before rule #${number}`,
  );
}

function neededFeature(op: SyntaxOp): "equality" | "comparison" | undefined {
  if (op.kind === "between") return "comparison";
  if (op.kind === "in") return op.values.length === 0 ? undefined : "equality";
  if (op.kind !== "comparison") return undefined;
  return op.operator === "=" || op.operator === "!=" ? "equality" : "comparison";
}

/** As Meilisearch does: the values of `IN` are tried as so many `=`. */
function operatorName(op: SyntaxOp): string {
  if (op.kind === "between") return "TO";
  return op.kind === "comparison" ? op.operator : "=";
}

type GeoSyntax = Extract<Syntax, { kind: "geoRadius" | "geoBoundingBox" | "geoPolygon" }>;

function checkGeo(syntax: GeoSyntax, rules: readonly FilterableAttribute[]): void {
  switch (syntax.kind) {
    case "geoRadius":
      finite(...syntax.point);
      checkPoint(syntax.point);
      finite(syntax.radius);
      if (syntax.resolution !== undefined) checkResolution(syntax.resolution);
      return requireGeo(syntax.point[0], rules);
    case "geoBoundingBox": {
      finite(...syntax.topRight, ...syntax.bottomLeft);
      checkPoint(syntax.topRight);
      checkPoint(syntax.bottomLeft);
      checkTop(syntax.topRight[0], syntax.bottomLeft);
      return requireGeo(syntax.topRight[0], rules);
    }
    case "geoPolygon": {
      const first = syntax.points[0]?.[0];
      if (first !== undefined && !rules.includes("_geojson")) {
        throw notFilterable("_geojson", first, rules);
      }
      for (const point of syntax.points) {
        finite(...point);
        checkPoint(point);
      }
    }
  }
}

function requireGeo(token: Token, rules: readonly FilterableAttribute[]): void {
  if (rules.includes("_geo") || rules.includes("_geojson")) return;
  throw notFilterable("_geo/_geojson", token, rules);
}

function finite(...tokens: readonly Token[]): void {
  for (const token of tokens) {
    if (!Number.isFinite(Number(token.value))) {
      throw new FilterMistake(SENTENCES.nonFiniteFloat, token);
    }
  }
}

function checkPoint([lat, lng]: Point): void {
  const latitude = Number(lat.value);
  if (Math.abs(latitude) > 90) {
    throw new FilterMistake(
      `Bad latitude \`${floatDisplay(latitude)}\`. Latitude must be contained between -90 and 90 degrees.`,
      lat,
    );
  }
  const longitude = Number(lng.value);
  if (Math.abs(longitude) > 180) throw new FilterMistake(badLongitude(longitude), lng);
}

function checkResolution(token: Token): void {
  finite(token);
  const resolution = Math.max(0, Math.trunc(Number(token.value)));
  if (resolution >= 3 && resolution <= 1000) return;
  throw new FilterMistake(
    `Invalid resolution \`${resolution}\`. Resolution must be between 3 and 1000.`,
    token,
  );
}

function checkTop(top: Token, [bottom, bottomLongitude]: Point): void {
  if (Number(top.value) >= Number(bottom.value)) return;
  throw new FilterMistake(
    `The top latitude \`${floatDisplay(Number(top.value))}\` is below the bottom latitude \`${floatDisplay(Number(bottom.value))}\`.`,
    bottomLongitude,
  );
}
