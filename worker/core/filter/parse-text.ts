/**
 * The parser of one filter text: recursive descent over Meilisearch's filter language, with its
 * precedence (`NOT` over `AND` over `OR`) and its nesting limit.
 */
import { FilterMistake } from "./diagnostic.ts";
import { geoCondition } from "./geo-syntax.ts";
import { Scanner } from "./scanner.ts";
import {
  expectedEnd,
  expectedOperation,
  foreign,
  inList,
  missingDelimiter,
  SENTENCES,
} from "./sentences.ts";
import type { Comparison, Syntax, SyntaxOp, Token } from "./syntax.ts";
import { vectorCondition } from "./vector-syntax.ts";

const DEPTH_MAX = 150;
const COMPARISONS: readonly Comparison[] = ["<=", ">=", "!=", "<", ">", "="];

/** The syntax of a filter text; null when it is blank. Throws `FilterMistake`. */
export function parseFilterText(text: string): Syntax | null {
  if (text.trim() === "") return null;
  const scanner = new Scanner(text);
  const syntax = disjunction(scanner, 0);
  if (!scanner.atEnd()) throw scanner.mistake(expectedEnd(scanner.rest()));
  return syntax;
}

function checkDepth(scanner: Scanner, depth: number): void {
  if (depth > DEPTH_MAX) throw scanner.mistake(SENTENCES.depth);
}

function disjunction(scanner: Scanner, depth: number): Syntax {
  checkDepth(scanner, depth);
  const first = conjunction(scanner, depth + 1);
  const of = [first];
  while (scanner.spacedWord("OR")) of.push(conjunction(scanner, depth + 1));
  return of.length === 1 ? first : { kind: "or", of };
}

function conjunction(scanner: Scanner, depth: number): Syntax {
  checkDepth(scanner, depth);
  const first = negation(scanner, depth + 1);
  const of = [first];
  while (scanner.spacedWord("AND")) of.push(negation(scanner, depth + 1));
  return of.length === 1 ? first : { kind: "and", of };
}

function negation(scanner: Scanner, depth: number): Syntax {
  checkDepth(scanner, depth);
  if (!scanner.spacedWord("NOT")) return primary(scanner, depth + 1);
  return not(negation(scanner, depth + 1));
}

function not(of: Syntax): Syntax {
  return of.kind === "not" ? of.of : { kind: "not", of };
}

function primary(scanner: Scanner, depth: number): Syntax {
  checkDepth(scanner, depth);
  const start = scanner.at;
  if (scanner.spacedLiteral("(")) {
    const inner = disjunction(scanner, depth + 1);
    if (scanner.spacedLiteral(")")) return inner;
    throw scanner.mistake(missingDelimiter(scanner.text.slice(start), ")"), start);
  }
  const geo = geoCondition(scanner);
  if (geo !== undefined) return geo;
  const attribute = scanner.tryValue();
  if (attribute instanceof FilterMistake) {
    if (attribute.kind === "keyword") throw attribute;
    throw scanner.mistake(expectedOperation(scanner.text.slice(start)), start);
  }
  return condition(scanner, attribute, start, depth);
}

