/**
 * Carries out an index's transfers, one after the other: acts on the stored state of the first that
 * is not over, and stores what was seen before it goes on. It may be killed anywhere: whatever it
 * does, it can do again.
 */
import { instant, type NodeId, type ShardId } from "../../worker/core/ids.ts";
import { backoffMs } from "../../worker/core/log/backoff.ts";
import { exchangedNodes, withShards } from "../../worker/core/topology/place-shards.ts";
import type { ShardMap } from "../../worker/core/topology/topology.ts";
import { isOver, targetOf, type ShardChange } from "../../worker/core/transfer/shard-change.ts";
import {
  deliversToTarget,
  step,
  type Cut,
  type Observation,
} from "../../worker/core/transfer/transfer.ts";
import { Repeater } from "../repeater.ts";
import { report } from "../report.ts";
import { repairReplica } from "./comparison.ts";
import { copyShard, verifyCopy, type Copy } from "./copy-shard.ts";
import { chooseSource, fenceFor, obstacleTo, standing, until } from "./fence.ts";
import { isInSync } from "./in-sync.ts";
import { demandIntact, keptAsLast } from "./intact.ts";
import { cleanNode, partGone } from "./leftovers.ts";
import { MixedNodes } from "./mixed-nodes.ts";
import { TransferFault } from "./node-access.ts";
import { patiently } from "./patience.ts";
import { primaryKeyOn, shardPage } from "./shard-pages.ts";
import { beginIndex, emptyShard } from "./shard-writes.ts";
import { replaceReplica } from "./rebuild.ts";
import type { TransferTools } from "./transfer-tools.ts";
import type { StoredTransfer } from "./transfer-store.ts";

/** Attempts to delete a dropped shard before it is left for later. */
const DROP_ATTEMPTS = 3;

export class TransferRunner {
  readonly #tools: TransferTools;
  readonly #mixed: MixedNodes;
  readonly #repeater = new Repeater(() => this.#run());
  /** Nodes that alone had some shards and lost them. */
  readonly #awaiting = new Set<NodeId>();
  #standingSince = 0;

  constructor(tools: TransferTools) {
    this.#tools = tools;
    this.#mixed = new MixedNodes(tools);
  }

  /** Whether nothing is left to do, now or later. */
  isIdle(): boolean {
    const { transfers } = this.#tools;
    const isDone = transfers.open().length === 0 && transfers.leftovers().length === 0;
    const isWhole = transfers.distrusted().length === 0 && transfers.repairs().length === 0;
    return isDone && isWhole && !transfers.flag("mixed");
  }

  /** Goes on with what there is; resolves when there is nothing to do now. */
  wake(): Promise<void> {
    return this.#repeater.run();
  }

  request(changes: readonly ShardChange[]): void {
    for (const change of changes) this.#tools.transfers.add(change);
  }

  /** Ends those that have not come to their switch; what they copied is deleted again. */
  cancel(ids: readonly string[]): void {
    for (const id of ids) this.#see(id, { kind: "canceled", error: null });
  }

  /** The placement that readers may follow at any moment now. */
  mapSoon(): ShardMap | undefined {
    const switching = this.#tools.transfers.open().find(({ state }) => state.kind === "switching");
    return switching === undefined ? undefined : this.#mapAfter(switching.change);
  }

