/** Requests about indexes themselves: their uid, the bodies that create and update, and paging. */
import { nullable, text } from "../decode/decoders.ts";
import { fill, Optional, Required } from "../decode/fields.ts";
import type { Json } from "../decode/json.ts";
import { quoted, unexpected, unknownField } from "../decode/mistakes.ts";
import { countParam } from "../decode/param-decoders.ts";
import { fillParams, OptionalParam, type Params } from "../decode/params.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import { ApiError } from "../errors/api-error.ts";
import type { ErrorCode } from "../errors/codes.ts";
import { indexUid, type IndexUid } from "../ids.ts";

/** As Meilisearch does: its message says 512 bytes, it accepts 400. */
const UID = /^[A-Za-z0-9_-]{1,400}$/;

export const INDEXES_LIMIT_DEFAULT = 20;

/** The uid of an index, from a path. */
export function checkIndexUid(uid: string): IndexUid {
  return indexUidOr(uid, (reason) => new ApiError("invalid_index_uid", reason));
}

/** The uid when it is one; else why it is none, for a message that names its place. */
export function indexUidOr(uid: string, mistake: (reason: string) => Error): IndexUid {
  if (UID.test(uid)) return indexUid(uid);
  throw mistake(
    `\`${uid}\` is not a valid index uid. Index uid can be an integer or a string containing only alphanumeric characters, hyphens (-) and underscores (_), and can not be more than 512 bytes.`,
  );
}

export interface IndexCreation {
  readonly uid: IndexUid;
  readonly primaryKey: string | null;
}

/** The body of `POST /indexes`. */
export function parseCreateIndex(body: string): IndexCreation {
  const uid = new Required(uidField, "invalid_index_uid", "missing_index_uid");
  const primaryKey = primaryKeyField();
  fill({ uid, primaryKey }, parseJson(body), Place.root());
  return { uid: uid.value, primaryKey: primaryKey.value };
}

export interface IndexUpdate {
  readonly primaryKey: string | null;
  /** The uid that the index is to have from now on. */
  readonly newUid: IndexUid | null;
}

/** The body of `PATCH /indexes/{indexUid}`. */
export function parseUpdateIndex(body: string): IndexUpdate {
  const primaryKey = primaryKeyField();
  const uid = new Optional(nullable(text), null, "invalid_index_uid");
  fill({ primaryKey, uid }, parseJson(body), Place.root(), { refuseUnknown });
  return {
    primaryKey: primaryKey.value,
    // As Meilisearch does: here the message does not name the field.
    newUid: uid.value === null ? null : checkIndexUid(uid.value),
  };
}

const IMMUTABLE: ReadonlyMap<string, ErrorCode> = new Map([
  ["createdAt", "immutable_index_created_at"],
  ["updatedAt", "immutable_index_updated_at"],
]);

function refuseUnknown(name: string, at: Place, accepted: readonly string[]): ApiError {
  const code = IMMUTABLE.get(name);
  if (code === undefined) return unknownField(name, at, accepted);
  return new ApiError(code, `Immutable field \`${name}\`: expected one of ${quoted(accepted)}`);
}

function primaryKeyField(): Optional<string | null> {
  return new Optional(nullable(text), null, "invalid_index_primary_key");
}

function uidField(value: Json, at: Place): IndexUid {
  return indexUidOr(text(value, at), (reason) => unexpected(at, reason));
}

export interface Paging {
  readonly offset: number;
  readonly limit: number;
}

/** The parameters of `GET /indexes`. */
export function parsePaging(params: Params): Paging {
  const offset = new OptionalParam(countParam(), 0, "invalid_index_offset");
  const limit = new OptionalParam(countParam(), INDEXES_LIMIT_DEFAULT, "invalid_index_limit");
  fillParams({ offset, limit }, params);
  return { offset: offset.value, limit: limit.value };
}

export interface PagedList<T> extends Paging {
  readonly results: readonly T[];
  readonly total: number;
}

/** One page of a whole list, with its members in the order in which Meilisearch prints them. */
export function pagedList<T>(all: readonly T[], { offset, limit }: Paging): PagedList<T> {
  return { results: all.slice(offset, offset + limit), offset, limit, total: all.length };
}
