/**
 * Parameters in which a star means "any": like not sending the parameter, except that it was sent.
 * Routes that demand a filter accept a star as one.
 */
import type { ErrorCode } from "../errors/codes.ts";
import { decodeParam, type ParamDecoder, type ParamSlot } from "./params.ts";

/** A value or a star; null for the star and while nothing was read. */
export class StarParam<T> implements ParamSlot {
  value: T | null = null;
  isGiven = false;
  private readonly decode: ParamDecoder<T>;
  private readonly code: ErrorCode;

  constructor(decode: ParamDecoder<T>, code: ErrorCode) {
    this.decode = decode;
    this.code = code;
  }

  read(text: string, name: string): void {
    this.isGiven = true;
    this.value = text === "*" ? null : decodeParam(this.decode, text, name, this.code);
  }

  finish(): void {}
}

/** Values with commas between them; a star anywhere among them makes it null. */
export class StarListParam<T> implements ParamSlot {
  value: readonly T[] | null = null;
  isGiven = false;
  private readonly decode: ParamDecoder<T>;
  private readonly code: ErrorCode;

  constructor(decode: ParamDecoder<T>, code: ErrorCode) {
    this.decode = decode;
    this.code = code;
  }

  read(text: string, name: string): void {
    this.isGiven = true;
    // As Meilisearch does: nothing between commas is no element.
    const parts = text.split(",").filter((part) => part !== "");
    const values: T[] = [];
    for (const [position, part] of parts.entries()) {
      if (part === "*") continue;
      // As Meilisearch does: the place is only told when there are several elements.
      const place = parts.length > 1 ? `${name}[${position}]` : name;
      values.push(decodeParam(this.decode, part, place, this.code));
    }
    this.value = parts.includes("*") ? null : values;
  }

  finish(): void {}
}
