/** The geographic conditions of the filter language: `_geoRadius`, `_geoBoundingBox`, `_geoPolygon`. */
import type { Scanner } from "./scanner.ts";
import { geoPair, geoPolygonPoints, geoRadiusArguments, SENTENCES } from "./sentences.ts";
import type { Point, Syntax, Token } from "./syntax.ts";

/** One of them at the scanner's position, or undefined; throws when it is begun but wrong. */
export function geoCondition(scanner: Scanner): Syntax | undefined {
  const start = scanner.at;
  scanner.blanks();
  if (scanner.word("_geoRadius")) return geoRadius(scanner);
  if (scanner.word("_geoBoundingBox")) return geoBoundingBox(scanner);
  if (scanner.word("_geoPolygon")) return geoPolygon(scanner);
  scanner.at = start;
  return undefined;
}

function geoRadius(scanner: Scanner): Syntax {
  const numbers = args(scanner, float, SENTENCES.geoRadius);
  const [lat, lng, radius, resolution] = numbers;
  if (lat === undefined || lng === undefined || radius === undefined || numbers.length > 4) {
    throw scanner.mistake(geoRadiusArguments(numbers.length));
  }
  return { kind: "geoRadius", point: [lat, lng], radius, resolution };
}

function geoBoundingBox(scanner: Scanner): Syntax {
  const sentence = SENTENCES.geoBoundingBox;
  const lists = args(scanner, listOfFloats, sentence);
  if (lists.length !== 2) throw scanner.mistake(sentence);
  const [topRight, bottomLeft] = pairs(scanner, lists);
  if (topRight === undefined || bottomLeft === undefined) throw scanner.mistake(sentence);
  return { kind: "geoBoundingBox", topRight, bottomLeft };
}

function geoPolygon(scanner: Scanner): Syntax {
  const sentence = SENTENCES.geoPolygon;
  const lists = args(scanner, listOfFloats, sentence, true);
  if (lists.length < 3) {
    const last = lists.at(-1)?.at(-1);
    throw scanner.mistake(geoPolygonPoints(lists.length), last?.start ?? scanner.at, last?.end);
  }
  return { kind: "geoPolygon", points: pairs(scanner, lists) };
}

function pairs(scanner: Scanner, lists: readonly (readonly Token[])[]): readonly Point[] {
  return lists.map((numbers) => {
    const [lat, lng] = numbers;
    if (lat === undefined || lng === undefined || numbers.length !== 2) {
      throw scanner.mistake(geoPair(numbers.length), lat?.start ?? scanner.at, lat?.end);
    }
    return [lat, lng];
  });
}

/** Where something turned out not to be what was expected; `final`: nothing else could be meant. */
interface Miss {
  readonly wrongAt: number;
  readonly final?: true;
}

type Element<T> = (scanner: Scanner) => T | Miss;

function isMiss(found: object): found is Miss {
  return "wrongAt" in found;
}

function listOfFloats(scanner: Scanner): readonly Token[] | Miss {
  return enclosed(scanner, "[", "]", float);
}

/** As `enclosed` in parentheses; throws when it is not that. */
function args<T extends object>(
  scanner: Scanner,
  element: Element<T>,
  sentence: string,
  trailingComma = false,
): readonly T[] {
  const found = enclosed(scanner, "(", ")", element, trailingComma);
  if (isMiss(found)) throw scanner.mistake(sentence, found.wrongAt);
  return found;
}

/** Elements between brackets, separated by commas, blanks around each. */
function enclosed<T extends object>(
  scanner: Scanner,
  open: string,
  close: string,
  element: Element<T>,
  trailingComma = false,
): readonly T[] | Miss {
  if (!scanner.literal(open)) return { wrongAt: scanner.at };
  const elements: T[] = [];
  for (;;) {
    const separator = scanner.at;
    if (elements.length > 0 && !scanner.literal(",")) break;
    scanner.blanks();
    const found = element(scanner);
    if (isMiss(found)) {
      if (elements.length === 0 || found.final) return found;
      // As Meilisearch does: the comma before what is no element is what gets reported.
      scanner.at = separator;
      break;
    }
    scanner.blanks();
    elements.push(found);
  }
  if (trailingComma) scanner.spacedLiteral(",");
  return scanner.literal(close) ? elements : { wrongAt: scanner.at };
}

const MANTISSA = /[+-]?(?:\d+(?:\.\d*)?|\.\d+)/y;
const MANTISSA_BEGUN = /[+-]?\.?/y;
const EXPONENT_BEGUN = /[eE][+-]?/y;
const DIGITS = /\d+/y;

function float(scanner: Scanner): Token | Miss {
  const start = scanner.at;
  const mantissa = endOf(MANTISSA, scanner.text, start);
  if (mantissa === start) return { wrongAt: endOf(MANTISSA_BEGUN, scanner.text, start) };
  const exponent = endOf(EXPONENT_BEGUN, scanner.text, mantissa);
  const end = exponent === mantissa ? mantissa : endOf(DIGITS, scanner.text, exponent);
  if (end === exponent && end > mantissa) return { wrongAt: end, final: true };
  scanner.at = end;
  return { ...scanner.span(start, end), value: scanner.text.slice(start, end) };
}

function endOf(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}
