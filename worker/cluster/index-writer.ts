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
  physicalUid,
  type IndexUid,
  type Instant,
  type PhysicalUid,
  type TaskUid,
} from "../core/ids.ts";
import { isStructural, type Operation } from "../core/log/operation.ts";
import type { TaskLog } from "../tasklog/task-log.ts";
import type { TopologyLease } from "./topology-lease.ts";

export interface Write {
  readonly uid: IndexUid;
  readonly operation: Operation;
  readonly task: EntryTask;
  readonly rows: readonly PayloadRow[];
  /** Why the task fails when its turn comes. */
  readonly failure: ErrorBody | null;
  /** Whether the write brings a missing index into being, as additions and settings do. */
  readonly createsIndex: boolean;
  /** Set when payload rows were uploaded before, under this token, to this log. */
  readonly upload: Upload | undefined;
}

export interface Upload {
  readonly token: string;
  readonly physical: PhysicalUid;
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
  const { operation, task, rows, failure } = write;
  let physical = write.upload?.physical ?? (await logOf(tools, write.uid, write.createsIndex));
  for (let attempt = 0; attempt < ATTEMPTS && physical !== undefined; attempt += 1) {
    const releasedLease = isStructural(operation.kind) ? tools.lease.drop() : undefined;
    const reply: AppendReply = await tools.logs
      .getByName(physical)
      .append({ token, operation, task, rows, failure, releasedLease });
    switch (reply.kind) {
      case "accepted":
        return { uid: reply.uid, enqueuedAt: instant(reply.enqueuedAt) };
      case "full":
        throw logFull(reply.retryAfterSeconds);
      case "closed":
        if (write.upload !== undefined) {
          return await failTask(tools, task, indexNotFound(write.uid));
        }
        physical = await logOf(tools, write.uid, write.createsIndex, physical);
    }
  }
  return await failTask(tools, task, indexNotFound(write.uid));
}

/** A task that fails at once, as one Meilisearch would fail it when its turn comes. */
export async function failTask(
  tools: WriteTools,
  task: EntryTask,
  error: ErrorBody,
): Promise<Accepted> {
  const enqueuedAt = instant(tools.now());
  const token = crypto.randomUUID();
  const uid = await tools.tasks.registerFailed({ ...task, token, enqueuedAt }, error);
  return { uid, enqueuedAt };
}

/** The physical index that takes writes for a uid. */
export async function logOf(
  tools: WriteTools,
  uid: IndexUid,
  create: boolean,
  closed?: PhysicalUid,
): Promise<PhysicalUid | undefined> {
  if (closed === undefined) {
    const { indexes } = await tools.lease.topology(tools.cluster);
    const known = indexes.get(uid);
    if (known !== undefined) return known.physical;
  }
  const target = await tools.cluster.writeTarget(uid, create, closed);
  return target === undefined ? undefined : physicalUid(target.physical);
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
