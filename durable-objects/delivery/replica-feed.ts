/**
 * Feeds the log to one node, in order, one group at a time, at the feed's own pace. Nodes do not
 * wait for each other except around structural entries, which start when everything before them has
 * finished and hold back what follows until they have finished themselves.
 */
import { errorBody } from "../../worker/core/errors/api-error.ts";
import { logOffset, type LogOffset, type NodeId, type ShardId } from "../../worker/core/ids.ts";
import { GROUP_BYTES_MAX, GROUP_ENTRIES_MAX } from "../../worker/core/limits.ts";
import { backoffMs } from "../../worker/core/log/backoff.ts";
import { leadingGroup } from "../../worker/core/log/group.ts";
import { isStructural } from "../../worker/core/log/operation.ts";
import type { NodeEndpoint } from "../../worker/core/topology/topology.ts";
import type { Entry, Flight, Replica } from "../storage/log-rows.ts";
import { Repeater } from "../repeater.ts";
import { report } from "../report.ts";
import {
  failsByDocument,
  isRestoring,
  isSkipped,
  isTaken,
  isUnasked,
  isUnread,
  mustSucceed,
} from "./entry-outcome.ts";
import { deliverInParts, touchedShards } from "./in-parts.ts";
import type { FeedTools } from "./feed-tools.ts";
import { AGREEMENT_POLL_MS } from "./refusals.ts";
import { SameDisk, type DiskState } from "./same-disk.ts";
import { WatchedClient } from "./watched-client.ts";
import {
  awaitFlight,
  type Absent,
  type Unreachable,
  deliver,
  type Delivered,
  type DeliveryTools,
  type Group,
} from "./delivery.ts";

export interface UnderWay {
  /** The last offset of the group. */
  readonly to: LogOffset;
  /** The shards whose documents travel. */
  readonly shards: ReadonlySet<ShardId>;
}

type Next =
  | { readonly kind: "idle" }
  /** Something else must finish first; the feed is woken then. */
  | { readonly kind: "blocked" }
  /** Something has to be read from nodes before any of them gets it. */
  | { readonly kind: "unexamined"; readonly entry: Entry }
  | { readonly kind: "skip"; readonly to: Entry }
  | { readonly kind: "group"; readonly entries: readonly [Entry, ...Entry[]] };

const NONE: ReadonlySet<ShardId> = new Set();

export class ReplicaFeed {
  readonly #tools: FeedTools;
  readonly #delivery: DeliveryTools;
  readonly #node: NodeId;
  readonly #repeater = new Repeater(() => this.#run());
  #failures = 0;
  #troubleSince: number | undefined;
  /** How often an entry was tried again that this replica refuses and others took. */
  #retries = 0;
  /** Entries up to here go one by one: a group of them failed, and one of them is to blame. */
  #aloneTo = logOffset(0);
  #underWay: UnderWay | undefined;
  #isStopped = false;

  constructor(tools: FeedTools, node: NodeId) {
    this.#tools = tools;
    const client = new WatchedClient(tools.client, tools.sleep);
    const disk = new SameDisk(client, tools.store, tools.physical, node);
    this.#delivery = { ...tools, client, disk };
    this.#node = node;
  }

  /** Starts the feed, or makes a running one look again; resolves when it has nothing to do. */
  wake(): Promise<void> {
    return this.#repeater.run();
  }

  /** The group that is being delivered, as it was when it was chosen. */
  get underWay(): UnderWay | undefined {
    return this.#underWay;
  }