  async #run(): Promise<void> {
    this.#awaiting.clear();
    for (;;) {
      try {
        if (!(await this.#advance())) return;
      } catch (error) {
        const { physical, sleep, random } = this.#tools;
        report("transfer_failed", { index: physical, error: String(error) });
        await sleep(backoffMs(3, random()));
      }
    }
  }

  /** One step further; false when there is nothing to do now. */
  async #advance(): Promise<boolean> {
    const { transfers, replication, store, cluster, view } = this.#tools;
    await replication.replicas.open();
    if (store.fact("closed") !== undefined) {
      const ended = { kind: "canceled", error: "the index was deleted" } as const;
      for (const { change } of transfers.open()) {
        const { target, shard } = change;
        const { state } = this.#see(change.id, ended);
        // Also of one that had not begun: an old disk may hold the index that it was to copy anew.
        const isHolder = target === null || replication.replicas.shardsOf(target).has(shard);
        if (state.kind === "canceled" && !isHolder) transfers.addLeftover({ node: target, shard });
      }
      await partGone(this.#tools);
    }
    const open = transfers.open();
    for (const node of transfers.distrusted()) {
      if (!this.#awaiting.has(node)) return await this.#replace(node);
    }
    const [repair] = transfers.repairs();
    if (repair !== undefined) {
      await repairReplica(this.#tools, this.#mixed, repair);
      return true;
    }
    const active = open.find(({ state }) => state.kind !== "queued" && state.kind !== "dropping");
    if (active !== undefined) return await this.#attempt(active);
    const dropping = open.find(({ state }) => state.kind === "dropping");
    if (dropping?.state.kind === "dropping") {
      // While leases last there is time for the next transfer.
      const waitMs = await cluster.leaseWaitMs(dropping.state.epoch);
      if (waitMs <= 0) return await this.#attempt(dropping);
    }
    const queued = await this.#startable(open);
    if (queued !== undefined) {
      // Rather now than while nodes stand still.
      if (await this.#tools.pace.isBehind()) return true;
      this.#see(queued.change.id, { kind: "started" });
      return true;
    }
    if (dropping?.state.kind === "dropping") {
      await view.leasesEnded(dropping.state.epoch);
      return true;
    }
    await this.#cleanAll();
    await this.#mixed.settle();
    return transfers.open().some(({ state }) => state.kind !== "queued");
  }

  /** The first that can begin: one whose target is away waits for it, and holds nobody up. */
  async #startable(open: readonly StoredTransfer[]): Promise<StoredTransfer | undefined> {
    const { transfers, view, now } = this.#tools;
    for (const transfer of open.filter(({ state }) => state.kind === "queued")) {
      const { target } = transfer.change;
      if (target === null) return transfer;
      const node = await view.endpoint(target, now());
      const isAway = node?.health === "unreachable" || node?.health === "incompatible";
      if (!isAway && !transfers.isDistrusted(target)) return transfer;
    }
    return undefined;
  }

  /** Shards that nobody else has are looked for again with the next visit. */
  async #replace(node: NodeId): Promise<boolean> {
    const lost = await replaceReplica(this.#tools, node);
    if (lost.length > 0) {
      this.#awaiting.add(node);
      report("shards_lost", { index: this.#tools.physical, node, shards: lost });
    }
    return true;
  }

  /** What nodes still hold is deleted as soon as they can be reached; nothing waits for it. */
  async #cleanAll(): Promise<void> {
    const { transfers, physical } = this.#tools;
    for (const node of new Set(transfers.leftovers().map((leftover) => leftover.node))) {
      try {
        await cleanNode(this.#tools, node);
      } catch (error) {
        report("leftovers_stay", { index: physical, node, error: String(error) });
      }
    }
  }

  async #attempt(transfer: StoredTransfer): Promise<boolean> {
    const { physical, sleep, random } = this.#tools;
    const { id, shard } = transfer.change;
    try {
      await this.#act(transfer);
    } catch (error) {
      const reason = error instanceof TransferFault ? error.message : String(error);
      const after = this.#see(id, { kind: "faulted", error: reason });
      const phase = transfer.state.kind;
      report("transfer_faulted", { index: physical, transfer: id, shard, phase, reason });
      await sleep(backoffMs(after.failures, random()));
    }
    return true;
  }

  async #act(transfer: StoredTransfer): Promise<void> {
    const { state, change } = transfer;
    switch (state.kind) {
      case "announcing":
        await this.#mixed.announce(change);
        this.#see(change.id, { kind: "announced" });
        return;
      case "fencing":
        return await this.#fence(transfer, targetOf(change));
      case "copying":
        return await this.#copy(transfer, { ...state.cut, target: targetOf(change) });
      case "verifying":
        return await this.#verify(transfer, { ...state.cut, target: targetOf(change) });
      case "catchingUp":
        return await this.#catchUp(change, targetOf(change));
      case "switching":
        return await this.#switch(change);
      case "dropping":
        return await this.#drop(transfer);
      case "queued":
      case "done":
      case "failed":
      case "canceled":
    }
  }

  async #fence(transfer: StoredTransfer, target: NodeId): Promise<void> {
    const { change, failures } = transfer;
    const { replication, store, transfers, physical, access } = this.#tools;
    const { replicas } = replication;
    const holding = replicas.placement.shardMap[change.shard];
    const obstacle = await obstacleTo(this.#tools, target, holding);
    if (obstacle !== undefined) {
      return void this.#see(change.id, { kind: "canceled", error: obstacle });
    }
    await this.#unread(change.shard, target);
    await cleanNode(this.#tools, target);
    const source = await chooseSource(this.#tools, change, failures);
    let cut: Cut | undefined;
    await until(this.#tools, "the index does not come to rest", () => {
      const fence = fenceFor(this.#tools, source, target);
      if (fence === undefined) return `${store.finishedTo()}/${store.replica(target).cursor}`;
      cut = { source, fence };
      this.#see(change.id, { kind: "fenced", cut });
      return true;
    });
    if (cut === undefined) return;
    // As of the fence: while the source stands, tasks may go on without it.
    const settings = replication.settings();
    this.#standingSince = this.#tools.now();
    await standing(this.#tools, cut, target);
    const isNew = replicas.feed(target) === undefined;
    const on = (node: NodeId) => ({ node, physical, shard: change.shard });
    const exists = cut.fence > 0;
    if (exists && !isNew) await emptyShard(access, on(target));
    else if (exists) {
      const primaryKey = await primaryKeyOn(access, on(source));
      await beginIndex(access, on(target), primaryKey, settings);
    }
    const none = { offset: 0, limit: 0, vectors: false };
    const total = exists ? (await shardPage(access, on(source), none)).total : 0;
    if (transfers.get(change.id)?.state.kind !== "fencing") return;
    // What was left from before is gone now, and must not be cleaned away later.
    transfers.removeLeftovers([{ node: target, shard: change.shard }]);
    if (isNew) replicas.join(target, cut.fence);
    this.#see(change.id, { kind: "stopped", total });
  }

  /** A shard that comes back to a node it is about to leave begins anew there: not while leases lead to it. */
  async #unread(shard: ShardId, node: NodeId): Promise<void> {
    for (const { change, state } of this.#tools.transfers.open()) {
      if (state.kind !== "dropping" || change.shard !== shard || change.drop !== node) continue;
      await this.#tools.view.leasesEnded(state.epoch);
    }
  }

  async #copy(transfer: StoredTransfer, copy: Copy): Promise<void> {
    const { id } = transfer.change;
    await patiently(this.#tools, copy, this.#standingSince, async () => {
      await copyShard(this.#tools, copy, transfer, async (page) => {
        this.#see(id, { kind: "copied", documents: page.documents.length, bytes: page.bytes });
        const isCopying = () => this.#tools.transfers.get(id)?.state.kind === "copying";
        await this.#tools.pace.copied(page, isCopying);
        return isCopying();
      });
    });
    this.#see(id, { kind: "copiedAll" });
  }

  async #verify(transfer: StoredTransfer, copy: Copy): Promise<void> {
    const verify = async () => await verifyCopy(this.#tools, copy, transfer);
    await patiently(this.#tools, copy, this.#standingSince, verify);
    // What was copied from an old disk is the same as on it.
    await demandIntact(this.#tools, [copy.source, copy.target]);
    this.#see(transfer.change.id, { kind: "matched" });
  }

  async #catchUp({ id }: ShardChange, target: NodeId): Promise<void> {
    const { store, transfers, replication } = this.#tools;
    void replication.replicas.feed(target)?.wake();
    await until(this.#tools, `${target} does not catch up`, () => {
      if (transfers.get(id)?.state.kind !== "catchingUp") return true;
      if (transfers.isDistrusted(target)) throw new TransferFault(`${target} has lost the shard`);
      const { standing: stands, cursor } = store.replica(target);
      if (stands !== "in-sync" || cursor < store.finishedTo()) return `${stands} ${cursor}`;
      this.#see(id, { kind: "caughtUp" });
      return true;
    });
  }

  /** Readers first, the log's own placement in the turn that stores the step. */
  async #switch(change: ShardChange): Promise<void> {
    const { cluster, physical, replication, view } = this.#tools;
    const { replicas } = replication;
    const { target, shard } = change;
    const shardMap = this.#mapAfter(change);
    const nodes = shardMap[shard] ?? [];
    const isThere = target === null || (await cluster.isIntact(target, physical));
    if (!isThere || (target !== null && !isInSync(this.#tools, target))) {
      const before = replicas.placement.shardMap[shard] ?? [];
      // An answer may have been lost, and readers follow it.
      await view.leasesEnded(await cluster.place(physical, { shards: [[shard, before]] }));
      this.#see(change.id, { kind: "lost" });
      return;
    }
    if (!nodes.some((node) => isInSync(this.#tools, node))) {
      throw new TransferFault("no other replica of the shard is in sync");
    }
    const epoch = await cluster.place(physical, { shards: [[shard, nodes]] });
    replicas.place({ ...replicas.placement, shardMap });
    this.#see(change.id, { kind: "switched", epoch });
    report("shard_placed", { index: physical, shard, nodes });
  }

  async #drop({ change, failures }: StoredTransfer): Promise<void> {
    const { id, shard, drop } = change;
    if (drop !== null) {
      const { transfers, replication, view, now } = this.#tools;
      const { replicas } = replication;
      // Another change has brought it back while leases lasted.
      if (replicas.placement.shardMap[shard]?.includes(drop) === true) {
        return void this.#see(id, { kind: "dropped" });
      }
      if (await keptAsLast(this.#tools, shard, drop)) return void this.#see(id, { kind: "lost" });
      const left = (replicas.placement.delivered[shard] ?? []).filter((node) => node !== drop);
      transfers.addLeftover({ node: drop, shard });
      const delivered = withShards(replicas.placement.delivered, [[shard, left]]);
      replicas.place({ ...replicas.placement, delivered });
      try {
        await cleanNode(this.#tools, drop);
      } catch (error) {
        const node = await view.endpoint(drop, now());
        if (node?.health === "healthy" && failures < DROP_ATTEMPTS) throw error;
      }
    }
    this.#see(id, { kind: "dropped" });
  }

  #mapAfter(change: ShardChange): ShardMap {
    const { shardMap } = this.#tools.replication.replicas.placement;
    const nodes = exchangedNodes(shardMap[change.shard] ?? [], change);
    return withShards(shardMap, [[change.shard, nodes]]);
  }

  /** Stores what follows, with what the log delivers from then on. */
  #see(id: string, seen: Observation): StoredTransfer {
    const { transfers, now, replication } = this.#tools;
    const before = transfers.get(id);
    if (before === undefined) throw new Error(`there is no transfer ${id}`);
    const next = step(before, seen);
    if (next === before) return before;
    const after = {
      ...before,
      ...next,
      startedAt: before.startedAt ?? instant(now()),
      finishedAt: isOver(next.state.kind) ? instant(now()) : null,
    };
    transfers.put(after);
    if (before.state !== after.state) {
      this.#align(before, after);
      for (const feed of replication.replicas.feeds) void feed.wake();
    }
    return after;
  }

  /** The target gets the shard's documents from its fence on; what was given up is deleted there. */
  #align(before: StoredTransfer, { state, change }: StoredTransfer): void {
    const { shard, target } = change;
    const { replication, transfers } = this.#tools;
    const { replicas } = replication;
    if (target === null || before.state.kind === "queued") return;
    // From its switch on the placement says who gets the shard, whatever becomes of the target.
    if (state.kind === "dropping" || state.kind === "done") return;
    const { shardMap, delivered } = replicas.placement;
    if (shardMap[shard] === undefined || shardMap[shard].includes(target)) return;
    const getting = delivered[shard] ?? [];
    const others = getting.filter((node) => node !== target);
    const wanted = deliversToTarget(state) ? [...others, target] : others;
    replicas.place({ ...replicas.placement, delivered: withShards(delivered, [[shard, wanted]]) });
    if (isOver(state.kind)) transfers.addLeftover({ node: target, shard });
  }
}
