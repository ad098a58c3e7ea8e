/**
 * Ends entries in log order: an entry is over when every replica that counts has applied it. What
 * it changes for readers goes to the Cluster first and is waited out (no lease on the old topology
 * is left), then the task log says so, then the log forgets it. Every step may be repeated.
 */
import type { ErrorBody } from "../worker/core/errors/api-error.ts";
import {
  instant,
  logOffset,
  type Epoch,
  type LogOffset,
  type PhysicalUid,
} from "../worker/core/ids.ts";
import { hasPayload, isStructural } from "../worker/core/log/operation.ts";
import { countedOnce } from "../worker/core/tasks/counted-once.ts";
import { finishedDetails } from "../worker/core/tasks/finished-details.ts";
import type { ShardMap } from "../worker/core/topology/topology.ts";
import type { FinishedTask, TaskLog } from "../worker/tasklog/task-log.ts";
import type { EntryTask } from "./rpc.ts";
import type { Entry } from "./storage/log-rows.ts";
import type { LogStore } from "./storage/log-store.ts";

export interface SettlementTools {
  readonly store: LogStore;
  readonly tasks: TaskLog;
  readonly physical: PhysicalUid;
  readonly shardMap: ShardMap;
  readonly now: () => number;
  /** Applies a structural entry to the registry; the epoch from which readers see it. */
  readonly announce: (entry: Entry) => Promise<Epoch | undefined>;
  /** Resolves when no Worker can read a topology older than the epoch. */
  readonly leasesEnded: (epoch: Epoch) => Promise<void>;
  /** A structural entry failed. True when replicas may have taken it: it is delivered again, undone. */
  readonly undo: (entry: Entry) => boolean;
  /** Shards were agreed to go without the entry: replicas that were behind may have taken it. */
  readonly takeBack: (entry: Entry) => void;
  /** An error of a node in the client's words. */
  readonly clientError: (task: EntryTask, error: ErrorBody) => ErrorBody;
}

const BATCH = 50;

/** Ends what can be ended; true when something was. */
export async function settle(tools: SettlementTools): Promise<boolean> {
  const { store } = tools;
  const ripe = ripeEntries(store);
  const [first] = ripe;
  if (first === undefined) {
    // Also when a replica that was away has caught up: a full log takes nothing that would end.
    trim(store);
    return false;
  }
  const end = ripe.findIndex(({ operation }) => isStructural(operation.kind));
  const others = end === -1 ? ripe : ripe.slice(0, end);
  // In the turn in which they were found ripe: a replica that is away and comes back while the rest
  // is under way must have applied them first.
  store.tell(others.at(-1)?.offset ?? first.offset);
  if (others.length === 0) await settleStructural(tools, first);
  else {
    for (const entry of others) if (entry.error !== null) tools.takeBack(entry);
    await finish(tools, others);
  }
  return true;
}

/**
 * The first unfinished entries that every replica in the in-sync set has applied, and that no swap
 * holds: what is written after a swap ends after it, when readers follow the new names.
 */
function ripeEntries(store: LogStore): readonly Entry[] {
  const applied = Math.min(appliedTo(store), store.heldAfter());
  return store
    .unfinished(BATCH)
    .filter(({ offset, task, uid }) => offset <= applied && (task === null || uid !== null));
}

function appliedTo(store: LogStore): LogOffset {
  const inSync = store.replicas().filter(({ standing }) => standing !== "lagging");
  // Every node that a deleted index was on has left the cluster.
  const isGone = store.fact("closed") !== undefined && store.replicas().length === 0;
  if (inSync.length === 0) return isGone ? store.head() : logOffset(0);
  return logOffset(Math.min(...inSync.map(({ cursor }) => cursor)));
}

async function settleStructural(tools: SettlementTools, entry: Entry): Promise<void> {
  // Before what follows it is delivered: that must find the same on every replica.
  if (entry.error !== null && tools.undo(entry)) return;
  if (statusOf(entry) === "succeeded") {
    const epoch = await tools.announce(entry);
    if (epoch !== undefined) await tools.leasesEnded(epoch);
  }
  await finish(tools, [entry]);
  // What could have undone it is needed no more.
  if (entry.operation.kind === "editDocuments") tools.store.dropPayload(entry.token);
}

async function finish(tools: SettlementTools, entries: readonly Entry[]): Promise<void> {
  const { store } = tools;
  const finishedAt = instant(tools.now());
  const finished = entries.flatMap((entry): FinishedTask[] => {
    const { task, uid } = entry;
    if (task === null || uid === null) return [];
    return [
      {
        uid,
        status: statusOf(entry),
        canceledBy: entry.canceledBy,
        details: finishedDetails(
          entry.operation.kind,
          task.details,
          {
            indexedDocuments: task.indexedDocuments,
            deletedDocuments: deletedDocuments(tools, entry),
            sizes: store.sizes(entry.offset),
          },
          statusOf(entry) !== "succeeded",
        ),
        error: entry.error === null ? null : tools.clientError(task, entry.error),
        startedAt: entry.startedAt ?? entry.createdAt,
        finishedAt,
      },
    ];
  });
  if (finished.length > 0) await tools.tasks.finish(finished);
  for (const { offset } of entries) store.setDone(offset);
  trim(store);
}

function trim(store: LogStore): void {
  const everywhere = Math.min(...store.replicas().map(({ cursor }) => cursor));
  store.trim(logOffset(Math.min(everywhere, store.finishedTo())));
}

function statusOf({ error, canceledBy }: Entry): FinishedTask["status"] {
  if (canceledBy !== null) return "canceled";
  return error === null ? "succeeded" : "failed";
}

function deletedDocuments({ store, shardMap }: SettlementTools, entry: Entry): number {
  const weights = hasPayload(entry.operation.kind) ? store.payloadWeights(entry.token) : undefined;
  return countedOnce(store.counts(entry.offset), shardMap, weights);
}
