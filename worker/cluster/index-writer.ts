/**
 * Sends one write to the log of the index that a uid means now. Finds the log, follows it when it
 * has been closed by a deletion, and turns what one Meilisearch would fail into a failed task.
 */
import type { AppendReply, EntryTask, PayloadRow } from "../../durable-objects/rpc.ts";
import type { Cluster } from "../../durable-objects/cluster.ts";
import type { IndexLog } from "../../durable-objects/index-log.ts";
import { ApiError, errorBody, type ErrorBody } from "../core/errors/api-error.ts";
import {
  instant,
  type IndexUid,
  type Instant,
  type PhysicalUid,
  type TaskUid,
} from "../core/ids.ts";
import { namedIndex, severalIndexes } from "../core/topology/aliases.ts";
import { shardCount } from "../core/topology/topology.ts";
import type { ConditionalFailures } from "../core/log/conditional-failures.ts";
import { isStructural, type Operation } from "../core/log/operation.ts";
import { failedDetails } from "../core/tasks/finished-details.ts";
import { aliasOfSeveral } from "../search/queried-index.ts";
import type { TaskLog } from "../tasklog/task-log.ts";
import type { TopologyLease } from "./topology-lease.ts";

export interface Write {
  readonly uid: IndexUid;
  readonly operation: Operation;
  readonly task: EntryTask;
  /** The payload, split for an index of so many shards. */
  readonly rows: (shardCount: number) => readonly PayloadRow[] | Promise<readonly PayloadRow[]>;
  /** Why the task fails when its turn comes. */
  readonly failure: ErrorBody | null;
  /** What fails it under the settings of its turn. */
  readonly conditional?: ConditionalFailures | null;
  /** Whether the write brings a missing index into being, as additions and settings do. */
  readonly createsIndex: boolean;
  /** Set when payload rows were uploaded before, under this token, to this log. */
  readonly upload: Upload | undefined;
}

export interface Target {
  readonly physical: PhysicalUid;
  readonly shardCount: number;
}

export interface Upload extends Target {
  readonly token: string;
  readonly rowCount: number;
}

export interface Accepted {
  readonly uid: TaskUid;
  readonly enqueuedAt: Instant;
}

export interface WriteTools {
  readonly cluster: DurableObjectStub<Cluster>;
  readonly logs: DurableObjectNamespace<IndexLog>;
  readonly tasks: TaskLog;
  readonly lease: TopologyLease;
  readonly now: () => number;
}

/** Deletions that may overtake one write: more means that something is wrong. */
const ATTEMPTS = 5;

/** Commits a write; resolves when it is durable and has its task. */
export async function acceptWrite(tools: WriteTools, write: Write): Promise<Accepted> {
  const token = write.upload?.token ?? crypto.randomUUID();
  const { operation, task, failure } = write;
  let target: Target | undefined =
    write.upload ?? (await targetOf(tools, write.uid, write.createsIndex));
  for (let attempt = 0; attempt < ATTEMPTS && target !== undefined; attempt += 1) {
    const rows = await write.rows(target.shardCount);
    const changesTopology =
      isStructural(operation.kind) || (await isIncomplete(tools, write.uid, target));
    const releasedLease = changesTopology ? tools.lease.drop() : undefined;
    const reply: AppendReply = await tools.logs.getByName(target.physical).append({
      token,
      operation,
      task,
      rows,
      uploadedRows: write.upload?.rowCount ?? 0,
      createsIndex: write.createsIndex,
      failure,
      conditional: write.conditional ?? null,
      releasedLease,
    });
    switch (reply.kind) {
      case "accepted":
        return { uid: reply.uid, enqueuedAt: instant(reply.enqueuedAt) };
      case "full":
        throw logFull(reply.retryAfterSeconds);
      case "incomplete":
        throw new ApiError("internal", "The payload was not received whole. Nothing was written.");
      case "absent":
        return await failTask(tools, write, indexNotFound(write.uid));
      case "closed":
        if (write.upload !== undefined) {
          return await failTask(tools, write, indexNotFound(write.uid));
        }
        target = await targetOf(tools, write.uid, write.createsIndex, target.physical);
    }
  }
  return await failTask(tools, write, indexNotFound(write.uid));
}

/**
 * Whether readers do not know the index yet, or not its primary key: then its log writes structural
 * entries of its own before the first documents.
 */
async function isIncomplete(tools: WriteTools, uid: IndexUid, target: Target): Promise<boolean> {
  const known = namedIndex(await tools.lease.topology(() => tools.cluster), uid);
  return known?.physical !== target.physical || known.primaryKey === undefined;
}

/** A task that fails at once, as one Meilisearch would fail it when its turn comes. */
async function failTask(tools: WriteTools, write: Write, error: ErrorBody): Promise<Accepted> {
  const enqueuedAt = instant(tools.now());
  const token = crypto.randomUUID();
  const details = failedDetails(write.operation.kind, write.task.details);
  const task = { ...write.task, details, token, log: null, enqueuedAt };
  const uid = await tools.tasks.registerFailed(task, error);
  return { uid, enqueuedAt };
}

/** Where writes to a uid go now. */
export async function targetOf(
  tools: WriteTools,
  uid: IndexUid,
  create: boolean,
  closed?: PhysicalUid,
): Promise<Target | undefined> {
  const topology = await tools.lease.topology(() => tools.cluster);
  if (severalIndexes(topology, uid) !== undefined) throw aliasOfSeveral(uid);
  if (closed === undefined) {
    const known = namedIndex(topology, uid);
    if (known?.takesWrites === true)
      return { physical: known.physical, shardCount: shardCount(known) };
  }
  return await tools.cluster.writeTarget(uid, create, closed);
}

export function indexNotFound(uid: IndexUid): ErrorBody {
  return errorBody("index_not_found", `Index \`${uid}\` not found.`);
}

export function logFull(retryAfterSeconds: number): ApiError {
  return new ApiError(
    "miroir_write_log_full",
    "The write log of this index is full: its nodes are behind. Nothing was written; try again later.",
    { retryAfterSeconds },
  );
}

/** An index of another number of shards than rows were split for that are on their way already. */
export function madeAnew(): ApiError {
  const message = "The index was made while the payload came. Nothing was written; send it again.";
  return new ApiError("miroir_topology_conflict", message);
}
