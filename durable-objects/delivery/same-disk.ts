/**
 * Whether a node still has the disk that a log last wrote to. A node that came back empty would make
 * an index anew of the next documents and answer searches from it; one with an old disk would take
 * them on top of what is not there. So the log looks before it writes, and before it counts on a
 * replica again: for its own last task, or, when it knows of none, for the index itself.
 */
import { z } from "zod";

import type { NodeId, PhysicalUid } from "../../worker/core/ids.ts";
import { NODE_CALL_DEADLINE_MS } from "../../worker/core/limits.ts";
import type { NodeEndpoint } from "../../worker/core/topology/topology.ts";
import type { NodeClient, NodeReply } from "../../worker/nodes/node-client.ts";
import type { LogStore } from "../storage/log-store.ts";

/** `unknown`: the node did not say. */
export type DiskState = "same" | "lost" | "unknown";

const ownTask = z.object({ indexUid: z.string().nullish(), enqueuedAt: z.string().default("") });
const newest = z.object({ results: z.array(z.object({ uid: z.number() })) });

export class SameDisk {
  readonly #client: NodeClient;
  readonly #store: LogStore;
  readonly #physical: PhysicalUid;
  readonly #node: NodeId;

  constructor(client: NodeClient, store: LogStore, physical: PhysicalUid, node: NodeId) {
    this.#client = client;
    this.#store = store;
    this.#physical = physical;
    this.#node = node;
  }

  get lastTask(): number | undefined {
    return this.#known()?.uid;
  }

  /** The node has carried out this task of the index. */
  saw(uid: number, enqueuedAt: string): void {
    this.#store.setFact(`lastTask/${this.#node}`, `${uid}@${enqueuedAt}`);
  }

  #known(): { readonly uid: number; readonly enqueuedAt: string } | undefined {
    const [uid, enqueuedAt = ""] = this.#store.fact(`lastTask/${this.#node}`)?.split("@") ?? [];
    return uid === undefined ? undefined : { uid: Number(uid), enqueuedAt };
  }

  async look(node: NodeEndpoint): Promise<DiskState> {
    const known = this.#known();
    if (known === undefined) return await this.#hasIndex(node);
    const reply = await this.#get(node, `/tasks/${known.uid}`);
    if (reply.kind === "answered") {
      // Its number may be another task's by now.
      const { indexUid, enqueuedAt } = ownTask.parse(JSON.parse(reply.text));
      const isSame = indexUid === this.#physical && enqueuedAt === known.enqueuedAt;
      return isSame ? "same" : "lost";
    }
    const isGone = reply.kind === "refused" && reply.error.code === "task_not_found";
    return isGone ? await this.#without(node, known.uid) : "unknown";
  }

  /** A node drops its oldest tasks after very many; then there are newer ones. */
  async #without(node: NodeEndpoint, task: number): Promise<DiskState> {
    const reply = await this.#get(node, "/tasks?limit=1");
    if (reply.kind !== "answered") return "unknown";
    const [last] = newest.parse(JSON.parse(reply.text)).results;
    if (last === undefined || last.uid <= task) return "lost";
    return await this.#hasIndex(node);
  }

  async #hasIndex(node: NodeEndpoint): Promise<DiskState> {
    const reply = await this.#get(node, `/indexes/${this.#physical}`);
    if (reply.kind === "answered") return "same";
    const isLost = reply.kind === "refused" && reply.error.code === "index_not_found";
    return isLost ? "lost" : "unknown";
  }

  async #get(node: NodeEndpoint, path: string): Promise<NodeReply> {
    return await this.#client.send(node, { method: "GET", path, timeoutMs: NODE_CALL_DEADLINE_MS });
  }
}
