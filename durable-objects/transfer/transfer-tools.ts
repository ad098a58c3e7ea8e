/** What all parts of a transfer work with. */
import type { PhysicalUid } from "../../worker/core/ids.ts";
import type { Cluster } from "../cluster.ts";
import type { ClusterView } from "../cluster-view.ts";
import type { Replication } from "../replication.ts";
import type { LogStore } from "../storage/log-store.ts";
import type { CopyPace } from "./copy-pace.ts";
import type { KnownDisks, NodeAccess } from "./node-access.ts";
import type { TransferStore } from "./transfer-store.ts";

export interface TransferTools {
  readonly physical: PhysicalUid;
  readonly store: LogStore;
  readonly transfers: TransferStore;
  readonly replication: Replication;
  readonly cluster: DurableObjectStub<Cluster>;
  readonly view: ClusterView;
  readonly access: NodeAccess & KnownDisks;
  readonly pace: CopyPace;
  readonly now: () => number;
  readonly random: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}
