/** The vector conditions of the filter language: `_vectors.embedder.fragments.name EXISTS` and kin. */
import type { Scanner } from "./scanner.ts";
import { SENTENCES, vectorSuffix } from "./sentences.ts";
import type { Syntax, Token, VectorPart } from "./syntax.ts";

const PLAIN_PARTS = ["userProvided", "documentTemplate", "regenerate"] as const;

/** One at the scanner's position, or undefined; throws when it is begun but wrong. */
export function vectorCondition(scanner: Scanner): Syntax | undefined {
  const before = scanner.at;
  scanner.blanks();
  const start = scanner.at;
  if (!scanner.literal("_vectors")) {
    scanner.at = before;
    return undefined;
  }
  const keyword = scanner.span(start, scanner.at);
  let embedder: Token | undefined;
  let part: VectorPart | undefined;
  if (!scanner.blanks()) {
    if (!scanner.literal(".")) {
      scanner.at = before;
      return undefined;
    }
    if (scanner.text[scanner.at] === " ") {
      throw scanner.mistake(SENTENCES.vectorMissingEmbedder, scanner.at, scanner.at + 1);
    }
    embedder = name(scanner, SENTENCES.vectorEmbedder);
    part = vectorPart(scanner);
    refuseSuffix(scanner, part);
    if (!scanner.blanks()) throw scanner.mistake(SENTENCES.vectorLeftover);
  }
  const condition: Syntax = { kind: "vector", keyword, embedder, part };
  if (scanner.literal("EXISTS")) return condition;
  if (scanner.words("NOT", "EXISTS")) return { kind: "not", of: condition };
  throw scanner.mistake(SENTENCES.vectorOperation);
}

function vectorPart(scanner: Scanner): VectorPart | undefined {
  if (scanner.literal(".fragments")) {
    if (!scanner.literal(".")) throw scanner.mistake(SENTENCES.vectorMissingFragment);
    return { kind: "fragments", name: name(scanner, SENTENCES.vectorFragment) };
  }
  for (const kind of PLAIN_PARTS) if (scanner.literal(`.${kind}`)) return { kind };
  return undefined;
}

function refuseSuffix(scanner: Scanner, part: VectorPart | undefined): void {
  const point = scanner.at;
  if (!scanner.literal(".")) return;
  const suffix = scanner.vectorName();
  if (suffix === undefined || suffix === "wrong quotes") {
    throw scanner.mistake(vectorSuffix(part?.kind, "."), point, point + 1);
  }
  throw scanner.mistake(vectorSuffix(part?.kind, suffix.value), suffix.start, suffix.end);
}

function name(scanner: Scanner, sentence: string): Token {
  const found = scanner.vectorName();
  if (found === "wrong quotes") throw scanner.mistake(SENTENCES.vectorQuotes);
  if (found === undefined) throw scanner.mistake(sentence);
  return found;
}
