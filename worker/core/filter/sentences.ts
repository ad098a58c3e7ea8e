/** Meilisearch's sentences for mistakes in the syntax of a filter. */
import { editDistance } from "../decode/did-you-mean.ts";
import { escaped } from "./diagnostic.ts";

export type ReservedGeo = "_geoPoint" | "_geoDistance" | "_geo";

const OPERATIONS =
  "`=`, `!=`, `>=`, `>`, `<=`, `<`, `IN`, `NOT IN`, `TO`, `EXISTS`, `NOT EXISTS`, `IS NULL`, `IS NOT NULL`, `IS EMPTY`, `IS NOT EMPTY`, `CONTAINS`, `NOT CONTAINS`, `STARTS WITH`, `NOT STARTS WITH`, `_geoRadius`, `_geoBoundingBox` or `_geoPolygon`";

const VECTOR_PARTS = ["fragments", "userProvided", "documentTemplate", "regenerate"] as const;

export const SENTENCES = {
  depth:
    "The filter exceeded the maximum depth limit. Try rewriting the filter so that it contains fewer nested conditions.",
  incomplete: "The filter is incomplete and requires Unknown additional bytes to be parsed.",
  geoRadius:
    "The `_geoRadius` filter must be in the form: `_geoRadius(latitude, longitude, radius, optionalResolution)`.",
  geoBoundingBox:
    "The `_geoBoundingBox` filter expects two pairs of arguments: `_geoBoundingBox([latitude, longitude], [latitude, longitude])`.",
  geoPolygon:
    "The `_geoPolygon` filter doesn't match the expected format: `_geoPolygon([latitude, longitude], [latitude, longitude])`.",
  inOpeningBracket: "Expected `[` after `IN` keyword.",
  inClosingBracket: "Expected matching `]` after the list of field names given to `IN[`",
  nonFiniteFloat: "Non finite floats are not supported",
  vectorLeftover: "The vector filter has leftover tokens.",
  vectorQuotes: "The quotes in one of the values are inconsistent.",
  vectorMissingEmbedder: "Was expecting embedder name but found nothing.",
  vectorEmbedder: "The vector filter's embedder name is invalid.",
  vectorMissingFragment: "The vector filter is missing a fragment name.",
  vectorFragment: "The vector filter's fragment name is invalid.",
  vectorOperation:
    "Was expecting an operation like `EXISTS` or `NOT EXISTS` after the vector filter.",
} as const;

export function expectedValue(found: string, keyword: boolean): string {
  if (found.trim() === "") return "Was expecting a value but instead got nothing.";
  const shown = escaped(found);
  if (!keyword) return `Was expecting a value but instead got \`${shown}\`.`;
  return `Was expecting a value but instead got \`${shown}\`, which is a reserved keyword. To use \`${shown}\` as a field name or a value, surround it by quotes.`;
}

export function expectedOperation(rest: string): string {
  const found = rest.trim() === "" ? "but instead got nothing." : `at \`${escaped(rest)}\`.`;
  return `Was expecting an operation ${OPERATIONS} ${found}`;
}

export function expectedEnd(rest: string): string {
  return `Found unexpected characters at the end of the filter: \`${escaped(rest)}\`. You probably forgot an \`OR\` or an \`AND\` rule.`;
}

export function malformedValue(value: string): string {
  return `Malformed value: \`${escaped(value)}\`.`;
}

export function invalidEscape(value: string): string {
  return `Found an invalid escaped sequence number: \`${escaped(value)}\`.`;
}

export function missingDelimiter(expression: string, delimiter: string): string {
  return `Expression \`${escaped(expression)}\` is missing the following closing delimiter: \`${delimiter}\`.`;
}

export function inList(rest: string): string {
  return `Expected only comma-separated field names inside \`IN[..]\` but instead found \`${escaped(rest)}\`.`;
}

export function reservedGeo(name: ReservedGeo): string {
  return `\`${name}\` is a reserved keyword and thus can't be used as a filter expression. Use the \`_geoRadius(latitude, longitude, distance)\` or \`_geoBoundingBox([latitude, longitude], [latitude, longitude])\` built-in rules to filter on \`_geo\` coordinates.`;
}

export function misusedGeo(name: "_geoRadius" | "_geoBoundingBox"): string {
  return `The \`${name}\` filter is an operation and can't be used as a value.`;
}

export function geoRadiusArguments(count: number): string {
  return `Was expecting 3 or 4 arguments for \`_geoRadius\`, but instead found ${count}.`;
}

export function geoPair(count: number): string {
  return `Was expecting 2 coordinates but instead found ${count}.`;
}

export function geoPolygonPoints(count: number): string {
  return `The \`_geoPolygon\` filter expects at least 3 points but only ${count} were specified`;
}

export function foreign(rest: string): string {
  return `Was expecting a field name and an condition inside \`_foreign(..)\` filter but instead found \`${escaped(rest)}\`.`;
}

/** What follows a vector filter that already said `previous`, or nothing yet. */
export function vectorSuffix(previous: string | undefined, found: string): string {
  if (found === ".") {
    return "Was expecting one of `.fragments`, `.userProvided`, `.documentTemplate`, `.regenerate` or nothing, but instead found a point without a valid value.";
  }
  if (previous !== undefined) {
    return `Vector filter can only accept one of \`fragments\`, \`userProvided\`, \`documentTemplate\` or \`regenerate\`, but found both \`${previous}\` and \`${found}\`.`;
  }
  if (VECTOR_PARTS.some((part) => part === found)) {
    return "Was expecting this part to be unquoted.";
  }
  const near = VECTOR_PARTS.find((part) => editDistance(found, part) <= 2);
  const hint = near === undefined ? "" : ` Did you mean \`${near}\`?`;
  return `Was expecting one of \`fragments\`, \`userProvided\`, \`documentTemplate\`, \`regenerate\` or nothing, but instead found \`${found}\`.${hint}`;
}
