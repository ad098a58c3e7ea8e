/** An index's transfers as its log offers them: asked for, looked at, paused and canceled. */
import type { LogOffset, NodeId } from "../../worker/core/ids.ts";
import type {
  ReplicaState,
  ShardChange,
  TransferStatus,
} from "../../worker/core/transfer/shard-change.ts";
import { limitFor } from "../../worker/core/transfer/transfer.ts";
import type { ShardMap } from "../../worker/core/topology/topology.ts";
import type { NodeClient } from "../../worker/nodes/node-client.ts";
import { WatchedClient } from "../delivery/watched-client.ts";
import type { Replication } from "../replication.ts";
import { TransferRunner } from "./transfer-runner.ts";
import { TransferStore, type StoredTransfer } from "./transfer-store.ts";
import type { TransferTools } from "./transfer-tools.ts";

type Common = Omit<TransferTools, "transfers" | "replication" | "access"> & {
  readonly client: NodeClient;
};

export class Transfers {
  readonly #store: TransferStore;
  readonly #runner: TransferRunner;
  readonly #tools: TransferTools;

  constructor(sql: SqlStorage, replication: Replication, { client, ...common }: Common) {
    this.#store = new TransferStore(sql);
    const { view, now, sleep } = common;
    this.#tools = {
      ...common,
      replication,
      transfers: this.#store,
      access: {
        client: new WatchedClient(client, sleep),
        endpoint: (node) => view.endpoint(node, now()),
        sleep,
      },
    };
    this.#runner = new TransferRunner(this.#tools);
  }

  isIdle(): boolean {
    return this.#runner.isIdle();
  }

  async wake(): Promise<void> {
    await this.#runner.wake();
  }

  request(changes: readonly ShardChange[]): void {
    this.#runner.request(changes);
  }

  cancel(ids: readonly string[]): void {
    const known = ids.filter((id) => this.#store.get(id) !== undefined);
    this.#runner.cancel(known);
  }

  pause(paused: boolean): void {
    this.#store.setFlag("paused", paused);
  }

  statuses(): readonly TransferStatus[] {
    return this.#store.all().map(statusOf);
  }

  /** The offset beyond which a node gets nothing for now. */
  limitOf(node: NodeId): LogOffset | undefined {
    for (const transfer of this.#store.open()) {
      const limit = limitFor(transfer, node);
      if (limit !== undefined) return limit;
    }
    return undefined;
  }

  mapSoon(): ShardMap | undefined {
    return this.#runner.mapSoon();
  }

  async replicaStates(): Promise<readonly ReplicaState[]> {
    const { store, replication } = this.#tools;
    await replication.replicas.open();
    const head = store.head();
    return store.replicas().map(({ node, cursor, standing }) => ({
      node,
      cursor,
      head,
      standing,
      shards: [...replication.replicas.shardsOf(node)],
    }));
  }
}

function statusOf(stored: StoredTransfer): TransferStatus {
  const { change, state, copied, total, bytes, error, startedAt, finishedAt } = stored;
  const documents = { copied, total };
  return { ...change, phase: state.kind, documents, bytes, error, startedAt, finishedAt };
}
