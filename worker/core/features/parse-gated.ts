/**
 * Bodies of routes that belong to experimental features which Miroir does not have: read as far as
 * Meilisearch's first checks go, so that mistakes are told before the feature is.
 */
import { asObject, boolean, oneOf, text } from "../decode/decoders.ts";
import { fill, Optional, type Slots } from "../decode/fields.ts";
import type { Json } from "../decode/json.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";

const optional = (decode: (value: Json, at: Place) => unknown): Optional<unknown> =>
  new Optional<unknown>(decode, null);

function read(slots: Slots, body: string): void {
  fill(slots, parseJson(body), Place.root());
}

export function parseLogStream(body: string): void {
  const mode = oneOf(["human", "json", "profile"]);
  read({ target: optional(text), mode: optional(mode), profileMemory: optional(boolean) }, body);
}

export function parseLogTarget(body: string): void {
  read({ target: optional(text) }, body);
}

/** Any JSON object: this body is not read by Meilisearch's usual rules. */
export function parseObject(body: string): void {
  asObject(parseJson(body), Place.root());
}
