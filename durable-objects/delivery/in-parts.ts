/**
 * Delivers an entry that failed as a whole by ever fewer shards, down to those that are to blame.
 * What becomes of a shard then depends on its documents alone, not on what else its node holds,
 * so that all replicas of it stay the same.
 */
import type { ShardId } from "../../worker/core/ids.ts";
import type { Entry } from "../storage/log-rows.ts";
import type { LogStore } from "../storage/log-store.ts";
import type { Delivered, Group } from "./delivery.ts";

export interface Parts {
  /** The entry, with all shards of the node. */
  readonly group: Group;
  /** Makes the names of the parts others than those of earlier tries. */
  readonly retry: string;
  readonly send: (part: Group) => Promise<Delivered>;
}

/** Those that were refused are added to `refused`. */
export async function deliverInParts(
  parts: Parts,
  shards: readonly ShardId[],
  refused: ShardId[],
): Promise<Delivered> {
  const { group, retry, send } = parts;
  let outcome: Delivered = { kind: "applied", deletedDocuments: 0 };
  const middle = Math.ceil(shards.length / 2);
  for (const half of [shards.slice(0, middle), shards.slice(middle)]) {
    if (half.length === 0) continue;
    const part = `${half[0]}-${half.at(-1)}${retry}`;
    let delivered = await send({ ...group, shards: new Set(half), part });
    if (delivered.kind === "failed" && half.length > 1) {
      delivered = await deliverInParts(parts, half, refused);
    } else if (delivered.kind === "failed") refused.push(...half);
    if (delivered.kind === "unreachable") return delivered;
    if (outcome.kind !== "applied") continue;
    const deletedDocuments: number =
      outcome.deletedDocuments + (delivered.kind === "applied" ? delivered.deletedDocuments : 0);
    outcome = delivered.kind === "failed" ? delivered : { kind: "applied", deletedDocuments };
  }
  return outcome;
}

/** Those of a node's shards that the entry may change, in their order. */
export function touchedShards(
  store: LogStore,
  { operation, token }: Entry,
  own: ReadonlySet<ShardId>,
): readonly ShardId[] {
  const shards = [...own].toSorted((a, b) => a - b);
  if (operation.kind !== "writeDocuments") return shards;
  const written = store.payloadWeights(token);
  return shards.filter((shard) => written.has(shard));
}
