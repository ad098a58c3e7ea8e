/**
 * What crosses RPC between Workers and Durable Objects. Plain values only; settings travel as the
 * JSON text that is stored, and are decoded where they are used.
 */
import type { ErrorBody } from "../worker/core/errors/api-error.ts";
import type { FeatureFlags } from "../worker/core/features/feature-flags.ts";
import type {
  Epoch,
  IndexUid,
  LogOffset,
  NodeId,
  PhysicalUid,
  ShardId,
  TaskUid,
} from "../worker/core/ids.ts";
import type { ApiKey, KeyGrant } from "../worker/core/keys/key.ts";
import type { ConditionalFailures } from "../worker/core/log/conditional-failures.ts";
import type { Operation } from "../worker/core/log/operation.ts";
import type { Exchange } from "../worker/core/topology/swap.ts";
import type { IndexEntry, Node } from "../worker/core/topology/topology.ts";
import type { TaskType } from "../worker/core/tasks/task.ts";

/** An index entry with its settings as JSON text. */
export interface StoredIndex extends Omit<IndexEntry, "settings"> {
  readonly settings: string;
}

export interface WireTopology {
  readonly epoch: Epoch;
  readonly nodes: readonly Node[];
  readonly indexes: readonly StoredIndex[];
  readonly keys: readonly KeyGrant[];
  readonly features: FeatureFlags;
  /** Which dynamic search rules there are; 0 for none. */
  readonly rulesVersion: number;
  readonly aliases: readonly WireAlias[];
}

export interface VersionedRules {
  readonly version: number;
  /** JSON text. */
  readonly rules: string;
}

/** An alias with the uids that it stands for. */
export interface WireAlias {
  readonly name: IndexUid;
  readonly indexes: readonly IndexUid[];
}

export type SnapshotReply =
  | { readonly kind: "unchanged"; readonly leaseMs: number }
  | { readonly kind: "changed"; readonly leaseMs: number; readonly topology: WireTopology };

/** What an index changes once all its in-sync replicas have applied it. */
export interface IndexChange {
  readonly primaryKey?: string;
  readonly settings?: string;
}

export interface CreatedKey {
  readonly key: ApiKey;
  /** Topologies from this one on have the key. */
  readonly epoch: Epoch;
}

export interface ChangedFeatures {
  readonly flags: FeatureFlags;
  /** Topologies from this one on have the flags. */
  readonly epoch: Epoch;
}

/** Where writes to a uid go now; it may not be visible to readers yet. */
export interface WriteTarget {
  readonly physical: PhysicalUid;
  readonly shardCount: number;
}

/** A swap or a rename, as the client asked for it. */
export interface RenameRequest {
  readonly type: "indexSwap" | "indexUpdate";
  /** The index that the task speaks of; none for a swap. */
  readonly indexUid: IndexUid | null;
  readonly exchanges: readonly Exchange[];
  /** The primary key that the renamed index gets; null leaves it as it is. */
  readonly primaryKey: string | null;
  /** JSON text of the task's details. */
  readonly details: string;
  /** The lease that the Worker gave up. */
  readonly releasedLease: string | undefined;
}

export interface AcceptedOperation {
  readonly uid: TaskUid;
  readonly createdAt: number;
}

/** Payload bytes of one shard, in order. */
export interface PayloadRow {
  readonly shard: ShardId;
  readonly bytes: Uint8Array;
}

/** The client task that an entry belongs to; internal entries have none. */
export interface EntryTask {
  readonly indexUid: IndexUid;
  readonly type: TaskType;
  /** JSON text of the details while the task runs. */
  readonly details: string | null;
  /** Distinct documents of the payload: what `indexedDocuments` says when the task has succeeded. */
  readonly indexedDocuments: number | null;
  readonly customMetadata: string | null;
}

export interface Append {
  /** Names the entry: appending the same token twice appends once. Also names its payload. */
  readonly token: string;
  readonly operation: Operation;
  readonly task: EntryTask;
  /** The last payload rows; earlier ones came by `upload`. */
  readonly rows: readonly PayloadRow[];
  /** How many rows came by `upload`. */
  readonly uploadedRows: number;
  /** Whether the write brings the index into being when nothing has been written to it. */
  readonly createsIndex: boolean;
  /** Why the task fails when its turn comes: what one Meilisearch would find wrong then. */
  readonly failure: ErrorBody | null;
  /** What fails it when its turn comes, under the settings of then. */
  readonly conditional: ConditionalFailures | null;
  /** The lease that the Worker gave up, so that a structural write need not wait for it. */
  readonly releasedLease: string | undefined;
}

/**
 * An entry as one log hands it to another: it keeps its task, and gets its place there. Its payload
 * came by `upload`, under its token.
 */
export interface Adopted {
  readonly token: string;
  readonly operation: Operation;
  readonly task: EntryTask | null;
  readonly uid: TaskUid | null;
  readonly canceledBy: TaskUid | null;
  readonly failure: ErrorBody | null;
  readonly conditional: ConditionalFailures | null;
  /** Milliseconds since the Unix epoch. */
  readonly createdAt: number;
}

/** What an index begins with that takes another one's place. */
export interface Seed {
  readonly primaryKey: string | undefined;
  /** JSON text of its settings, unless they are the default ones. */
  readonly settings: string | undefined;
  /** As text; undefined where the log has never had any of its own. */
  readonly minInSync: string | undefined;
}

export type AppendReply =
  | { readonly kind: "accepted"; readonly uid: TaskUid; readonly enqueuedAt: number }
  /** The log ended with its index: ask the Cluster where writes go now. */
  | { readonly kind: "closed" }
  /** Nothing was ever written to the index, and this write does not create it. */
  | { readonly kind: "absent" }
  /** Rows that were uploaded are not there any more. */
  | { readonly kind: "incomplete" }
  /** The log is over its size budget. */
  | { readonly kind: "full"; readonly retryAfterSeconds: number };

/** Why tasks stay `enqueued` while their nodes are away. */
export type TasksWaiting =
  /** Shards have fewer in-sync replicas than `minInSync`; the nodes that are not in sync. */
  | {
      readonly kind: "min-in-sync";
      readonly shards: number;
      readonly nodes: readonly NodeId[];
    }
  /** In-sync replicas that cannot be reached, and that may not leave or have not yet. */
  | { readonly kind: "replicas"; readonly nodes: readonly NodeId[] };

/** Where a log and its replicas are. */
export interface LogStatus {
  readonly head: LogOffset;
  readonly finishedTo: LogOffset;
  readonly bytes: number;
  readonly bytesMax: number;
  readonly minInSync: number;
  readonly replicas: readonly {
    readonly node: NodeId;
    readonly standing: "in-sync" | "lagging" | "suspended";
    readonly cursor: LogOffset;
    /** What the last try to reach it failed of; null when that went well. */
    readonly trouble: string | null;
  }[];
  readonly waiting: TasksWaiting | null;
}

export interface LogHead {
  readonly primaryKey: string | undefined;
  readonly closed: boolean;
}
