/**
 * Judges one replica when its cursor has moved: it holds exactly what the log up to there makes of
 * its shards, and its node has no task of the index left that could change it.
 */
import type { NodeHost } from "../node/host.ts";
import { canonical } from "../model/fold.ts";
import type { LogRecord, ReplicaRow } from "../model/log-record.ts";

export function faultOfReplica(
  record: LogRecord,
  { node, cursor, isFlying }: ReplicaRow,
  host: NodeHost,
): string | undefined {
  const { physical, shardMap } = record;
  if (shardMap === undefined) return undefined;
  const where = `${node} at ${cursor} of ${physical}`;
  if (cursor > record.head) return `${where}: the log ends at ${record.head}`;
  const expected = new Map(
    [...record.state(cursor).documents].filter(([, { shard }]) =>
      shardMap[shard]?.some((holder) => holder === node),
    ),
  );
  const held = host.node.indexes.get(physical)?.documents ?? new Map();
  for (const [id, document] of held) {
    const own = expected.get(id);
    if (own === undefined) return `${where}: holds document ${id}, which is not there`;
    const text = canonical(document);
    if (text !== own.text) return `${where}: document ${id} is ${text}, not ${own.text}`;
  }
  for (const id of expected.keys()) {
    if (!held.has(id)) return `${where}: document ${id} is missing`;
  }
  const isOpen = host.node.tasks.some(
    ({ indexUid, status }) =>
      indexUid === physical && (status === "enqueued" || status === "processing"),
  );
  return isOpen && !isFlying ? `${where}: the node has a task that nobody waits for` : undefined;
}
