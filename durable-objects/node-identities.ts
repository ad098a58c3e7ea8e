/**
 * Finds out, with every probe, whether a node is still the one it was. One that has lost what it had
 * is out of all reads before the probe ends; the logs of its indexes hear of it, however often that
 * takes, and copy its replicas anew. A node of another cluster is never written to.
 */
import { z } from "zod";

import { physicalUid, type NodeId, type PhysicalUid } from "../worker/core/ids.ts";
import { NODE_CALL_DEADLINE_MS } from "../worker/core/limits.ts";
import {
  IDENTITY_INDEX,
  judge,
  type IdentityDocument,
  type KnownNode,
  type SeenNode,
  type Verdict,
} from "../worker/core/topology/node-identity.ts";
import type { Node } from "../worker/core/topology/topology.ts";
import type { NodeClient, NodeReply } from "../worker/nodes/node-client.ts";
import type { IndexLog } from "./index-log.ts";
import type { Probe } from "./node-probe.ts";
import { report } from "./report.ts";
import type { IdentityStore, LostReplica } from "./storage/identity-store.ts";
import { TransferFault, writeNode, type NodeAccess } from "./transfer/node-access.ts";
import { endIndex } from "./transfer/shard-writes.ts";

export interface IdentityTools {
  readonly store: IdentityStore;
  readonly client: NodeClient;
  readonly logs: DurableObjectNamespace<IndexLog>;
  readonly sleep: (ms: number) => Promise<void>;
  /** All physical indexes, and the nodes that hold them. */
  readonly indexes: () => readonly {
    readonly physical: PhysicalUid;
    readonly nodes: ReadonlySet<NodeId>;
  }[];
  /** Whether there was such a physical index once. */
  readonly wasDropped: (physical: string) => boolean;
  /** Takes a node out of the reads of an index. */
  readonly outOfReads: (physical: PhysicalUid, node: NodeId) => void;
}

const DOCUMENT = "identity";
const NOT_THERE = ["index_not_found", "document_not_found"];

const document = z.object({ cluster: z.string(), node: z.string(), incarnation: z.string() });
const task = z.object({ uid: z.number(), enqueuedAt: z.string() });
const tasks = z.object({ results: z.array(task) });
const indexList = z.object({ results: z.array(z.object({ uid: z.string() })) });

class Unanswered extends Error {}

export class NodeIdentities {
  readonly #tools: IdentityTools;
  /** One look at a node at a time: two that find it new would give it two lives. */
  readonly #looks = new Map<NodeId, Promise<Verdict>>();

  /** Counts what logs have to hear. */
  #news = 0;

  constructor(tools: IdentityTools) {
    this.#tools = tools;
  }

  /** What a probe says of a node once it is known who answered. */
  async identify(node: Node, probe: Probe): Promise<Probe> {
    if (probe.health !== "healthy") return probe;
    try {
      const verdict = await this.#inTime(node);
      if (verdict.kind !== "foreign") return probe;
      return { health: "incompatible", problem: verdict.problem };
    } catch (error) {
      if (!(error instanceof Unanswered) && !(error instanceof TransferFault)) throw error;
      return { health: "unreachable", problem: error.message };
    }
  }

  /**
   * Who the node is, as of now, for one index; `lastTask`: one that it is known to have carried out.
   * `untold`: it may have lost what the log of the index has not heard of. Throws when it is silent.
   */
  async whoIs(
    node: Node,
    physical: PhysicalUid,
    lastTask: number | undefined,
  ): Promise<Verdict["kind"] | "untold"> {
    const { store } = this.#tools;
    const known = store.known(node.id);
    if (known !== undefined && lastTask !== undefined && lastTask > known.lastTask) {
      store.put(node.id, { ...known, lastTask, lastTaskAt: null });
    }
    const { kind } = await this.#inTurn(node);
    const isUntold = store.lost().some((one) => one.node === node.id && one.physical === physical);
    return isUntold && kind === "same" ? "untold" : kind;
  }

  /** The node has left: should it come again, it is a new one. */
  forget(node: NodeId): void {
    this.#tools.store.forget(node);
  }

