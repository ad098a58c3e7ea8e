/**
 * Which nodes readers must filter by shard, because shards come to them or leave them. Announced for
 * all transfers that wait at once, so that many cost the wait for leases once.
 */
import type { NodeId } from "../../worker/core/ids.ts";
import type { ShardChange } from "../../worker/core/transfer/shard-change.ts";
import type { TransferTools } from "./transfer-tools.ts";

export class MixedNodes {
  readonly #tools: TransferTools;
  /** Nodes that every reader filters. */
  readonly #known = new Set<NodeId>();

  constructor(tools: TransferTools) {
    this.#tools = tools;
  }

  /** Resolves when no reader is left that does not filter the change's nodes. */
  async announce(change: ShardChange): Promise<void> {
    const { transfers, cluster, view, physical } = this.#tools;
    if (nodesOf(change).every((node) => this.#known.has(node))) return;
    const open = transfers.open().flatMap((transfer) => nodesOf(transfer.change));
    const left = transfers.leftovers().map(({ node }) => node);
    const mixed = [...new Set([...this.#known, ...open, ...left])].toSorted();
    transfers.setFlag("mixed", true);
    await view.leasesEnded(await cluster.place(physical, { shards: [], mixed }));
    for (const node of mixed) this.#known.add(node);
  }

  /** With nothing on its way, only nodes that could not be cleaned are filtered. */
  async settle(): Promise<void> {
    const { transfers, cluster, physical } = this.#tools;
    if (transfers.open().length > 0 || !transfers.flag("mixed")) return;
    const mixed = [...new Set(transfers.leftovers().map(({ node }) => node))];
    this.#known.clear();
    await cluster.place(physical, { shards: [], mixed });
    if (mixed.length === 0 && transfers.open().length === 0) transfers.setFlag("mixed", false);
  }
}

function nodesOf({ target, drop }: ShardChange): readonly NodeId[] {
  return [target, drop].filter((node) => node !== null);
}
