/**
 * The primary key of an index that is being renamed in the same request. As Meilisearch does: the
 * rename comes first and stays, also when the key is refused.
 */
import type { ErrorBody } from "../worker/core/errors/api-error.ts";
import type { IndexUid, LogOffset, PhysicalUid } from "../worker/core/ids.ts";
import type { IndexLog } from "./index-log.ts";

export interface KeyNaming {
  /** That of the rename. */
  readonly token: string;
  readonly renaming: readonly (readonly [PhysicalUid, IndexUid])[];
  readonly primaryKey: string;
}

/** The log that has the key and the entry that names it, or why it is refused. Repeatable. */
export async function nameKey(
  logs: DurableObjectNamespace<IndexLog>,
  { token, renaming, primaryKey }: KeyNaming,
): Promise<readonly [PhysicalUid, LogOffset] | ErrorBody | undefined> {
  const [renamed] = renaming;
  if (renamed === undefined) return undefined;
  const [physical, uid] = renamed;
  const log = logs.getByName(physical);
  const named = await log.changePrimaryKey(`${token}/primary-key`, uid, primaryKey);
  return typeof named === "number" ? [physical, named] : named;
}
