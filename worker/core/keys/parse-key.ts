/** Requests about keys: the bodies that create and update them, and the paging of their list. */
import { list, nullable, oneOf, text } from "../decode/decoders.ts";
import { fill, Optional, Required } from "../decode/fields.ts";
import type { Json } from "../decode/json.ts";
import { quoted, unexpected, unknownField } from "../decode/mistakes.ts";
import { countParam } from "../decode/param-decoders.ts";
import { fillParams, OptionalParam, type Params } from "../decode/params.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import { ApiError } from "../errors/api-error.ts";
import type { ErrorCode } from "../errors/codes.ts";
import type { Paging } from "../query/parse-index.ts";
import { KEY_ACTIONS, MIROIR_ACTIONS, isGlobal, type KeyAction } from "./actions.ts";
import { type Expiry, expiryOf } from "./expiry.ts";
import { coverAll, indexPattern } from "./index-pattern.ts";
import type { KeyPatch, KeyUid, NewKey } from "./key.ts";
import { keyUidMistake, keyUidOf } from "./key-uid.ts";

export const KEYS_LIMIT_DEFAULT = 20;

/** The body of `POST /keys`. `newUid` is the key's uid unless the client chose one. */
export function parseCreateKey(body: string, newUid: KeyUid, now: number): NewKey {
  const description = new Optional(nullable(text), null, "invalid_api_key_description");
  const name = new Optional(nullable(text), null, "invalid_api_key_name");
  const uid = new Optional(uidField, newUid, "invalid_api_key_uid");
  const actions = new Required(
    list(keyAction),
    "invalid_api_key_actions",
    "missing_api_key_actions",
  );
  const indexes = new Required(
    list(indexPattern),
    "invalid_api_key_indexes",
    "missing_api_key_indexes",
  );
  const expiresAt = new Required(
    nullable((value, at) => expiryField(value, at, now)),
    "invalid_api_key_expires_at",
    "missing_api_key_expires_at",
  );
  const slots = { description, name, uid, actions, indexes, expiresAt };
  fill(slots, parseJson(body), Place.root());
  const key = {
    uid: uid.value,
    name: name.value,
    description: description.value,
    actions: actions.value,
    indexes: indexes.value,
    expiresAt: expiresAt.value?.at ?? null,
    expiresAtText: expiresAt.value?.text ?? null,
  };
  checkScope(key);
  return key;
}

const knownAction = oneOf(KEY_ACTIONS);

function keyAction(value: Json, at: Place): KeyAction {
  return MIROIR_ACTIONS.find((action) => action === value) ?? knownAction(value, at);
}

/** A key that is limited to some indexes cannot be given what is about all of them. */
function checkScope({ actions, indexes }: NewKey): void {
  if (indexes.length === 0 || coverAll(indexes)) return;
  const action = actions.find(isGlobal);
  if (action === undefined) return;
  throw new ApiError(
    "index_scoped_api_key_with_global_action",
    `cannot create index-scoped API key with global action \`"${action}"\`\n  - Hint: remove action \`"${action}"\` from the action list, or remove \`indexes\` to make the key global`,
  );
}

/** The body of `PATCH /keys/{key}`. */
export function parseUpdateKey(body: string): KeyPatch {
  const description = patchField("invalid_api_key_description");
  const name = patchField("invalid_api_key_name");
  fill({ description, name }, parseJson(body), Place.root(), { refuseUnknown });
  return {
    ...(description.value === undefined ? {} : { description: description.value }),
    ...(name.value === undefined ? {} : { name: name.value }),
  };
}

function patchField(code: ErrorCode): Optional<string | null | undefined> {
  return new Optional<string | null | undefined>(nullable(text), undefined, code);
}

const IMMUTABLE: ReadonlyMap<string, ErrorCode> = new Map([
  ["uid", "immutable_api_key_uid"],
  ["actions", "immutable_api_key_actions"],
  ["indexes", "immutable_api_key_indexes"],
  ["expiresAt", "immutable_api_key_expires_at"],
  ["createdAt", "immutable_api_key_created_at"],
  ["updatedAt", "immutable_api_key_updated_at"],
]);

function refuseUnknown(name: string, at: Place, accepted: readonly string[]): ApiError {
  const code = IMMUTABLE.get(name);
  if (code === undefined) return unknownField(name, at, accepted);
  return new ApiError(code, `Immutable field \`${name}\`: expected one of ${quoted(accepted)}`);
}

function uidField(value: Json, at: Place): KeyUid {
  const received = text(value, at);
  const uid = keyUidOf(received);
  if (uid === undefined) throw unexpected(at, keyUidMistake(received));
  return uid;
}

function expiryField(value: Json, at: Place, now: number): Expiry {
  const received = text(value, at);
  const expiry = expiryOf(received, now);
  if (expiry !== undefined) return expiry;
  throw unexpected(
    at,
    `\`${received}\` is not a valid date. It should follow the RFC 3339 format to represents a date or datetime in the future or specified as a null value. e.g. 'YYYY-MM-DD' or 'YYYY-MM-DD HH:MM:SS'.\n`,
  );
}

/** The parameters of `GET /keys`. */
export function parseKeysPaging(params: Params): Paging {
  const offset = new OptionalParam(countParam(), 0, "invalid_api_key_offset");
  const limit = new OptionalParam(countParam(), KEYS_LIMIT_DEFAULT, "invalid_api_key_limit");
  fillParams({ offset, limit }, params);
  return { offset: offset.value, limit: limit.value };
}
