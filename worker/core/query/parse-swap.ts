/** The body of `POST /swap-indexes`. */
import { boolean, list, text } from "../decode/decoders.ts";
import { fill, Optional, Required } from "../decode/fields.ts";
import type { Json } from "../decode/json.ts";
import { unexpected } from "../decode/mistakes.ts";
import { parseJson } from "../decode/payload.ts";
import { Place } from "../decode/place.ts";
import { ApiError } from "../errors/api-error.ts";
import type { IndexUid } from "../ids.ts";
import { indexUidOr } from "./parse-index.ts";

export interface Swap {
  readonly indexes: readonly [IndexUid, IndexUid];
  /** The first index gets the second one's uid, which must be free. */
  readonly rename: boolean;
}

export function parseSwaps(body: string): readonly Swap[] {
  const sent = list(entry)(parseJson(body), Place.root());
  const swaps = sent.map(({ indexes, rename }): Swap => {
    const [first, second, ...rest] = indexes;
    if (first === undefined || second === undefined || rest.length > 0) {
      throw new ApiError(
        "invalid_swap_indexes",
        `Two indexes must be given for each swap. The list \`[${indexes.map((one) => JSON.stringify(one)).join(", ")}]\` contains ${indexes.length} indexes.`,
      );
    }
    return { indexes: [first, second], rename };
  });
  refuseRepeated(swaps.flatMap(({ indexes }) => indexes));
  return swaps;
}

function entry(value: Json, at: Place) {
  const indexes = new Required(list(uid), "invalid_swap_indexes", "missing_swap_indexes");
  const rename = new Optional(boolean, false, "invalid_swap_rename");
  fill({ indexes, rename }, value, at);
  return { indexes: indexes.value, rename: rename.value };
}

function uid(value: Json, at: Place): IndexUid {
  return indexUidOr(text(value, at), (reason) => unexpected(at, reason));
}

function refuseRepeated(uids: readonly IndexUid[]): void {
  const repeated = [...new Set(uids.filter((one, position) => uids.indexOf(one) < position))];
  if (repeated.length === 0) return;
  throw new ApiError(
    "invalid_swap_duplicate_index_found",
    repeated.length === 1
      ? `Indexes must be declared only once during a swap. \`${repeated.join("")}\` was specified several times.`
      : `Indexes must be declared only once during a swap. ${repeated.map((one) => `\`${one}\``).join(", ")} were specified several times.`,
  );
}
