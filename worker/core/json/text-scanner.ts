/**
 * Finds the parts of a complete JSON text without decoding it, so that documents and hits travel as
 * slices of what the node sent: 64-bit integers, `1.0`, key order and escapes stay as they are.
 * Strings are left by `indexOf`, which is what makes long documents cheap to pass over.
 * The text must be JSON; broken text throws `SyntaxError` or yields slices that do, never a hang.
 */
export interface Member {
  /** The key with its escapes resolved. */
  readonly key: string;
  /** Position of the key's opening quote. */
  readonly start: number;
  readonly valueStart: number;
  /** Position after the value. */
  readonly valueEnd: number;
}

const TAB = 0x09;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SPACE = 0x20;
const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** The first position from `at` that is not whitespace. */
export function skipSpace(text: string, at: number): number {
  let position = at;
  for (;;) {
    const code = text.charCodeAt(position);
    if (code !== SPACE && code !== NEWLINE && code !== RETURN && code !== TAB) return position;
    position += 1;
  }
}

/** Strings up to about this length are faster passed character by character than by `indexOf`. */
const SHORT_STRING = 32;

/** The position after the string whose opening quote is at `at`. */
function skipString(text: string, at: number): number {
  let position = at + 1;
  const shortEnd = position + SHORT_STRING;
  while (position < shortEnd) {
    const code = text.charCodeAt(position);
    if (code === QUOTE) return position + 1;
    position += code === BACKSLASH ? 2 : 1;
  }
  return skipLongString(text, position);
}

/** The position after a string; `from` lies in it, not within an escape. */
function skipLongString(text: string, from: number): number {
  let close = text.indexOf('"', from);
  while (close !== -1) {
    let escapes = close;
    while (escapes > from && text.charCodeAt(escapes - 1) === BACKSLASH) escapes -= 1;
    if ((close - escapes) % 2 === 0) return close + 1;
    close = text.indexOf('"', close + 1);
  }
  throw new SyntaxError("unterminated string in JSON");
}

/** The position after the object or array that opens at `at`. */
function skipContainer(text: string, at: number): number {
  let depth = 0;
  let position = at;
  while (position < text.length) {
    const code = text.charCodeAt(position);
    if (code === QUOTE) {
      position = skipString(text, position);
      continue;
    }
    position += 1;
    if (code === OPEN_BRACE || code === OPEN_BRACKET) depth += 1;
    else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      depth -= 1;
      if (depth === 0) return position;
    }
  }
  throw new SyntaxError("unterminated object or array in JSON");
}

/** The position after the number, `true`, `false` or `null` that starts at `at`. */
function skipScalar(text: string, at: number): number {
  let position = at;
  while (position < text.length) {
    const code = text.charCodeAt(position);
    if (code <= SPACE || code === COMMA || code === CLOSE_BRACE || code === CLOSE_BRACKET) break;
    position += 1;
  }
  if (position === at) throw new SyntaxError("a value is missing in JSON");
  return position;
}

/** The position after the value that starts at `at`; whitespace before it is passed over. */
export function skipValue(text: string, at: number): number {
  const start = skipSpace(text, at);
  const code = text.charCodeAt(start);
  if (code === QUOTE) return skipString(text, start);
  if (code === OPEN_BRACE || code === OPEN_BRACKET) return skipContainer(text, start);
  return skipScalar(text, start);
}

/** The text of a JSON string with its escapes resolved. `start` is the opening quote. */
export function stringAt(text: string, start: number, end: number): string {
  const inner = text.slice(start + 1, end - 1);
  if (!inner.includes("\\")) return inner;
  const decoded: unknown = JSON.parse(text.slice(start, end));
  if (typeof decoded !== "string") throw new SyntaxError("a string is expected in JSON");
  return decoded;
}

function expectCode(text: string, at: number, code: number): number {
  const position = skipSpace(text, at);
  if (text.charCodeAt(position) !== code) {
    throw new SyntaxError(`'${String.fromCharCode(code)}' is expected at ${position} in JSON`);
  }
  return position + 1;
}

/** The position after the comma, or undefined at the closing character. */
function afterComma(text: string, at: number, close: number): number | undefined {
  const position = skipSpace(text, at);
  if (text.charCodeAt(position) === close) return undefined;
  return expectCode(text, position, COMMA);
}

/** The members of the object that starts at `at`, in their order; repeated keys are all there. */
export function members(text: string, at = 0): Member[] {
  const found: Member[] = [];
  let position: number | undefined = expectCode(text, at, OPEN_BRACE);
  if (text.charCodeAt(skipSpace(text, position)) === CLOSE_BRACE) return found;
  while (position !== undefined) {
    const start = expectCode(text, position, QUOTE) - 1;
    const keyEnd = skipString(text, start);
    const valueStart = skipSpace(text, expectCode(text, keyEnd, COLON));
    const valueEnd = skipValue(text, valueStart);
    found.push({ key: stringAt(text, start, keyEnd), start, valueStart, valueEnd });
    position = afterComma(text, valueEnd, CLOSE_BRACE);
  }
  return found;
}

/** The bounds of each element of the array that starts at `at`. */
export function elements(text: string, at = 0): [start: number, end: number][] {
  const found: [number, number][] = [];
  let position: number | undefined = expectCode(text, at, OPEN_BRACKET);
  if (text.charCodeAt(skipSpace(text, position)) === CLOSE_BRACKET) return found;
  while (position !== undefined) {
    const start = skipSpace(text, position);
    const end = skipValue(text, start);
    found.push([start, end]);
    position = afterComma(text, end, CLOSE_BRACKET);
  }
  return found;
}

/** The member of that key of the object at `at`; the last one when the key is repeated. */
export function memberOf(text: string, at: number, key: string): Member | undefined {
  return members(text, at).findLast((member) => member.key === key);
}

/** The value of a member, as text. */
export function valueText(text: string, member: Member): string {
  return text.slice(member.valueStart, member.valueEnd);
}

/** The object at `at` with only the members that `keep` wants; its own text when it wants all. */
export function keepMembers(
  text: string,
  at: number,
  end: number,
  keep: (key: string) => boolean,
): string {
  const all = members(text, at);
  const kept = all.filter((member) => keep(member.key));
  if (kept.length === all.length) return text.slice(skipSpace(text, at), end);
  return `{${kept.map((member) => text.slice(member.start, member.valueEnd)).join(",")}}`;
}
