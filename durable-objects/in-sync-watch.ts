/**
 * How many in-sync replicas each shard must keep (`minInSync`), and why tasks wait when they do. An
 * index never gets below it: a replica that cannot be reached stays in the set and tasks stay
 * enqueued, while writes are still accepted into the log. The reason is told once, when the waiting
 * begins, and again with every status.
 */
import type { NodeId } from "../worker/core/ids.ts";
import { shortShards } from "../worker/core/placement/sole-replicas.ts";
import type { ShardMap } from "../worker/core/topology/topology.ts";
import { report } from "./report.ts";
import type { LogStatus, TasksWaiting } from "./rpc.ts";
import type { LogStore } from "./storage/log-store.ts";

export class InSyncWatch {
  readonly #store: LogStore;
  /** What the last try to reach each node failed of; in memory, for the next try says it again. */
  readonly #troubles = new Map<NodeId, string>();
  #told = "";

  constructor(store: LogStore) {
    this.#store = store;
  }

  get min(): number {
    return Number(this.#store.fact("minInSync") ?? 1);
  }

  failed(node: NodeId, reason: string): void {
    this.#troubles.set(node, reason);
  }

  recovered(node: NodeId): void {
    this.#troubles.delete(node);
  }

  /** Whether tasks have to wait for replicas to come back; tells the operator when that begins. */
  isShort(index: string, shardMap: ShardMap): boolean {
    const waiting = this.#waiting(shardMap);
    const told = JSON.stringify(waiting);
    if (waiting !== null && told !== this.#told) report("tasks_wait", { index, ...waiting });
    this.#told = told;
    return this.#short(shardMap) > 0;
  }

  status(shardMap: ShardMap, bytesMax: number): LogStatus {
    return {
      head: this.#store.head(),
      finishedTo: this.#store.finishedTo(),
      bytes: this.#store.size,
      bytesMax,
      minInSync: this.min,
      replicas: this.#store.replicas().map(({ node, standing, cursor }) => {
        return { node, standing, cursor, trouble: this.#troubles.get(node) ?? null };
      }),
      waiting: this.#waiting(shardMap),
    };
  }

  #short(shardMap: ShardMap): number {
    const counts = (node: NodeId): boolean => this.#store.replica(node).standing === "in-sync";
    return shortShards(shardMap, counts, this.min).length;
  }

  #waiting(shardMap: ShardMap): TasksWaiting | null {
    const head = this.#store.head();
    if (this.#store.finishedTo() === head) return null;
    const replicas = this.#store.replicas();
    const shards = this.#short(shardMap);
    if (shards > 0) {
      const away = replicas.filter(({ standing }) => standing !== "in-sync");
      return { kind: "min-in-sync", shards, nodes: away.map(({ node }) => node) };
    }
    const stuck = replicas.filter(
      ({ node, standing, cursor }) =>
        standing !== "lagging" && cursor < head && this.#troubles.has(node),
    );
    return stuck.length === 0 ? null : { kind: "replicas", nodes: stuck.map(({ node }) => node) };
  }
}
