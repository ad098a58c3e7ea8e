/**
 * CSV cells as Meilisearch turns them into JSON: by the type that the header names, with Rust's
 * rules for numbers (`+5`, `.5`, `inf`), which are not JavaScript's.
 */
import { quoted } from "./element-fault.ts";
import { malformedCsv } from "./malformed-payload.ts";
import { printFloat } from "./serde-number.ts";

export type CsvType = "string" | "number" | "boolean";

export interface CsvColumn {
  readonly name: string;
  readonly type: CsvType;
}

/** As Meilisearch does: only the last `:` counts, and only before a type it knows. */
export function csvColumn(header: string): CsvColumn {
  const colon = header.lastIndexOf(":");
  const type = header.slice(colon + 1);
  if (colon === -1 || (type !== "string" && type !== "number" && type !== "boolean")) {
    return { name: header, type: "string" };
  }
  return { name: header.slice(0, colon), type };
}

const I64_MAX = 2n ** 63n - 1n;
const I64_MIN = -(2n ** 63n);
const FLOAT = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const NOT_FINITE = /^[+-]?(?:inf|infinity|nan)$/i;

/** JSON text of a number cell; `record` counts from 1. */
export function numberCell(cell: string, record: number): string {
  const text = trimmed(cell);
  if (text === "") return "null";
  if (/^[+-]?\d+$/.test(text)) {
    const integer = BigInt(text.replace("+", ""));
    if (integer >= I64_MIN && integer <= I64_MAX) return integer.toString();
  }
  if (NOT_FINITE.test(text)) return "null";
  if (!FLOAT.test(text)) {
    throw malformedCsv(
      `Error parsing number ${quoted(cell)} at line ${record}: invalid float literal`,
    );
  }
  const value = Number(text);
  return Number.isFinite(value) ? printFloat(value) : "null";
}

/** JSON text of a boolean cell; `record` counts from 1. */
export function booleanCell(cell: string, record: number): string {
  const text = trimmed(cell);
  if (text === "") return "null";
  if (text === "true" || text === "false") return text;
  throw malformedCsv(
    `Error parsing boolean ${quoted(cell)} at line ${record}: provided string was not \`true\` or \`false\``,
  );
}

/** Without Unicode white space around it, as Rust trims. */
function trimmed(text: string): string {
  return text.replace(/^\p{White_Space}+|\p{White_Space}+$/gu, "");
}
