/**
 * Finds out, with every probe, whether a node is still the one it was. One that has lost what it had
 * is out of all reads before the probe ends; the logs of its indexes hear of it, however often that
 * takes, and copy its replicas anew. A node of another cluster is never written to.
 */
import { z } from "zod";

import type { NodeId, PhysicalUid } from "../worker/core/ids.ts";
import { NODE_CALL_DEADLINE_MS } from "../worker/core/limits.ts";
import {
  IDENTITY_INDEX,
  judge,
  type IdentityDocument,
  type SeenNode,
} from "../worker/core/topology/node-identity.ts";
import type { Node } from "../worker/core/topology/topology.ts";
import type { NodeClient, NodeReply } from "../worker/nodes/node-client.ts";
import type { IndexLog } from "./index-log.ts";
import type { Probe } from "./node-probe.ts";
import { report } from "./report.ts";
import type { IdentityStore } from "./storage/identity-store.ts";
import { TransferFault, writeNode } from "./transfer/node-access.ts";

export interface IdentityTools {
  readonly store: IdentityStore;
  readonly client: NodeClient;
  readonly logs: DurableObjectNamespace<IndexLog>;
  readonly now: () => number;
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

/** A healthy node's tasks are looked at so often; its document with every probe. */
const TASKS_EVERY_MS = 60_000;
const DOCUMENT = "identity";
const NOT_THERE = ["index_not_found", "document_not_found"];

const document = z.object({ cluster: z.string(), node: z.string(), incarnation: z.string() });
const tasks = z.object({ results: z.array(z.object({ uid: z.number() })) });
const indexList = z.object({ results: z.array(z.object({ uid: z.string() })) });

class Unanswered extends Error {}

export class NodeIdentities {
  readonly #tools: IdentityTools;
  readonly #tasksSeenAt = new Map<NodeId, number>();

  constructor(tools: IdentityTools) {
    this.#tools = tools;
  }

  /** Something odd was seen of a node: its next probe looks closely. */
  suspect(node: NodeId): void {
    this.#tasksSeenAt.delete(node);
  }

  /** What a probe says of a node once it is known who answered. */
  async identify(node: Node, probe: Probe): Promise<Probe> {
    if (probe.health !== "healthy") return probe;
    try {
      return await this.#identify(node, probe);
    } catch (error) {
      if (!(error instanceof Unanswered) && !(error instanceof TransferFault)) throw error;
      return { health: "unreachable", problem: error.message };
    }
  }

  async #identify(node: Node, probe: Probe): Promise<Probe> {
    const { store, indexes, wasDropped } = this.#tools;
    const known = store.known(node.id);
    const seen = await this.#look(node);
    const ours = new Set<string>(indexes().map(({ physical }) => physical));
    const self = { cluster: store.cluster, node: node.id };
    const verdict = judge(self, known, seen, (index) => ours.has(index) || wasDropped(index));
    switch (verdict.kind) {
      case "same":
        if (known !== undefined && seen.lastTask !== undefined) {
          store.put(node.id, { ...known, lastTask: Math.max(known.lastTask, seen.lastTask) });
        }
        return probe;
      case "foreign":
        return { health: "incompatible", problem: verdict.problem };
      case "wiped":
      case "restored":
        report("node_lost_data", { node: node.id, how: verdict.kind });
        this.#lose(node.id);
        break;
      case "new":
    }
    await this.#adopt(node);
    return probe;
  }

  /** In one turn, before the node gets a new life: a restart must find what it has to tell. */
  #lose(node: NodeId): void {
    const { store, indexes, outOfReads } = this.#tools;
    for (const { physical, nodes } of indexes()) {
      store.addLost({ node, physical });
      if (nodes.has(node)) outOfReads(physical, node);
    }
  }

  /** Tells logs what nodes have lost; what cannot be told now is told later. */
  async tellLogs(): Promise<void> {
    const { store, logs, indexes } = this.#tools;
    const known = new Set(indexes().map(({ physical }) => physical));
    for (const lost of store.lost()) {
      try {
        if (known.has(lost.physical)) await logs.getByName(lost.physical).rebuild(lost.node);
        store.removeLost(lost);
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
    const { store, client, sleep } = this.#tools;
    const incarnation = crypto.randomUUID();
    const identity: IdentityDocument = { cluster: store.cluster, node: node.id, incarnation };
    const access = { client, sleep, endpoint: () => Promise.resolve(node) };
    await writeNode(access, node.id, {
      method: "POST",
      path: `/indexes/${IDENTITY_INDEX}/documents?primaryKey=id`,
      body: JSON.stringify([{ id: DOCUMENT, ...identity }]),
      settledBy: [],
    });
    store.put(node.id, { incarnation, lastTask: await this.#lastTask(node) });
  }

  async #look(node: Node): Promise<SeenNode> {
    const { now } = this.#tools;
    const kept = await this.#kept(node);
    const isDue = now() - (this.#tasksSeenAt.get(node.id) ?? 0) >= TASKS_EVERY_MS;
    const lastTask = isDue || node.health !== "healthy" ? await this.#lastTask(node) : undefined;
    const indexes = kept === null ? await this.#indexesOn(node) : [];
    return { document: kept, lastTask, indexes };
  }

  async #kept(node: Node): Promise<IdentityDocument | null> {
    const path = `/indexes/${IDENTITY_INDEX}/documents/${DOCUMENT}`;
    const reply = await this.#get(node, path);
    if (reply.kind === "refused" && NOT_THERE.includes(reply.error.code)) return null;
    return document.parse(parsed(reply));
  }

  async #lastTask(node: Node): Promise<number> {
    const { results } = tasks.parse(parsed(await this.#get(node, "/tasks?limit=1")));
    this.#tasksSeenAt.set(node.id, this.#tools.now());
    return results[0]?.uid ?? -1;
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
