/**
 * Judges one replica when its cursor has moved: of the shards that it gets it holds exactly what the
 * log up to there makes of them, and its node has no delivery left that could change it. Of other
 * shards it may hold something while they move, and nothing in the end.
 */
import { documentId } from "../../../worker/core/ids.ts";
import { shardOf } from "../../../worker/core/placement/hash.ts";
import type { NodeHost } from "../node/host.ts";
import { canonical } from "../model/fold.ts";
import type { LogRecord, ReplicaRow } from "../model/log-record.ts";

export function faultOfReplica(
  record: LogRecord,
  { node, cursor, isFlying }: ReplicaRow,
  host: NodeHost,
  isEnd: boolean,
): string | undefined {
  const { physical, delivered } = record;
  if (delivered === undefined) return undefined;
  const where = `${node} at ${cursor} of ${physical}`;
  if (cursor > record.head) return `${where}: the log ends at ${record.head}`;
  const expected = new Map(
    [...record.state(cursor).documents].filter(([, { shard }]) =>
      delivered[shard]?.some((holder) => holder === node),
    ),
  );
  // Its cursor stands before an edit that is about to be undone.
  const notUndoneYet = record.notUndoneYet(cursor) ?? record.notUndoneYet(cursor + 1);
  const isForeign = (id: string): boolean => {
    const shard = shardOf(documentId(id), delivered.length);
    return delivered[shard]?.some((holder) => holder === node) !== true;
  };
  const held = host.node.indexes.get(physical)?.documents ?? new Map();
  for (const [id, document] of held) {
    const own = expected.get(id);
    if (own === undefined && !isEnd && isForeign(id)) continue;
    if (own === undefined) return `${where}: holds document ${id}, which is not there`;
    const text = canonical(document);
    if (text !== own.text && text !== notUndoneYet?.get(id)?.text)
      return `${where}: document ${id} is ${text}, not ${own.text}`;
  }
  for (const id of expected.keys()) {
    if (!held.has(id)) return `${where}: document ${id} is missing`;
  }
  const isOpen = host.node.tasks.some(
    ({ indexUid, status, customMetadata }) =>
      indexUid === physical &&
      customMetadata !== null &&
      (status === "enqueued" || status === "processing"),
  );
  return isOpen && !isFlying ? `${where}: the node has a task that nobody waits for` : undefined;
}
