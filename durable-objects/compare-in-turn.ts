/** Cron's slow rotation: with every visit the replicas of one shard of one index are compared. */
import { shardId } from "../worker/core/ids.ts";
import { inTurn } from "../worker/core/transfer/dissent.ts";
import type { IndexLog } from "./index-log.ts";
import { report } from "./report.ts";
import type { RegisteredIndex } from "./storage/registry-store.ts";

const VISIT_MS = 60_000;

export async function compareInTurn(
  logs: DurableObjectNamespace<IndexLog>,
  indexes: readonly RegisteredIndex[],
  now: number,
): Promise<void> {
  const serving = indexes
    .filter(({ phase }) => phase === "serving")
    .map(({ physical, shardMap }) => ({ physical, shards: shardMap.length }));
  const turn = inTurn(Math.floor(now / VISIT_MS), serving);
  if (turn === undefined) return;
  const { physical } = turn.index;
  try {
    const { kind } = await logs.getByName(physical).verify(shardId(turn.shard), true);
    report("replicas_compared", { index: physical, shard: turn.shard, kind });
  } catch (error) {
    report("comparison_failed", { index: physical, shard: turn.shard, error: String(error) });
  }
}
