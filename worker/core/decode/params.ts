/**
 * Decoding query parameters: like `fields.ts`, but every value is text and the messages speak of
 * parameters. A parameter given twice counts once, with its last value.
 */
import { ApiError } from "../errors/api-error.ts";
import type { ErrorCode } from "../errors/codes.ts";
import { suggestion } from "./did-you-mean.ts";
import { quoted } from "./mistakes.ts";

/** What routes pass: the decoded pairs of the query string, in order. */
export type Params = Iterable<readonly [string, string]>;

/** Turns a parameter's text into a value, or throws a `ParamMistake`. */
export type ParamDecoder<T> = (text: string) => T;

/** Why a parameter's text is wrong: with `words`, it is none of these; else the reason itself. */
export class ParamMistake extends Error {
  readonly words: readonly string[] | undefined;

  constructor(reason: string, words?: readonly string[]) {
    super(reason);
    this.words = words;
  }
}

export interface ParamSlot {
  read(text: string, name: string): void;
  finish(name: string): void;
}

export class OptionalParam<T> implements ParamSlot {
  value: T;
  private readonly decode: ParamDecoder<T>;
  private readonly code: ErrorCode;

  constructor(decode: ParamDecoder<T>, absent: T, code: ErrorCode) {
    this.decode = decode;
    this.value = absent;
    this.code = code;
  }

  read(text: string, name: string): void {
    this.value = decodeParam(this.decode, text, name, this.code);
  }

  finish(): void {}
}

export class RequiredParam<T> implements ParamSlot {
  private found: { readonly value: T } | undefined;
  private readonly decode: ParamDecoder<T>;
  private readonly code: ErrorCode;

  constructor(decode: ParamDecoder<T>, code: ErrorCode) {
    this.decode = decode;
    this.code = code;
  }

  get value(): T {
    if (this.found === undefined) throw new Error("a required parameter was read before finish()");
    return this.found.value;
  }

  read(text: string, name: string): void {
    this.found = { value: decodeParam(this.decode, text, name, this.code) };
  }

  finish(name: string): void {
    if (this.found === undefined) {
      throw new ApiError("bad_request", `Missing parameter \`${name}\``);
    }
  }
}

export function fillParams(slots: Readonly<Record<string, ParamSlot>>, params: Params): void {
  for (const [name, text] of new Map(params)) {
    const slot = Object.hasOwn(slots, name) ? slots[name] : undefined;
    if (slot === undefined) throw unknownParam(name, Object.keys(slots));
    slot.read(text, name);
  }
  for (const [name, slot] of Object.entries(slots)) slot.finish(name);
}

function unknownParam(name: string, accepted: readonly string[]): ApiError {
  return new ApiError(
    "bad_request",
    `Unknown parameter \`${name}\`: ${suggestion(name, accepted)}expected one of ${quoted(accepted)}`,
  );
}

/** The value of one text, or the `ApiError` that names the parameter (`uids`, `uids[1]`). */
export function decodeParam<T>(
  decode: ParamDecoder<T>,
  text: string,
  name: string,
  code: ErrorCode,
): T {
  try {
    return decode(text);
  } catch (error) {
    if (!(error instanceof ParamMistake)) throw error;
    const { words } = error;
    if (words === undefined) {
      throw new ApiError(code, `Invalid value in parameter \`${name}\`: ${error.message}`);
    }
    throw new ApiError(
      code,
      `Unknown value \`${text}\` for parameter \`${name}\`: ${suggestion(text, words)}expected one of ${quoted(words)}`,
    );
  }
}
