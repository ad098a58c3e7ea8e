/** What the control loop needs of the rest of the cluster. Tests give it a fleet of their own. */
import type { Instant, NodeId, PhysicalUid, ShardId } from "../../worker/core/ids.ts";
import type { PlacedIndex } from "../../worker/core/rebalance/placement-plan.ts";
import type { OperationStep, TopologyOperation } from "../../worker/core/rebalance/operation.ts";
import type { NodeChange } from "../../worker/core/rebalance/reconcile.ts";
import type { ReshardState } from "../../worker/core/reshard/reshard-state.ts";
import type { Node } from "../../worker/core/topology/topology.ts";
import type {
  ShardChange,
  ShardReport,
  TransferStatus,
} from "../../worker/core/transfer/shard-change.ts";

/** Intent and what was last seen, of nodes and indexes. Reading and changing it never waits. */
export interface ControlRegistry {
  nodes(): readonly Node[];
  downSince(): ReadonlyMap<NodeId, Instant>;
  /** Indexes whose shards are somewhere, those that are being created among them. */
  indexes(): readonly PlacedIndex[];
  changeNodes(changes: readonly NodeChange[]): void;
}

/** The logs of indexes, which carry changes of shards out. */
export interface ShardLogs {
  /** Asking for the same id twice asks once. */
  transfer(index: PhysicalUid, changes: readonly ShardChange[]): Promise<void>;
  transfers(index: PhysicalUid): Promise<readonly TransferStatus[]>;
  cancel(index: PhysicalUid, ids: readonly string[]): Promise<void>;
  verify(index: PhysicalUid, shard: ShardId): Promise<ShardReport>;
  /** Asking for the same id twice asks once; false when another one is under way. */
  reshard(index: PhysicalUid, id: string, shardCount: number): Promise<boolean>;
  reshardState(index: PhysicalUid): Promise<ReshardState | undefined>;
  cancelReshard(index: PhysicalUid, id: string): Promise<void>;
}

/** Operations and steps, where they decide. Synchronous: what is put in one turn is one commit. */
export interface Records {
  nextId(): number;
  unfinished(): readonly TopologyOperation[];
  underWay(): readonly OperationStep[];
  put(operation: TopologyOperation): void;
  putStep(step: OperationStep): void;
}
