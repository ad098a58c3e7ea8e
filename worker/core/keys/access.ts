/**
 * What the caller of a request may reach: which indexes, through which filter. Made once when the
 * key was checked; routes ask it about every index that is not in their path.
 */
import type { Json } from "../decode/json.ts";
import type { ErrorCode } from "../errors/codes.ts";
import { requiredFilterOf } from "../filter/shape.ts";
import type { Filter } from "../query/search-query.ts";
import { isArrayValue } from "../decode/decoders.ts";
import { type Action, acceptsTenantTokens, grants, isCheckedByRoute } from "./actions.ts";
import { coverAll, matchesAny } from "./index-pattern.ts";
import type { KeyGrant } from "./key.ts";
import { invalidKey, keyLacksIndex, parentLacksIndex, tokenLacksIndex } from "./key-errors.ts";
import { filterOfRules, rulePatterns, rulesCover, type SearchRules } from "./search-rules.ts";
import { compareText } from "../json/text-order.ts";

export interface Access {
  /** Patterns of the indexes that may be reached; null when there is no limit. */
  readonly patterns: readonly string[] | null;
  allows(index: string): boolean;
  /** Whether a write may bring this index into being. */
  mayCreate(index: string): boolean;
  /** The client's filter and that of the tenant token, both of which must hold. */
  restrict(filter: Filter | null, index: string, code: ErrorCode): Filter | null;
}

/** Who holds the master key may do everything. */
export const FULL_ACCESS: Access = {
  patterns: null,
  allows: () => true,
  mayCreate: () => true,
  restrict: (filter) => filter,
};

/** Of routes that ask for no key. */
export const NO_ACCESS: Access = {
  patterns: [],
  allows: () => false,
  mayCreate: () => false,
  restrict: (filter) => filter,
};

/** The holder of a key, or of a tenant token that was made with it. */
export interface Caller {
  readonly key: KeyGrant;
  readonly rules: SearchRules | null;
}

/**
 * Checks an action, and the index of the path where there is one. Throws what Meilisearch answers.
 */
export function accessOf(
  caller: Caller,
  action: Action,
  index: string | undefined,
  now: number,
): Access {
  const { key, rules } = caller;
  if (rules !== null && !acceptsTenantTokens(action)) throw invalidKey();
  if (index !== undefined) checkIndex(caller, index);
  if (!isAuthorized(key, action, index, now)) throw invalidKey();
  const allows = (uid: string): boolean =>
    matchesAny(key.indexes, uid) && (rules === null || rulesCover(rules, uid));
  const ruleOf = (uid: string): Json => (rules === null ? null : filterOfRules(rules, uid));
  const mayCreate = isAuthorized(key, "indexes.create", undefined, now);
  return {
    patterns: coverAll(key.indexes) ? null : key.indexes,
    allows,
    mayCreate: (uid) => mayCreate && allows(uid),
    restrict: (filter, uid, code) => restricted(filter, ruleOf(uid), code),
  };
}

/** The token before the key: what a token covers is known to its holder anyway. */
function checkIndex({ key, rules }: Caller, index: string): void {
  if (rules !== null && !rulesCover(rules, index)) {
    throw tokenLacksIndex(index, rulePatterns(rules));
  }
  if (matchesAny(key.indexes, index)) return;
  if (rules !== null) throw parentLacksIndex(index);
  throw keyLacksIndex(index, [...new Set(key.indexes)].toSorted(compareText));
}

function isAuthorized(
  key: KeyGrant,
  action: Action,
  index: string | undefined,
  now: number,
): boolean {
  if (!grants(key.actions, action)) return false;
  if (key.expiresAt !== null && now >= key.expiresAt) return false;
  if (coverAll(key.indexes)) return true;
  if (index !== undefined) return matchesAny(key.indexes, index);
  return isCheckedByRoute(action) && key.indexes.length > 0;
}

function shaped(rule: Json, code: ErrorCode): Filter | null {
  return rule === null ? null : requiredFilterOf(rule, code);
}

/** As Meilisearch does: both as lists, one after the other, so that neither can reach into the other. */
function restricted(filter: Filter | null, rule: Json, code: ErrorCode): Filter | null {
  if (rule === null) return filter;
  if (filter === null) return shaped(rule, code);
  const second = shaped(isArrayValue(rule) ? rule : [rule], code) ?? [];
  return [
    ...(typeof filter === "string" ? [filter] : filter),
    ...(typeof second === "string" ? [second] : second),
  ];
}
