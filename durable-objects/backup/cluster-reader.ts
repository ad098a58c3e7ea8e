/** The cluster as a long job reads it: every request under a lease that is alive when it is sent. */
import type { TopologyLease } from "../../worker/cluster/topology-lease.ts";
import type { PhysicalUid } from "../../worker/core/ids.ts";
import { SEARCH_DEADLINE_MS } from "../../worker/core/limits.ts";
import type { IndexEntry, Topology } from "../../worker/core/topology/topology.ts";
import type { NodeClient } from "../../worker/nodes/node-client.ts";
import type { DocumentsQuery } from "../../worker/search/documents-request.ts";
import type { ReadContext } from "../../worker/search/read-context.ts";
import type { Cluster } from "../cluster.ts";
import type { Source } from "./document-stream.ts";

export interface ReaderTools {
  readonly cluster: DurableObjectStub<Cluster>;
  readonly lease: TopologyLease;
  readonly nodes: NodeClient;
  readonly now: () => number;
}

export class ClusterReader {
  readonly #tools: ReaderTools;

  constructor(tools: ReaderTools) {
    this.#tools = tools;
  }

  get nodes(): NodeClient {
    return this.#tools.nodes;
  }

  get cluster(): DurableObjectStub<Cluster> {
    return this.#tools.cluster;
  }

  get now(): number {
    return this.#tools.now();
  }

  async topology(): Promise<Topology> {
    return await this.#tools.lease.topology(() => this.#tools.cluster);
  }

  /** The documents of an index, whatever it is called meanwhile. */
  source(physical: PhysicalUid, filter: DocumentsQuery["filter"]): Source {
    return {
      filter,
      open: async () => {
        const read = await this.#read();
        const index = find(read.topology, physical);
        if (index === undefined) throw new Error("the index was deleted while it was read");
        return { read, index };
      },
    };
  }

  async #read(): Promise<ReadContext> {
    const { nodes, now, lease, cluster } = this.#tools;
    return {
      topology: await this.topology(),
      refreshed: () => lease.refreshed(() => cluster),
      isLeased: (topology) => lease.isLeased(topology),
      isReadable: async (node, physical) => await cluster.isReadable(node, physical),
      nodes,
      now,
      deadlineAt: now() + SEARCH_DEADLINE_MS,
      policy: "error",
    };
  }
}

function find({ indexes }: Topology, physical: PhysicalUid): IndexEntry | undefined {
  return [...indexes.values()].find((index) => index.physical === physical);
}
