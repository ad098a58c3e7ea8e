/**
 * Tasks wait for replicas that stand still. When that takes too long, replicas that are not alone
 * with any shard leave the in-sync set, and come back by themselves when they have caught up.
 */
import { LAG_AFTER_MS } from "../../worker/core/limits.ts";
import type { Copy } from "./copy-shard.ts";
import type { TransferTools } from "./transfer-tools.ts";

const LOOK_MS = 500;

/** Does a job for which both ends of a copy stand still, since `since`. */
export async function patiently(
  { store, replication, now, sleep }: TransferTools,
  { source, target, fence }: Copy,
  since: number,
  job: () => Promise<void>,
): Promise<void> {
  let isOver = false;
  const ended = Promise.withResolvers<void>();
  const patience = async (): Promise<void> => {
    while (!isOver) {
      await Promise.race([sleep(LOOK_MS), ended.promise]);
      if (isOver || store.head() === fence || now() - since < LAG_AFTER_MS) continue;
      for (const node of [source, target]) await replication.leave(node, "a shard is being copied");
    }
  };
  const watching = patience();
  // Whatever ends it early is told when the job is over.
  watching.catch(() => undefined);
  try {
    await job();
  } finally {
    isOver = true;
    ended.resolve();
    await watching;
  }
}
