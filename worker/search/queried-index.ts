/** What a name in a request stands for: an index, or several through an alias. */
import { ApiError } from "../core/errors/api-error.ts";
import { inside } from "../core/errors/inside-query.ts";
import type { IndexUid } from "../core/ids.ts";
import { namedIndex, severalIndexes } from "../core/topology/aliases.ts";
import type { IndexEntry, Topology } from "../core/topology/topology.ts";

/** The one index that readers see under a name; 404 as Meilisearch says it. */
export function indexOf(topology: Topology, name: IndexUid): IndexEntry {
  const index = namedIndex(topology, name);
  if (index !== undefined) return index;
  if (severalIndexes(topology, name) !== undefined) throw aliasOfSeveral(name);
  throw new ApiError("index_not_found", `Index \`${name}\` not found.`);
}

/** The indexes of an alias of several, each checked; undefined for every other name. */
export function indexesOf(
  topology: Topology,
  name: IndexUid,
  check: (index: IndexEntry) => void,
): readonly IndexEntry[] | undefined {
  return severalIndexes(topology, name)?.map((uid) =>
    inside(`Inside alias \`${name}\`: `, "", () => {
      const index = indexOf(topology, uid);
      check(index);
      return index;
    }),
  );
}

export function aliasOfSeveral(name: IndexUid): ApiError {
  return new ApiError(
    "miroir_alias_refused",
    `\`${name}\` is an alias of several indexes, which can only be searched. Use the uid of one of them.`,
  );
}
