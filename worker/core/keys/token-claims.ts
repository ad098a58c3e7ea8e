/**
 * What a tenant token says: which key it was made with, what it covers, and until when. Claims that
 * are not for us are passed over.
 */
import { isArrayValue } from "../decode/decoders.ts";
import { type Json, JsonNumber } from "../decode/json.ts";
import { members } from "../json/text-scanner.ts";
import type { KeyUid } from "./key.ts";
import { keyUidMistake, keyUidOf } from "./key-uid.ts";
import { type SearchRules, searchRulesOf } from "./search-rules.ts";
import { type TokenMember, TokenObject } from "./token-json.ts";

export interface TokenClaims {
  readonly keyUid: KeyUid;
  readonly searchRules: SearchRules;
  /** Seconds since the Unix epoch; null for a token that lasts as long as its key. */
  readonly exp: bigint | null;
  /** As Meilisearch does: a token that is meant for somebody is refused. */
  readonly hasAudience: boolean;
}

const FIELD_COUNT = 3;
const ONCE: ReadonlySet<string> = new Set([
  "searchRules",
  "exp",
  "apiKeyUid",
  "nbf",
  "sub",
  "iss",
  "aud",
]);
const I64_MAX = 9_223_372_036_854_775_807n;

/** Throws `TokenMistake`. */
export function claimsOf(text: string): TokenClaims {
  const claims = new TokenObject(text, "Claims", FIELD_COUNT);
  let keyUid: KeyUid | undefined;
  let searchRules: SearchRules | undefined;
  let exp: bigint | null = null;
  let audience: Json = null;
  for (const [name, member] of claims.members(ONCE)) {
    if (name === "apiKeyUid") keyUid = keyUidAt(claims, member);
    else if (name === "searchRules") searchRules = searchRulesAt(claims, member);
    else if (name === "exp") exp = expAt(claims, member);
    else if (name === "aud") audience = member.value;
  }
  if (searchRules === undefined) throw claims.wrongWhole("missing field `searchRules`");
  if (keyUid === undefined) throw claims.wrongWhole("missing field `apiKeyUid`");
  return { keyUid, searchRules, exp, hasAudience: isAudience(audience) };
}

function keyUidAt(claims: TokenObject, member: TokenMember): KeyUid {
  const { value } = member;
  if (typeof value !== "string") throw claims.wrongType(member, "a formatted UUID string");
  const uid = keyUidOf(value);
  if (uid !== undefined) return uid;
  throw claims.wrongValue(member, `UUID parsing failed: ${keyUidMistake(value)}`);
}

function searchRulesAt(claims: TokenObject, member: TokenMember): SearchRules {
  const rules = searchRulesOf(member.value);
  if (rules !== undefined && !hasRepeatedFilter(claims, member)) return rules;
  throw claims.wrongMember(member, "data did not match any variant of untagged enum SearchRules");
}

/** Of two filters for one pattern it would be a guess which one was meant. */
function hasRepeatedFilter(claims: TokenObject, member: TokenMember): boolean {
  const text = claims.textOf(member);
  if (!text.startsWith("{")) return false;
  return members(text).some(
    ({ valueStart }) =>
      text.startsWith("{", valueStart) &&
      members(text, valueStart).filter(({ key }) => key === "filter").length > 1,
  );
}

function expAt(claims: TokenObject, member: TokenMember): bigint | null {
  const { value } = member;
  if (value === null) return null;
  if (!(value instanceof JsonNumber) || value.kind === "float") {
    throw claims.wrongType(member, "i64");
  }
  const exp = BigInt(value.text);
  if (exp > I64_MAX) {
    throw claims.wrongValue(member, `invalid value: integer \`${value.text}\`, expected i64`);
  }
  return exp;
}

function isAudience(value: Json): boolean {
  if (typeof value === "string") return true;
  return isArrayValue(value) && value.every((element) => typeof element === "string");
}
