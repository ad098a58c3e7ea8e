/** The index that a query names in its body. */
import { ApiError } from "../core/errors/api-error.ts";
import type { IndexUid } from "../core/ids.ts";
import type { IndexEntry, Topology } from "../core/topology/topology.ts";

export function indexOf(topology: Topology, uid: IndexUid): IndexEntry {
  const index = topology.indexes.get(uid);
  if (index === undefined) throw new ApiError("index_not_found", `Index \`${uid}\` not found.`);
  return index;
}
