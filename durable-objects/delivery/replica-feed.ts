/**
 * Feeds the log to one node, in order, one group at a time, at the feed's own pace. Nodes do not
 * wait for each other except around structural entries, which start when everything before them has
 * finished and hold back what follows until they have finished themselves.
 */
import { errorBody, type ErrorBody } from "../../worker/core/errors/api-error.ts";
import { logOffset, type NodeId, type ShardId } from "../../worker/core/ids.ts";
import { GROUP_BYTES_MAX, GROUP_ENTRIES_MAX } from "../../worker/core/limits.ts";
import { backoffMs } from "../../worker/core/log/backoff.ts";
import { leadingGroup } from "../../worker/core/log/group.ts";
import { isStructural } from "../../worker/core/log/operation.ts";
import type { StepContext } from "../../worker/core/delivery/steps.ts";
import type { NodeEndpoint } from "../../worker/core/topology/topology.ts";
import type { Entry, Replica } from "../storage/log-rows.ts";
import { deliver, type Delivered, type DeliveryTools, type Group } from "./delivery.ts";

export interface FeedTools extends DeliveryTools {
  readonly now: () => number;
  readonly random: () => number;
  /** The node as the Cluster knows it now. */
  readonly endpoint: (node: NodeId) => Promise<NodeEndpoint | undefined>;
  /** Shards that the node holds. */
  readonly shardsOf: (node: NodeId) => ReadonlySet<ShardId>;
  /** What the entry's steps need, or why the entry can only fail. */
  readonly contextOf: (entry: Entry) => StepContext | ErrorBody;
  /** A cursor moved: entries may have finished. */
  readonly onProgress: () => void;
  /** The node has been failing for `sinceMs`. */
  readonly onTrouble: (node: NodeId, sinceMs: number, reason: string) => Promise<void>;
  /** The node has applied everything there is. */
  readonly onCaughtUp: (node: NodeId) => Promise<void>;
}

type Next =
  | { readonly kind: "idle" }
  /** Something else must finish first; the feed is woken then. */
  | { readonly kind: "blocked" }
  | { readonly kind: "skip"; readonly to: Entry }
  | { readonly kind: "group"; readonly entries: readonly [Entry, ...Entry[]] };

export class ReplicaFeed {
  readonly #tools: FeedTools;
  readonly #node: NodeId;
  #running: Promise<void> | undefined;
  #wokenAgain = false;
  #failures = 0;
  #troubleSince: number | undefined;
  /** Entries up to here go one by one: a group of them failed, and one of them is to blame. */
  #aloneTo = logOffset(0);

  constructor(tools: FeedTools, node: NodeId) {
    this.#tools = tools;
    this.#node = node;
  }

  /** Starts the feed, or makes a running one look again; resolves when it has nothing to do. */
  wake(): Promise<void> {
    this.#wokenAgain = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #run(): Promise<void> {
    while (this.#wokenAgain) {
      this.#wokenAgain = false;
      while (await this.#advance());
    }
  }

  /** One group further; false when there is nothing to do now. */
  async #advance(): Promise<boolean> {
    const { store } = this.#tools;
    const replica = store.replica(this.#node);
    const next = this.#next(replica);
    switch (next.kind) {
      case "idle":
        await this.#tools.onCaughtUp(this.#node);
        return false;
      case "blocked":
        return false;
      case "skip":
        this.#moveCursor(next.to);
        return true;
      case "group":
        await this.#deliver(next.entries);
        return true;
    }
  }

  /** Whatever goes wrong on the way to a node is a reason to try again, never to stop. */
  async #attempt(group: Group): Promise<Delivered> {
    try {
      const endpoint = await this.#tools.endpoint(this.#node);
      if (endpoint !== undefined) return await deliver(this.#tools, endpoint, group);
      return { kind: "unreachable", reason: "the node is not part of the cluster" };
    } catch (error) {
      return { kind: "unreachable", reason: String(error) };
    }
  }

  #next(replica: Replica): Next {
    const { store } = this.#tools;
    const entries = store.entriesAfter(replica.cursor, GROUP_ENTRIES_MAX);
    const [first, ...others] = entries;
    if (first === undefined) return { kind: "idle" };
    if (first.task !== null && first.uid === null) return { kind: "blocked" };
    const before = store.entryAt(replica.cursor);
    if (before !== undefined && !before.done && isStructural(before.operation.kind)) {
      return { kind: "blocked" };
    }
    if (isStructural(first.operation.kind) && !first.done && store.finishedTo() < first.offset - 1) {
      return { kind: "blocked" };
    }
    // It failed where it counted, so no replica may apply it.
    if ((first.error !== null && first.done) || first.canceledBy !== null) {
      return { kind: "skip", to: first };
    }
    const { flight } = replica;
    if (flight !== null) {
      return { kind: "group", entries: [first, ...others.filter(({ offset }) => offset <= flight.to)] };
    }
    if (first.offset <= this.#aloneTo) return { kind: "group", entries: [first] };
    const end = entries.findIndex(
      ({ task, uid, canceledBy }) => (task !== null && uid === null) || canceledBy !== null,
    );
    const ready = end === -1 ? entries : entries.slice(0, end);
    const limits = { entriesMax: GROUP_ENTRIES_MAX, bytesMax: GROUP_BYTES_MAX };
    const size = Math.max(1, leadingGroup(ready, limits).length);
    return { kind: "group", entries: [first, ...others.slice(0, size - 1)] };
  }

  async #deliver(entries: readonly [Entry, ...Entry[]]): Promise<void> {
    const { store, now } = this.#tools;
    const [first] = entries;
    const last = entries.at(-1) ?? first;
    for (const { offset } of entries) store.setStarted(offset, now());
    const context = this.#tools.contextOf(first);
    const delivered: Delivered =
      "code" in context
        ? { kind: "failed", error: context }
        : await this.#attempt({ entries, shards: this.#tools.shardsOf(this.#node), context });
    switch (delivered.kind) {
      case "applied":
        this.#recovered();
        store.addCount(first.offset, this.#node, delivered.deletedDocuments);
        if (delivered.sizes) store.addSizes(first.offset, this.#node, delivered.sizes);
        this.#moveCursor(last);
        return;
      case "failed":
        this.#recovered();
        if (entries.length > 1) {
          this.#aloneTo = last.offset;
          store.setFlight(this.#node, null);
          return;
        }
        store.setError(
          first.offset,
          JSON.stringify(errorBody(delivered.error.code, delivered.error.message)),
        );
        this.#moveCursor(last);
        return;
      case "unreachable":
        await this.#pause(delivered.reason);
    }
  }

  #moveCursor(to: Entry): void {
    const { store } = this.#tools;
    store.putReplica({ ...store.replica(this.#node), cursor: to.offset, flight: null });
    this.#tools.onProgress();
  }

  #recovered(): void {
    this.#failures = 0;
    this.#troubleSince = undefined;
  }

  async #pause(reason: string): Promise<void> {
    const { now, random, sleep, onTrouble } = this.#tools;
    this.#failures += 1;
    this.#troubleSince ??= now();
    await onTrouble(this.#node, now() - this.#troubleSince, reason);
    await sleep(backoffMs(this.#failures, random()));
  }
}