/** What follows an attribute. The order matters: the first reading that begins is the one. */
function condition(scanner: Scanner, attribute: Token, start: number, depth: number): Syntax {
  const is = (op: SyntaxOp): Syntax => ({ kind: "condition", attribute, op });
  const isNot = (op: SyntaxOp): Syntax => ({ kind: "not", of: is(op) });

  if (scanner.spacedWord("IN")) return is(inOp(scanner));
  const before = scanner.at;
  if (scanner.word("NOT") && scanner.spacedWord("IN")) return isNot(inOp(scanner));
  scanner.at = before;
  for (const operator of COMPARISONS) {
    if (scanner.literal(operator)) {
      return is({ kind: "comparison", operator, value: scanner.value() });
    }
  }
  if (scanner.words("IS", "NULL")) return is({ kind: "null" });
  if (scanner.words("IS", "NOT", "NULL")) return isNot({ kind: "null" });
  if (scanner.words("IS", "EMPTY")) return is({ kind: "empty" });
  if (scanner.words("IS", "NOT", "EMPTY")) return isNot({ kind: "empty" });
  scanner.at = start;
  const vector = vectorCondition(scanner);
  if (vector !== undefined) return vector;
  scanner.at = before;
  if (scanner.literal("EXISTS")) return is({ kind: "exists" });
  if (scanner.words("NOT", "EXISTS")) return isNot({ kind: "exists" });
  const between = betweenOp(scanner);
  if (between !== undefined) return is(between);
  const search = searchOp(scanner);
  if (search !== undefined) return is(search);
  if (scanner.words("NOT", "CONTAINS") || scanner.words("NOT", "STARTS WITH")) {
    scanner.at = before + "NOT".length;
    scanner.blanks();
    const negated = searchOp(scanner);
    if (negated !== undefined) return isNot(negated);
  }
  scanner.at = start;
  return foreignCondition(scanner, depth) ?? fail(scanner, start);
}

function fail(scanner: Scanner, start: number): never {
  throw scanner.mistake(expectedOperation(scanner.text.slice(start)), start);
}

function inOp(scanner: Scanner): SyntaxOp {
  if (!scanner.literal("[")) throw scanner.mistake(SENTENCES.inOpeningBracket);
  const values: Token[] = [];
  for (;;) {
    const separator = scanner.at;
    if (values.length > 0 && !scanner.spacedLiteral(",")) break;
    const value = scanner.tryValue();
    if (value instanceof FilterMistake) {
      // A comma may follow the last value.
      scanner.at = separator;
      if (values.length > 0) scanner.spacedLiteral(",");
      break;
    }
    values.push(value);
  }
  const close = scanner.at;
  if (scanner.spacedLiteral("]")) return { kind: "in", values };
  throw scanner.mistake(
    close === scanner.text.length ? SENTENCES.inClosingBracket : inList(scanner.text.slice(close)),
    close,
  );
}

function betweenOp(scanner: Scanner): SyntaxOp | undefined {
  const before = scanner.at;
  const from = scanner.tryValue();
  if (!(from instanceof FilterMistake) && scanner.literal("TO") && scanner.blanks()) {
    return { kind: "between", from, to: scanner.value() };
  }
  scanner.at = before;
  return undefined;
}

function searchOp(scanner: Scanner): SyntaxOp | undefined {
  const start = scanner.at;
  if (scanner.literal("CONTAINS")) {
    const keyword = scanner.span(start, scanner.at);
    return { kind: "contains", keyword, value: scanner.value() };
  }
  if (scanner.literal("STARTS WITH")) {
    const keyword = scanner.span(start, scanner.at);
    return { kind: "startsWith", keyword, value: scanner.value() };
  }
  return undefined;
}

/** `_foreign(field, filter)`: parsed to be refused with the right words. */
function foreignCondition(scanner: Scanner, depth: number): Syntax | undefined {
  const shown = scanner.shown;
  const before = scanner.at;
  scanner.blanks();
  if (!scanner.word("_foreign")) return undefined;
  scanner.shown = scanner.text.slice(before);
  try {
    const parsed = foreignArguments(scanner, depth);
    scanner.shown = shown;
    return parsed;
  } catch (error) {
    if (!(error instanceof FilterMistake)) throw error;
    const { span } = error;
    throw new FilterMistake(foreign(span.text.slice(span.start, span.end)), span);
  }
}

function foreignArguments(scanner: Scanner, depth: number): Syntax {
  const expected = (found: boolean): void => {
    if (!found) throw scanner.mistake("");
  };
  expected(scanner.literal("("));
  scanner.blanks();
  const field = scanner.value();
  expected(scanner.spacedLiteral(","));
  const of = disjunction(scanner, depth);
  scanner.blanks();
  expected(scanner.literal(")"));
  return { kind: "foreign", field, of };
}
