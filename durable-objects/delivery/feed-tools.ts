/** What the feed of one node needs of its log, of the Cluster and of time. */
import type { ErrorBody } from "../../worker/core/errors/api-error.ts";
import type { LogOffset, NodeId, ShardId } from "../../worker/core/ids.ts";
import type { StepContext } from "../../worker/core/delivery/steps.ts";
import type { NodeEndpoint, ShardMap } from "../../worker/core/topology/topology.ts";
import type { Entry } from "../storage/log-rows.ts";
import type { DeliveryTools } from "./delivery.ts";
import type { Refusals } from "./refusals.ts";

export interface FeedTools extends Omit<DeliveryTools, "disk"> {
  readonly now: () => number;
  readonly random: () => number;
  /** The node as the Cluster knows it now. */
  readonly endpoint: (node: NodeId) => Promise<NodeEndpoint | undefined>;
  /** Shards that the node holds. */
  readonly shardsOf: (node: NodeId) => ReadonlySet<ShardId>;
  /** The offset beyond which the node gets nothing for now: its shards are being copied. */
  readonly limitOf: (node: NodeId) => LogOffset | undefined;
  /** What the entry's steps need, or why the entry can only fail. */
  readonly contextOf: (entry: Entry) => StepContext | ErrorBody;
  readonly refusals: Refusals;
  readonly copyAnew: (node: NodeId) => void;
  /** The replicas of each shard. */
  readonly shardMap: () => Promise<ShardMap>;
  /** Reads what has to be known before a node gets the entry; throws while it cannot be read. */
  readonly examine: (entry: Entry) => Promise<void>;
  /** The entry with the verdict on it, where it may fail as a whole. */
  readonly decided: (entry: Entry) => Entry;
  /** A cursor moved: entries may have finished. */
  readonly onProgress: () => void;
  /** The node has been failing for `sinceMs`. */
  readonly onTrouble: (node: NodeId, sinceMs: number, reason: string) => Promise<void>;
  /** The node does not have what it had, this task among it. */
  readonly onLost: (node: NodeId, lastTask: number | undefined) => void;
  /** The node has applied more, or everything there is. */
  readonly onApplied: (node: NodeId) => Promise<void>;
}
