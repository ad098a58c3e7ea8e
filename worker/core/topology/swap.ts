/**
 * Swaps and renames of indexes as changes of names: which physical index each uid means afterwards,
 * or why it cannot be. Values in, values out; the Cluster stores what comes out.
 */
import { errorBody, type ErrorBody } from "../errors/api-error.ts";
import type { IndexUid, PhysicalUid } from "../ids.ts";
import type { Aliases } from "./aliases.ts";
import { writable, type Registered } from "./registry.ts";

export interface Exchange {
  readonly indexes: readonly [IndexUid, IndexUid];
  readonly rename: boolean;
}

/** New names of physical indexes. */
export type Renaming = ReadonlyMap<PhysicalUid, IndexUid>;

/**
 * `task` is the type of the client's task: a swap and an update of one index word errors apart. No
 * index gets the name of an alias.
 */
export function exchanged(
  indexes: Iterable<Registered>,
  exchanges: readonly Exchange[],
  task: "indexSwap" | "indexUpdate",
  aliases: Aliases,
): Renaming | ErrorBody {
  const all = [...indexes];
  const missing = exchanges.flatMap(({ indexes: [first, second], rename }) =>
    (rename ? [first] : [first, second]).filter((uid) => writable(all, uid) === undefined),
  );
  if (missing.length > 0) return notFound(missing.toSorted());
  const names = new Map<PhysicalUid, IndexUid>();
  for (const { indexes: pair, rename } of exchanges) {
    const [first, second] = [writable(all, pair[0]), writable(all, pair[1])];
    if (first === undefined) continue;
    // As Meilisearch does: an index may take the name that it has.
    const isTaken = second !== undefined && second !== first;
    if (rename && (isTaken || aliases.has(pair[1]))) return taken(pair, task);
    names.set(first.physical, pair[1]);
    if (isTaken) names.set(second.physical, pair[0]);
  }
  return names;
}

function notFound(uids: readonly IndexUid[]): ErrorBody {
  const list = uids.map((uid) => `\`${uid}\``).join(", ");
  const message = uids.length === 1 ? `Index ${list} not found.` : `Indexes ${list} not found.`;
  return errorBody("index_not_found", message);
}

/** As Meilisearch words it. */
function taken([from, to]: Exchange["indexes"], task: "indexSwap" | "indexUpdate"): ErrorBody {
  if (task === "indexUpdate") {
    return errorBody("index_already_exists", `Index \`${to}\` already exists.`);
  }
  return errorBody(
    "index_already_exists",
    `Cannot rename \`${from}\` to \`${to}\` as the index already exists. Hint: You can remove \`${to}\` first and then do your remove.`,
  );
}
