/** What every read needs: the topology under its lease, the way to nodes, and the time it has. */
import type { NodeId, PhysicalUid } from "../core/ids.ts";
import type { SearchRule } from "../core/rules/rule.ts";
import type { Topology } from "../core/topology/topology.ts";
import type { NodeClient } from "../nodes/node-client.ts";
import type { Hedging } from "./hedging.ts";

/** What happens to a search when shards have no replica that answers. */
export type MissingShardPolicy = "partial" | "error";

export interface ReadContext {
  readonly topology: Topology;
  /** The topology as it is now, whatever lease there is on an older one. */
  readonly refreshed?: () => Promise<Topology>;
  /** Whether a topology is still under its lease; without it nobody asks. */
  readonly isLeased?: (topology: Topology) => boolean;
  /** Whether a node in doubt may be read, for one index, as of now; without it nobody asks. */
  readonly isReadable?: (node: NodeId, physical: PhysicalUid) => Promise<boolean>;
  readonly nodes: NodeClient;
  /** Milliseconds, on the same clock as `deadlineAt`. */
  readonly now: () => number;
  readonly deadlineAt: number;
  readonly signal?: AbortSignal;
  readonly policy: MissingShardPolicy;
  /** Rules that pin documents in searches; none while the feature is off. */
  readonly rules?: readonly SearchRule[];
  /** How busy a node is: among nodes that serve equally well, the lower is asked. */
  readonly load?: (node: NodeId) => number;
  /** How far away a node is, in milliseconds: of replica groups the nearest is asked. */
  readonly latencyMs?: (node: NodeId) => number;
  /** When a slow node's shards are asked of other replicas as well; never without it. */
  readonly hedging?: Hedging;
}
