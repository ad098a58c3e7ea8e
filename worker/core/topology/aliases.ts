/**
 * Aliases: second names by which clients ask for indexes. An alias names indexes by their uids, never
 * what is behind those, so that swaps, reshards and deletions of an index need not know of it; and no
 * index ever has an alias' name, so that a name means one thing. Why: decisions/0036.
 */
import { ALIASES_MAX } from "../limits.ts";
import type { IndexUid } from "../ids.ts";
import type { Registered } from "./registry.ts";
import type { IndexEntry, Topology } from "./topology.ts";

/** The uids that each alias stands for: at least one, each once. */
export type Aliases = ReadonlyMap<IndexUid, readonly IndexUid[]>;

/** What an alias stands for from now on; null takes it away. */
export interface AliasChange {
  readonly alias: IndexUid;
  readonly indexes: readonly IndexUid[] | null;
}

export type ChangedAliases =
  | { readonly kind: "changed"; readonly aliases: Aliases }
  | { readonly kind: "conflict"; readonly reason: string }
  | { readonly kind: "unknownIndex"; readonly uid: IndexUid }
  | { readonly kind: "unknownAlias"; readonly alias: IndexUid };

/**
 * The aliases after all of these changes. Only indexes that readers see can be named, so that no change of an alias
 * makes a search fail; one may be deleted later, and its aliases lead to nothing then.
 */
export function changedAliases(
  aliases: Aliases,
  changes: readonly AliasChange[],
  registered: Iterable<Registered>,
): ChangedAliases {
  const all = [...registered];
  const changed = new Map(aliases);
  for (const { alias, indexes: uids } of changes) {
    if (uids === null) {
      if (!changed.delete(alias)) return { kind: "unknownAlias", alias };
      continue;
    }
    if (all.some((index) => hasName(index, alias))) {
      return conflict(`Index \`${alias}\` exists: an alias cannot have its name.`);
    }
    changed.set(alias, uids);
  }
  if (changed.size > ALIASES_MAX) {
    return conflict(`There can be ${ALIASES_MAX} aliases and no more.`);
  }
  for (const uid of changes.flatMap(({ indexes }) => indexes ?? [])) {
    if (changed.has(uid)) return conflict(`\`${uid}\` is an alias itself: name its indexes.`);
    if (!all.some((index) => index.readUid === uid && index.phase === "serving")) {
      return { kind: "unknownIndex", uid };
    }
  }
  return { kind: "changed", aliases: changed };
}

function conflict(reason: string): ChangedAliases {
  return { kind: "conflict", reason };
}

/** Whether the index has the name for readers or writers, or will have it when it is served. */
function hasName({ uid, readUid, phase }: Registered, name: IndexUid): boolean {
  return phase !== "superseded" && phase !== "unserved" && (uid === name || readUid === name);
}

type Named = Pick<Topology, "indexes" | "aliases">;

/**
 * The index that readers see under a name. One that is found by its alias goes by the alias: nothing
 * that a client can see changes when the alias is led to another index.
 */
export function namedIndex({ indexes, aliases }: Named, name: IndexUid): IndexEntry | undefined {
  const uids = aliases.get(name);
  if (uids === undefined) return indexes.get(name);
  const [uid] = uids;
  const index = uids.length === 1 && uid !== undefined ? indexes.get(uid) : undefined;
  return index === undefined ? undefined : { ...index, uid: name };
}

/** The uids of an alias of several indexes; undefined for every other name. */
export function severalIndexes(
  { aliases }: Named,
  name: IndexUid,
): readonly IndexUid[] | undefined {
  const uids = aliases.get(name);
  return uids !== undefined && uids.length > 1 ? uids : undefined;
}
