/**
 * Builds an index anew with another number of shards and lets it take the old one's place, while
 * searches and writes go on (`core/reshard` has the phases). The old log stands still at a fence, the
 * entry that asked for this: every replica is as it was there, so the copy can be read page by page
 * from any of them. What was accepted behind the fence then moves to the new log, with its tasks;
 * in one epoch readers and writers go there, and whoever still comes to the old log is sent on.
 *
 * Every step may be repeated: a restart goes on from the stored state.
 */
import type { TopologyLease } from "../../worker/cluster/topology-lease.ts";
import { entryOf } from "../../worker/cluster/topology-lease.ts";
import { physicalUid, type Epoch, type PhysicalUid } from "../../worker/core/ids.ts";
import { readDocumentsAnswer, storedDocument } from "../../worker/core/merge/documents.ts";
import {
  copied,
  isOver,
  reasonToStop,
  reshardStateOf,
  type ReshardState,
} from "../../worker/core/reshard/reshard-state.ts";
import type { IndexEntry } from "../../worker/core/topology/topology.ts";
import type { NodeClient } from "../../worker/nodes/node-client.ts";
import { fetchRequest } from "../../worker/search/documents-request.ts";
import type { ReadContext } from "../../worker/search/read-context.ts";
import { scatter } from "../../worker/search/scatter.ts";
import type { TaskLog } from "../../worker/tasklog/task-log.ts";
import { ClusterReader } from "../backup/cluster-reader.ts";
import type { ClusterView } from "../cluster-view.ts";
import type { Cluster } from "../cluster.ts";
import type { IndexLog } from "../index-log.ts";
import { report } from "../report.ts";
import type { Append, AppendReply } from "../rpc.ts";
import type { Entry } from "../storage/log-rows.ts";
import type { LogStore } from "../storage/log-store.ts";
import type { Verdicts } from "../storage/verdicts.ts";
import { SuccessorLog } from "./successor-log.ts";

export interface ReshardTools {
  readonly physical: PhysicalUid;
  readonly store: LogStore;
  readonly verdicts: Verdicts;
  readonly tasks: TaskLog;
  readonly cluster: DurableObjectStub<Cluster>;
  readonly logs: DurableObjectNamespace<IndexLog>;
  readonly view: ClusterView;
  readonly lease: TopologyLease;
  readonly nodes: NodeClient;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** Text of one page of the copy: what is held of it at once. */
const PAGE_CHARACTERS = 1_000_000;
const PAGE_DOCUMENTS_MAX = 1000;
/** Bytes that may wait in the new log while its nodes index: the copy goes at their pace. */
const WAITING_BYTES_MAX = 32_000_000;
const POLL_MS = 200;
/** How long a write waits for the log to have moved before its client is told to come again. */
const MOVING_PATIENCE_MS = 10_000;
const MOVING_POLL_MS = 20;

export class Reshard {
  readonly #tools: ReshardTools;
  readonly #reader: ClusterReader;
  #pageDocuments = 100;

  constructor(tools: ReshardTools) {
    this.#tools = tools;
    this.#reader = new ClusterReader(tools);
  }

  /** The reshard that is under way, or the last one. */
  get state(): ReshardState | undefined {
    const text = this.#tools.store.fact("reshard");
    return text === undefined ? undefined : reshardStateOf(text);
  }

  /** Whether a write may be taken now: not in the moments in which the log moves over. */
  async isPassable(): Promise<boolean> {
    const { now, sleep } = this.#tools;
    for (const since = now(); this.state?.phase === "moving";) {
      if (now() - since > MOVING_PATIENCE_MS) return false;
      await sleep(MOVING_POLL_MS);
    }
    return true;
  }

  /** Sends a write on that came after the exchange; its rows are in the store, under its token. */
  async forward(append: Append): Promise<AppendReply | undefined> {
    const successor = this.#tools.store.fact("successor");
    const state = this.state;
    if (successor === undefined || state === undefined) return undefined;
    const { store } = this.#tools;
    store.addPayload(append.token, append.rows, this.#tools.now());
    const target = { physical: physicalUid(successor), shardCount: state.shardCount };
    const reply = await this.#logOf(target).append(store, append);
    store.dropPayload(append.token);
    return reply;
  }

  /** Carries the reshard of this entry out, from wherever it is; the epoch that readers need. */
  async run(entry: Entry): Promise<Epoch | undefined> {
    for (;;) {
      const state = this.state;
      if (state === undefined || state.id !== entry.token || isOver(state)) return undefined;
      const reason = reasonToStop(state, {
        isCanceled: this.#tools.store.fact("reshardCanceled") === state.id,
        isClosed: this.#tools.store.fact("closed") !== undefined,
        isHeld: this.#tools.store.holds().length > 0,
      });
      if (reason !== undefined) await this.#abandon(state, reason);
      else await this.#advance(state, entry);
    }
  }

  async #advance(state: ReshardState, entry: Entry): Promise<void> {
    switch (state.phase) {
      case "building":
        return await this.#build(state);
      case "copying":
        return await this.#copyPage(state);
      case "checking":
        return await this.#check(state);
      case "moving":
        return await this.#move(state, entry);
      case "switching":
        return await this.#switch(state);
      case "done":
      case "abandoned":
    }
  }

  async #build(state: ReshardState): Promise<void> {
    const { cluster, physical, store } = this.#tools;
    const target = await cluster.buildSuccessor(physical, state.shardCount);
    if (target === undefined) return await this.#abandon(state, "the index is being deleted");
    const primaryKey = store.fact("primaryKey");
    const settings = store.fact("settings");
    const minInSync = store.fact("minInSync");
    await this.#logOf(target).stub.seed({ primaryKey, settings, minInSync });
    // Without a primary key there are no documents.
    const phase = primaryKey === undefined ? "checking" : "copying";
    const { read, index } = await this.#open();
    const total = await countOf(read, index);
    this.#put({ ...state, phase, total, target: target.physical });
  }