  /** The offset that the node will have applied when nothing more is sent to it. */
  get end(): LogOffset {
    const { cursor, flight } = this.#tools.store.replica(this.#node);
    return logOffset(Math.max(cursor, flight?.to ?? 0, this.#underWay?.to ?? 0));
  }

  /** Whether the node has what it took; `unknown` when it does not say. */
  async disk(): Promise<DiskState> {
    if (this.#tools.store.replica(this.#node).cursor === 0) return "same";
    const endpoint = await this.#tools.endpoint(this.#node);
    return endpoint === undefined ? "unknown" : await this.#delivery.disk.look(endpoint);
  }

  /** Ends it for good; resolves when nothing of it is under way. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#repeater.run();
  }

  /** Nothing ends it but the end of its work: whatever fails is tried again. */
  async #run(): Promise<void> {
    for (;;) {
      try {
        if (!(await this.#advance())) return;
      } catch (error) {
        await this.#tools.sleep(backoffMs((this.#failures += 1), this.#tools.random()));
        report("feed_failed", { node: this.#node, error: String(error) });
      }
    }
  }

  /** One group further; false when there is nothing to do now. */
  async #advance(): Promise<boolean> {
    const { store, onApplied } = this.#tools;
    if (this.#isStopped) return false;
    const replica = store.replica(this.#node);
    const next = this.#next(replica);
    switch (next.kind) {
      case "idle":
      case "blocked":
        // What it waits for may wait for this replica to be in sync again.
        await onApplied(this.#node);
        return false;
      case "skip":
        await this.#skip(next.to);
        return true;
      case "unexamined":
        // And then all is looked at anew: a fence may have been put before it meanwhile.
        await this.#examine(next.entry);
        return true;
      case "group":
        await this.#deliver(next.entries);
        // A node that took nothing shows no sign of coming back.
        if (store.replica(this.#node).cursor > replica.cursor) await onApplied(this.#node);
        return true;
    }
  }

  /** Whatever goes wrong on the way to a node is a reason to try again, never to stop. */
  async #attempt<T>(job: (endpoint: NodeEndpoint) => Promise<T>): Promise<T | Unreachable> {
    try {
      const endpoint = await this.#tools.endpoint(this.#node);
      if (endpoint !== undefined) return await job(endpoint);
      return { kind: "unreachable", reason: "the node is not one of the cluster's" };
    } catch (error) {
      return { kind: "unreachable", reason: String(error) };
    }
  }

  async #send(group: Group): Promise<Delivered> {
    return await this.#attempt((endpoint) => deliver(this.#delivery, endpoint, group));
  }

  #next(replica: Replica): Next {
    const { store } = this.#tools;
    const limit = this.#tools.limitOf(this.#node) ?? Infinity;
    if (replica.cursor >= limit) return { kind: "blocked" };
    const [first] = store.entriesAfter(replica.cursor, 1);
    if (first === undefined) return { kind: "idle" };
    if (first.task !== null && first.uid === null) return { kind: "blocked" };
    const before = store.entryAt(replica.cursor);
    if (before !== undefined && !before.done && isStructural(before.operation.kind)) {
      return { kind: "blocked" };
    }
    if (
      isStructural(first.operation.kind) &&
      !first.done &&
      store.finishedTo() < first.offset - 1
    ) {
      return { kind: "blocked" };
    }
    return this.#nextFrom(this.#tools.decided(first), replica, limit);
  }

  #nextFrom(first: Entry, { flight }: Replica, limit: number): Next {
    const { store } = this.#tools;
    if (isSkipped(first)) return { kind: "skip", to: first };
    if (isUnread(first) || isUnasked(first)) {
      // It is about what is stored when everything before it is over.
      if (store.finishedTo() < first.offset - 1) return { kind: "blocked" };
      return { kind: "unexamined", entry: first };
    }
    // Read only now: most kinds travel alone.
    const mayHaveOthers = first.operation.kind === "writeDocuments";
    const others = mayHaveOthers
      ? store
          .entriesAfter(first.offset, GROUP_ENTRIES_MAX - 1)
          .filter(({ offset }) => offset <= limit)
      : [];
    // Shards that go without it must not go without those behind it.
    const { refusals, shardsOf } = this.#tools;
    if (refusals.gone(first, shardsOf(this.#node)).size > 0)
      return { kind: "group", entries: [first] };
    if (flight !== null) {
      return {
        kind: "group",
        entries: [first, ...others.filter(({ offset }) => offset <= flight.to)],
      };
    }
    if (first.offset <= this.#aloneTo) return { kind: "group", entries: [first] };
    const ready = [first, ...this.#writesOf(others)];
    const limits = { entriesMax: GROUP_ENTRIES_MAX, bytesMax: GROUP_BYTES_MAX };
    const size = Math.max(1, leadingGroup(ready, limits).length);
    return { kind: "group", entries: [first, ...ready.slice(1, size)] };
  }

  /** Those that may travel with a write before them; no settings change lies in between. */
  #writesOf(others: readonly Entry[]): readonly Entry[] {
    const writes: Entry[] = [];
    for (const entry of others) {
      const { task, uid, canceledBy, error } = entry;
      if ((task !== null && uid === null) || canceledBy !== null || error !== null) break;
      if (entry.operation.kind !== "writeDocuments") break;
      const decided = this.#tools.decided(entry);
      if (decided.operation.kind !== "writeDocuments" || isUnasked(decided)) break;
      writes.push(decided);
    }
    return writes;
  }

  /** What is on its way to the node all the same has to be over first, as it keeps its place. */
  async #skip(entry: Entry): Promise<void> {
    const { flight } = this.#tools.store.replica(this.#node);
    const awaited = flight === null ? undefined : await this.#awaited(flight);
    if (awaited?.kind === "unreachable") {
      return await this.#pause(awaited.reason, this.#tools.now());
    }
    if (awaited !== undefined) this.#recovered();
    this.#moveCursor(entry);
  }

  async #awaited(flight: Flight): Promise<Delivered | Absent> {
    return await this.#attempt((endpoint) => awaitFlight(this.#delivery, endpoint, flight));
  }

  async #deliver(entries: readonly [Entry, ...Entry[]]): Promise<void> {
    const { store, now } = this.#tools;
    const [first] = entries;
    const last = entries.at(-1) ?? first;
    for (const { offset } of entries) store.setStarted(offset, now());
    const startedAt = now();
    const delivered = await this.#outcome(entries);
    const known = store.entryAt(first.offset);
    // Undone meanwhile: the cursor stands before it again.
    if (known?.operation.kind !== first.operation.kind) return;
    switch (delivered.kind) {
      case "applied":
        this.#recovered();
        if (this.#tools.refusals.taken(entries, this.#node, this.#underWay?.shards ?? NONE)) {
          this.#tools.copyAnew(this.#node);
        }
        store.addCount(first.offset, this.#node, delivered.deletedDocuments);
        if (delivered.sizes) store.addSizes(first.offset, this.#node, delivered.sizes);
        this.#moveCursor(last);
        return;
      case "failed":
        if (mustSucceed(first) || (entries.length === 1 && isTaken(known))) {
          // What failed stays failed: it has to be sent anew.
          store.setFlight(this.#node, null);
          return await this.#pause(delivered.error.message, now());
        }
        if (entries.length > 1) {
          this.#recovered();
          this.#aloneTo = last.offset;
          this.#underWay = undefined;
          store.setFlight(this.#node, null);
          return;
        }
        if (!(await this.#agreed(first, delivered.refused ?? []))) {
          await this.#pause(`another replica took what this one refuses`, startedAt);
          return;
        }
        store.setError(
          first.offset,
          JSON.stringify(errorBody(delivered.error.code, delivered.error.message)),
        );
        this.#recovered();
        this.#moveCursor(last);
        return;
      case "unreachable":
        this.#underWay = undefined;
        if (delivered.lost === true) this.#lost();
        // One try may take long to find out, and all that time nothing has moved.
        await this.#pause(delivered.reason, delivered.silent === true ? startedAt : now());
    }
  }

  /** Whether the shards go without the entry on all replicas; known when those that count got to it. */
  async #agreed({ offset }: Entry, refused: readonly ShardId[]): Promise<boolean> {
    const { refusals, shardMap, sleep } = this.#tools;
    if (refused.length === 0) return true;
    refusals.record(offset, this.#node, refused);
    for (;;) {
      const agreement = refusals.agreement(offset, this.#node, refused, await shardMap());
      if (agreement === "agreed") return true;
      if (agreement === "taken") {
        // A name of its own, or the node's old tasks would answer for it.
        this.#retries += 1;
        return false;
      }
      await sleep(AGREEMENT_POLL_MS);
    }
  }

  /** While it cannot be known nobody gets it, which is no trouble of this node. */
  async #examine(entry: Entry): Promise<void> {
    const { examine, random, sleep } = this.#tools;
    try {
      await examine(entry);
    } catch {
      await sleep(backoffMs((this.#failures += 1), random()));
    }
  }

  async #outcome(entries: Group["entries"]): Promise<Delivered> {
    const [first] = entries;
    const context = this.#tools.contextOf(first);
    if ("code" in context) return { kind: "failed", error: context };
    const shards = this.#tools.shardsOf(this.#node);
    this.#underWay = { to: (entries.at(-1) ?? first).offset, shards };
    // Of its own name, so that a flight of what it undoes is not taken for its own.
    const part = isRestoring(first) ? "restore" : null;
    const group: Group = { entries, shards, context, part };
    const gone = this.#tools.refusals.gone(first, shards);
    // A restart came between parts: as a whole it has failed before.
    const { flight } = this.#tools.store.replica(this.#node);
    const isInParts = failsByDocument(first) && flight !== null && flight.part !== null;
    if (!isInParts && gone.size === 0) {
      const delivered = await this.#send(group);
      if (delivered.kind !== "failed" || entries.length > 1) return delivered;
      if (!failsByDocument(first) || mustSucceed(first)) return delivered;
    }
    // Shards that it must go without now may be on their way to the node all the same.
    const late = gone.size > 0 && flight !== null ? await this.#awaited(flight) : undefined;
    if (late?.kind === "unreachable") return late;
    if (late?.kind === "applied" && flight?.part === null) this.#tools.copyAnew(this.#node);
    const refused: ShardId[] = [];
    const wanted = touchedShards(this.#tools.store, first, shards).filter(
      (shard) => !gone.has(shard),
    );
    const retry = this.#retries === 0 ? "" : `~${this.#retries}`;
    const parts = { group, retry, send: (one: Group) => this.#send(one) };
    const delivered = await deliverInParts(parts, wanted, refused);
    return delivered.kind === "failed" ? { ...delivered, refused } : delivered;
  }

  #moveCursor(to: Entry): void {
    const { store } = this.#tools;
    this.#underWay = undefined;
    store.putReplica({ ...store.replica(this.#node), cursor: to.offset, flight: null });
    this.#tools.onProgress();
  }

  #lost(): void {
    this.#tools.store.setFlight(this.#node, null);
    this.#tools.onLost(this.#node, this.#delivery.disk.lastTask);
  }

  #recovered(): void {
    this.#failures = 0;
    this.#retries = 0;
    this.#troubleSince = undefined;
  }

  async #pause(reason: string, since: number): Promise<void> {
    const { now, random, sleep, onTrouble } = this.#tools;
    this.#failures += 1;
    this.#troubleSince ??= since;
    await onTrouble(this.#node, now() - this.#troubleSince, reason);
    await sleep(backoffMs(this.#failures, random()));
  }
}
