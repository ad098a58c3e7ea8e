/**
 * Decoding an object field by field: a `Slot` per field, filled in the order in which the client
 * wrote the members, because Meilisearch reports the first mistake it meets.
 */
import type { ErrorCode } from "../errors/codes.ts";
import type { Decoder } from "./decoders.ts";
import { asObject } from "./decoders.ts";
import type { Json } from "./json.ts";
import { missingField, unknownField } from "./mistakes.ts";
import type { Place } from "./place.ts";

export interface Slot {
  read(value: Json, name: string, parent: Place): void;
  /** Called when all members were read; throws when a required one was not there. */
  finish(name: string, parent: Place): void;
}

/** A field that may be absent, with the value it then has. */
export class Optional<T> implements Slot {
  value: T;
  private readonly decode: Decoder<T>;
  private readonly code: ErrorCode | undefined;

  constructor(decode: Decoder<T>, absent: T, code?: ErrorCode) {
    this.decode = decode;
    this.value = absent;
    this.code = code;
  }

  read(value: Json, name: string, parent: Place): void {
    this.value = this.decode(value, parent.key(name, this.code));
  }

  finish(): void {}
}

/** A field that must be there. */
export class Required<T> implements Slot {
  private found: { readonly value: T } | undefined;
  private readonly decode: Decoder<T>;
  private readonly code: ErrorCode | undefined;
  private readonly missing: ErrorCode | undefined;

  /** Without `missing`, its absence has the code of the object around it. */
  constructor(decode: Decoder<T>, code?: ErrorCode, missing?: ErrorCode) {
    this.decode = decode;
    this.code = code;
    this.missing = missing;
  }

  get value(): T {
    if (this.found === undefined) throw new Error("a required field was read before finish()");
    return this.found.value;
  }

  read(value: Json, name: string, parent: Place): void {
    this.found = { value: this.decode(value, parent.key(name, this.code)) };
  }

  finish(name: string, parent: Place): void {
    if (this.found === undefined) throw missingField(name, parent, this.missing ?? parent.code);
  }
}

/** A field known to Meilisearch that must not be sent here. */
export class Refused implements Slot {
  private readonly refuse: (name: string) => Error;

  constructor(refuse: (name: string) => Error) {
    this.refuse = refuse;
  }

  read(_value: Json, name: string): void {
    throw this.refuse(name);
  }

  finish(): void {}
}

export type Slots = Readonly<Record<string, Slot>>;

/** Fills the slots from an object; unknown members are a mistake unless `ignoreUnknown`. */
export function fill(
  slots: Slots,
  value: Json,
  at: Place,
  options: {
    readonly ignoreUnknown?: boolean;
    /** Another answer to an unknown member than `unknownField`. */
    readonly refuseUnknown?: (name: string, at: Place, accepted: readonly string[]) => Error;
  } = {},
): void {
  const refuse = options.refuseUnknown ?? unknownField;
  for (const [name, member] of asObject(value, at)) {
    const slot = Object.hasOwn(slots, name) ? slots[name] : undefined;
    if (slot !== undefined) slot.read(member, name, at);
    else if (options.ignoreUnknown !== true) throw refuse(name, at, Object.keys(slots));
  }
  for (const [name, slot] of Object.entries(slots)) slot.finish(name, at);
}
