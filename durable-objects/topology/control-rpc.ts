/** What crosses RPC between the admin API and the Cluster's control plane. Plain values only. */
import type { Epoch, GroupId, IndexUid, Instant, NodeId } from "../../worker/core/ids.ts";
import type { OperationStep, TopologyOperation } from "../../worker/core/rebalance/operation.ts";
import type { PlacedIndex, PlannedChange } from "../../worker/core/rebalance/placement-plan.ts";
import type { AliasChange } from "../../worker/core/topology/aliases.ts";
import type { Node } from "../../worker/core/topology/topology.ts";
import type { WireAlias } from "../rpc.ts";

export interface NewNode {
  readonly id: NodeId;
  readonly url: string;
  readonly key: string | undefined;
  readonly group: GroupId;
  readonly zone: string | undefined;
  readonly weight: number;
}

export interface NodePatch {
  readonly url?: string | undefined;
  readonly key?: string | undefined;
  readonly zone?: string | null | undefined;
  readonly weight?: number | undefined;
}

/** What an operator asks for; indexes by the uid that clients know. */
export type ControlChange =
  | { readonly kind: "addNode"; readonly node: NewNode }
  | { readonly kind: "changeNode"; readonly node: NodeId; readonly patch: NodePatch }
  | { readonly kind: "resumeNode"; readonly node: NodeId }
  | { readonly kind: "drain"; readonly node: NodeId }
  | { readonly kind: "remove"; readonly node: NodeId }
  | { readonly kind: "replace"; readonly node: NodeId; readonly by: NodeId }
  | { readonly kind: "rebalance" }
  | { readonly kind: "aliases"; readonly changes: readonly AliasChange[] }
  | { readonly kind: "replicas"; readonly uid: IndexUid; readonly to: number }
  | { readonly kind: "repair"; readonly uid: IndexUid }
  | { readonly kind: "reshard"; readonly uid: IndexUid; readonly to: number }
  | {
      readonly kind: "steer";
      readonly operation: number;
      readonly to: "pause" | "resume" | "cancel";
    };

export interface ControlRequest {
  readonly change: ControlChange;
  /** The epoch that the caller knows; another one now refuses the change. */
  readonly epoch: Epoch | undefined;
}

export type ControlReply =
  | {
      readonly kind: "accepted";
      readonly epoch: Epoch;
      readonly operation: TopologyOperation | undefined;
      readonly node: Node | undefined;
    }
  | { readonly kind: "conflict"; readonly reason: string }
  | { readonly kind: "unknownNode"; readonly node: NodeId }
  | { readonly kind: "unknownIndex"; readonly uid: IndexUid }
  | { readonly kind: "unknownAlias"; readonly alias: IndexUid }
  | { readonly kind: "unknownOperation"; readonly operation: number };

export interface NodeStatus {
  readonly node: Node;
  /** In plain words why it is not healthy. */
  readonly problem: string | undefined;
  readonly downSince: Instant | undefined;
}

export interface IndexStatus extends PlacedIndex {
  readonly uid: IndexUid;
}

export interface OperationStatus {
  readonly operation: TopologyOperation;
  /** Those under way first. */
  readonly steps: readonly OperationStep[];
}

export interface Overview {
  readonly epoch: Epoch;
  readonly nodes: readonly NodeStatus[];
  readonly indexes: readonly IndexStatus[];
  readonly aliases: readonly WireAlias[];
  /** Operations that are not over, with their steps under way. */
  readonly operations: readonly OperationStatus[];
  /** What a rebalance would change. */
  readonly drift: readonly PlannedChange[];
}
