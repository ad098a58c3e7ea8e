/** The logs of indexes as the control loop speaks to them: one Durable Object per physical index. */
import type { PhysicalUid, ShardId } from "../../worker/core/ids.ts";
import type {
  ShardChange,
  ShardReport,
  TransferStatus,
} from "../../worker/core/transfer/shard-change.ts";
import type { ReshardState } from "../../worker/core/reshard/reshard-state.ts";
import type { IndexLog } from "../index-log.ts";
import type { ShardLogs } from "./ports.ts";

export class IndexLogs implements ShardLogs {
  readonly #logs: DurableObjectNamespace<IndexLog>;

  constructor(logs: DurableObjectNamespace<IndexLog>) {
    this.#logs = logs;
  }

  async transfer(index: PhysicalUid, changes: readonly ShardChange[]): Promise<void> {
    await this.#logs.getByName(index).transfer(changes);
  }

  async transfers(index: PhysicalUid): Promise<readonly TransferStatus[]> {
    return await this.#logs.getByName(index).transfers();
  }

  async cancel(index: PhysicalUid, ids: readonly string[]): Promise<void> {
    await this.#logs.getByName(index).cancelTransfers(ids);
  }

  async verify(index: PhysicalUid, shard: ShardId): Promise<ShardReport> {
    return await this.#logs.getByName(index).verify(shard, true);
  }

  async reshard(index: PhysicalUid, id: string, shardCount: number): Promise<boolean> {
    return await this.#logs.getByName(index).reshard(id, shardCount);
  }

  async reshardState(index: PhysicalUid): Promise<ReshardState | undefined> {
    return await this.#logs.getByName(index).reshardState();
  }

  async cancelReshard(index: PhysicalUid, id: string): Promise<void> {
    await this.#logs.getByName(index).cancelReshard(id);
  }
}
