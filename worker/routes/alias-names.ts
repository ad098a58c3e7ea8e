/** Where a name must be that of an index itself: nothing is deleted, renamed or created by an alias. */
import { ApiError } from "../core/errors/api-error.ts";
import type { IndexUid } from "../core/ids.ts";
import type { Call } from "../http/call.ts";

/** Throws when one of these names is an alias. */
export async function requireIndexNames(call: Call, names: readonly IndexUid[]): Promise<void> {
  const { aliases } = await call.topology();
  const alias = names.find((name) => aliases.has(name));
  if (alias === undefined) return;
  throw new ApiError(
    "miroir_alias_refused",
    `\`${alias}\` is an alias: use the uid of the index itself, or change the alias.`,
  );
}

/** Throws when an alias has the name that an index is to get. */
export async function requireFreeName(call: Call, name: IndexUid): Promise<void> {
  const { aliases } = await call.topology();
  if (!aliases.has(name)) return;
  throw new ApiError(
    "index_already_exists",
    `\`${name}\` is an alias: an index cannot have its name.`,
  );
}