  async #copyPage(state: ReshardState): Promise<void> {
    const { read, index } = await this.#open();
    const limit = this.#pageDocuments;
    const query = { ...EVERYTHING, offset: state.offset, limit };
    const { answers } = await scatter(
      read,
      index,
      (part) => fetchRequest(index, part, query, { offset: state.offset, limit }),
      [state.shard],
    );
    const [answer] = answers;
    if (answer === undefined) throw new Error("a shard answers whole or not at all");
    const { results, total } = readDocumentsAnswer(answer.text);
    const documents = results.map(([start, end]) => storedDocument(answer.text, start, end));
    const log = this.#target(state);
    if (documents.length > 0) {
      const token = `${state.id}/${state.shard}/${state.offset}`;
      await log.copy(token, documents, index.primaryKey ?? "");
    }
    const isLast = total <= state.offset + documents.length;
    this.#adapt(documents.length, answer.text.length);
    this.#put(copied(state, { documents: documents.length, isLast }, index.shardMap.length));
    while ((await log.stub.waitingBytes()) > WAITING_BYTES_MAX) await this.#tools.sleep(POLL_MS);
  }

  /** The next page holds about as much text as one page may. */
  #adapt(documents: number, characters: number): void {
    if (documents === 0) return;
    const fitting = Math.floor((PAGE_CHARACTERS * documents) / characters);
    this.#pageDocuments = Math.max(1, Math.min(PAGE_DOCUMENTS_MAX, fitting));
  }

  /** Every document must be there, on every replica that counts, before anything is exchanged. */
  async #check(state: ReshardState): Promise<void> {
    const { cluster, sleep, store } = this.#tools;
    const log = this.#target(state).stub;
    if (!(await log.isSettled())) return await sleep(POLL_MS);
    const stored = await cluster.index(state.target ?? this.#tools.physical);
    const { read, index } = await this.#open();
    if (stored === undefined) return await this.#abandon(state, "the new index is gone");
    const counts = [await countOf(read, index), await countOf(read, entryOf(stored))] as const;
    if (counts[0] !== counts[1]) {
      const [before, after] = counts;
      return await this.#abandon(state, `of ${before} documents ${after} arrived`);
    }
    // A swap that was accepted meanwhile waits for what is behind the fence: then this gives up.
    if (!(await cluster.prepareSuccession(this.#tools.physical))) return await sleep(POLL_MS);
    // Looked at in the turn that passes the point of no return.
    if (store.holds().length === 0) this.#put({ ...state, phase: "moving" });
  }

  /** Moves what was accepted behind the fence, and closes this log in the turn that finds nothing. */
  async #move(state: ReshardState, entry: Entry): Promise<void> {
    const { store, verdicts, cluster, physical, sleep, now } = this.#tools;
    const log = this.#target(state);
    // Once more, as a restart may have taken its time.
    await cluster.prepareSuccession(physical);
    await log.stub.hold(physical);
    for (;;) {
      const [next] = store.entriesAfter(entry.offset, 1);
      if (next === undefined) break;
      if (next.task !== null && next.uid === null) await sleep(POLL_MS);
      else {
        await log.take(store, next, verdicts.of(next.token));
        store.remove(next);
      }
    }
    store.setFact("closed", "yes");
    store.setFact("successor", state.target ?? "");
    store.append(`${state.id}/drop`, { kind: "deleteIndex" }, null, now());
    this.#put({ ...state, phase: "switching" });
  }

  async #switch(state: ReshardState): Promise<void> {
    const { cluster, physical, tasks, view } = this.#tools;
    const target = state.target ?? physical;
    const epoch = await cluster.succeed(physical, target);
    await tasks.relocate(physical, target);
    await view.leasesEnded(epoch);
    await this.#target(state).stub.release(physical);
    this.#put({ ...state, phase: "done" });
    report("reshard_done", { index: physical, successor: target, documents: state.documents });
  }

  /** Leaves everything as it was before. */
  async #abandon(state: ReshardState, reason: string): Promise<void> {
    const { cluster, physical, logs } = this.#tools;
    // The registry's word: a restart may have come before the state knew what was built.
    for (const target of await cluster.abandonSuccessors(physical)) {
      await logs.getByName(target).discard();
    }
    this.#put({ ...state, phase: "abandoned", error: reason });
    report("reshard_abandoned", { index: physical, reason });
  }

  async #open(): Promise<{ readonly read: ReadContext; readonly index: IndexEntry }> {
    return await this.#reader.source(this.#tools.physical, null).open();
  }

  #target({ target, shardCount }: ReshardState): SuccessorLog {
    if (target === null) throw new Error("an index is built before it is written to");
    return this.#logOf({ physical: target, shardCount });
  }

  #logOf(target: { readonly physical: PhysicalUid; readonly shardCount: number }): SuccessorLog {
    return new SuccessorLog(this.#tools.logs, target, this.#tools.sleep);
  }

  #put(state: ReshardState): void {
    this.#tools.store.setFact("reshard", JSON.stringify(state));
  }
}

const EVERYTHING = { fields: null, ids: null, sort: null, filter: null, retrieveVectors: true };

async function countOf(read: ReadContext, index: IndexEntry): Promise<number> {
  const query = { ...EVERYTHING, offset: 0, limit: 0 };
  const { answers } = await scatter(read, index, (part) =>
    fetchRequest(index, part, query, { offset: 0, limit: 0 }),
  );
  return answers.reduce((sum, { text }) => sum + readDocumentsAnswer(text).total, 0);
}
