/**
 * The client's filter with what a tenant token demands. The rule for the name that was asked for
 * holds, and what the token's rules say of the index behind an alias holds as well: so an alias shows
 * nobody what the index itself would hide from them (decisions/0036).
 */
import type { ErrorCode } from "../core/errors/codes.ts";
import type { IndexUid } from "../core/ids.ts";
import type { Access } from "../core/keys/access.ts";
import type { Filter } from "../core/query/search-query.ts";
import type { Topology } from "../core/topology/topology.ts";

export interface Asker {
  readonly access: Access;
  readonly topology: Topology;
}

/** For a name of one index. */
export function restrictedFilter(
  { access, topology }: Asker,
  filter: Filter | null,
  name: IndexUid,
  code: ErrorCode,
): Filter | null {
  const own = access.restrict(filter, name, code);
  const uids = topology.aliases.get(name) ?? [];
  const [uid] = uids;
  return uid === undefined || uids.length > 1 ? own : access.restrict(own, uid, code);
}

/** For one index of an alias of several. */
export function filterBehind(
  { access }: Asker,
  filter: Filter | null,
  { alias, uid }: { readonly alias: IndexUid; readonly uid: IndexUid },
  code: ErrorCode,
): Filter | null {
  return access.restrict(access.restrict(filter, alias, code), uid, code);
}