  /** A node whose tasks take long keeps the probes of others waiting no longer than this. */
  async #inTime(node: Node): Promise<Verdict> {
    const under = this.#looks.get(node.id) ?? this.#inTurn(node);
    under.catch(() => undefined);
    const late = this.#tools.sleep(NODE_CALL_DEADLINE_MS).then(() => undefined);
    const verdict = await Promise.race([under, late]);
    if (verdict === undefined) throw new Unanswered("it takes long to say who it is");
    return verdict;
  }

  async #inTurn(node: Node): Promise<Verdict> {
    const before = this.#looks.get(node.id);
    const look = (async () => {
      await before?.catch(() => undefined);
      return await this.#identify(node);
    })();
    this.#looks.set(node.id, look);
    try {
      return await look;
    } finally {
      if (this.#looks.get(node.id) === look) this.#looks.delete(node.id);
    }
  }

  async #identify(node: Node): Promise<Verdict> {
    const { store, indexes, wasDropped } = this.#tools;
    const known = store.known(node.id);
    const seen = await this.#look(node);
    const ours = new Set<string>(indexes().map(({ physical }) => physical));
    const self = { cluster: store.cluster, node: node.id };
    const verdict = judge(self, known, seen, (index) => ours.has(index) || wasDropped(index));
    switch (verdict.kind) {
      case "same":
        if (known !== undefined && seen.lastTask > known.lastTask) {
          const { lastTask, lastTaskAt } = seen;
          store.put(node.id, { ...known, lastTask, lastTaskAt });
        }
        return verdict;
      case "foreign":
        return verdict;
      case "wiped":
      case "restored":
        report("node_lost_data", { node: node.id, how: verdict.kind });
        this.#lose(node.id);
        break;
      case "new":
        // Logs do not wait for probes: it may have had something that it has no more.
        for (const { physical, nodes } of indexes()) {
          if (nodes.has(node.id)) this.#owe({ node: node.id, physical });
        }
    }
    // Of a node that has never been here there is nothing to end.
    if (known !== undefined || seen.document !== null) await this.#endDropped(node);
    await this.#adopt(node);
    return verdict;
  }

  /** In one turn, before the node gets a new life: a restart must find what it has to tell. */
  #lose(node: NodeId): void {
    const { store, indexes, outOfReads } = this.#tools;
    store.forget(node);
    for (const { physical, nodes } of indexes()) {
      this.#owe({ node, physical });
      if (nodes.has(node)) outOfReads(physical, node);
    }
  }

  /** A log has to hear that a node may have lost what it had. */
  #owe(lost: LostReplica): void {
    this.#tools.store.addLost(lost);
    this.#news += 1;
  }

  /** An old disk, or a node that comes again, brings indexes back that were deleted since. */
  async #endDropped(node: Node): Promise<void> {
    const { wasDropped } = this.#tools;
    for (const uid of await this.#indexesOn(node)) {
      if (wasDropped(uid)) await endIndex(this.#access(node), node.id, physicalUid(uid));
    }
  }

  #access(node: Node): NodeAccess {
    const { client, sleep } = this.#tools;
    return { client, sleep, endpoint: () => Promise.resolve(node) };
  }

  /** Tells logs what nodes have lost; what cannot be told now is told later. */
  async tellLogs(): Promise<void> {
    const { store, logs, indexes } = this.#tools;
    const known = new Set(indexes().map(({ physical }) => physical));
    for (const lost of store.lost()) {
      const news = this.#news;
      try {
        if (known.has(lost.physical)) await logs.getByName(lost.physical).rebuild(lost.node);
        // What was lost meanwhile its log may not have heard of.
        if (news === this.#news) store.removeLost(lost);
      } catch (error) {
        report("rebuild_not_asked", { ...lost, error: String(error) });
      }
    }
  }

  /** What only this node had is given up, in every index. */
  async acceptLoss(node: NodeId): Promise<void> {
    await this.tellLogs();
    const { logs, indexes } = this.#tools;
    for (const { physical } of indexes()) await logs.getByName(physical).acceptLoss(node);
  }

  async #adopt(node: Node): Promise<void> {
    const { store } = this.#tools;
    const incarnation = crypto.randomUUID();
    const identity: IdentityDocument = { cluster: store.cluster, node: node.id, incarnation };
    await writeNode(this.#access(node), node.id, {
      method: "POST",
      path: `/indexes/${IDENTITY_INDEX}/documents?primaryKey=id`,
      body: JSON.stringify([{ id: DOCUMENT, ...identity }]),
      settledBy: [],
    });
    const last = await this.#lastTask(node);
    store.put(node.id, { incarnation, ...last });
  }

  async #look(node: Node): Promise<SeenNode & Pick<KnownNode, "lastTaskAt">> {
    const known = this.#tools.store.known(node.id);
    const kept = await this.#kept(node);
    const last = await this.#lastTask(node);
    const knownTaskAt = known === undefined ? null : await this.#taskAt(node, known.lastTask);
    const indexes = kept === null ? await this.#indexesOn(node) : [];
    return { document: kept, ...last, knownTaskAt, indexes };
  }

  async #kept(node: Node): Promise<IdentityDocument | null> {
    const path = `/indexes/${IDENTITY_INDEX}/documents/${DOCUMENT}`;
    const reply = await this.#get(node, path);
    if (reply.kind === "refused" && NOT_THERE.includes(reply.error.code)) return null;
    return document.parse(parsed(reply));
  }

  async #lastTask(node: Node): Promise<Pick<KnownNode, "lastTask" | "lastTaskAt">> {
    const { results } = tasks.parse(parsed(await this.#get(node, "/tasks?limit=1")));
    const [last] = results;
    return { lastTask: last?.uid ?? -1, lastTaskAt: last?.enqueuedAt ?? null };
  }

  async #taskAt(node: Node, uid: number): Promise<string | null> {
    if (uid < 0) return null;
    const reply = await this.#get(node, `/tasks/${uid}`);
    if (reply.kind === "refused" && reply.error.code === "task_not_found") return null;
    return task.parse(parsed(reply)).enqueuedAt;
  }

  async #indexesOn(node: Node): Promise<readonly string[]> {
    const { results } = indexList.parse(parsed(await this.#get(node, "/indexes?limit=10000")));
    return results.map(({ uid }) => uid);
  }

  async #get(node: Node, path: string): Promise<NodeReply> {
    const { client } = this.#tools;
    return await client.send(node, { method: "GET", path, timeoutMs: NODE_CALL_DEADLINE_MS });
  }
}

function parsed(reply: NodeReply): unknown {
  if (reply.kind === "unreachable") throw new Unanswered(reply.reason);
  if (reply.kind === "refused") throw new Unanswered(reply.error.message);
  return JSON.parse(reply.text);
}
