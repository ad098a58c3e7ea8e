/**
 * A transfer's own dealings with nodes: reads that must answer, and writes that are followed to the
 * end of their task. Every write may be repeated. What goes wrong is a `TransferFault`: the transfer
 * begins again, later or elsewhere.
 */
import type { NodeId } from "../../worker/core/ids.ts";
import { DELIVERY_DEADLINE_MS } from "../../worker/core/limits.ts";
import type { NodeEndpoint } from "../../worker/core/topology/topology.ts";
import type { NodeClient, NodeRequest } from "../../worker/nodes/node-client.ts";
import { nodeTaskState, nodeTaskUid } from "../delivery/node-tasks.ts";

export class TransferFault extends Error {
  override readonly name = "TransferFault";
}

/** The node answered, and will answer so again: the request is to blame. */
export class NodeRefusal extends TransferFault {}

export interface NodeAccess {
  readonly client: NodeClient;
  readonly endpoint: (node: NodeId) => Promise<NodeEndpoint | undefined>;
  readonly sleep: (ms: number) => Promise<void>;
}

/** What a log knows of the disks that its index is on. */
export interface KnownDisks {
  /** Throws unless the node has what was written to it. */
  readonly demandSame: (node: NodeId) => Promise<void>;
  /** The node has carried out this task of the index. */
  readonly saw: (node: NodeId, task: DoneTask) => void;
}

export interface DoneTask {
  readonly uid: number;
  readonly enqueuedAt: string;
}

export interface NodeWrite extends Pick<NodeRequest, "method" | "path" | "body" | "headers"> {
  /** Error codes that mean "done before". */
  readonly settledBy: readonly string[];
}

const POLL_FIRST_MS = 5;
const POLL_LAST_MS = 500;
/** Looks at a task in a row that get no answer. */
const MISSES_MAX = 5;

/** The text of a node's answer. */
export async function readNode(
  access: NodeAccess,
  id: NodeId,
  request: NodeRequest,
): Promise<string> {
  const reply = await access.client.send(await endpointOf(access, id), request);
  if (reply.kind === "answered") return reply.text;
  if (reply.kind === "unreachable") throw new TransferFault(`${id}: ${reply.reason}`);
  const reason = `${id}: ${reply.error.message}`;
  throw reply.status === 400 ? new NodeRefusal(reason) : new TransferFault(reason);
}

/** Carries out one write and waits for the end of its task; undefined when it was done before. */
export async function writeNode(
  access: NodeAccess,
  id: NodeId,
  write: NodeWrite,
): Promise<DoneTask | undefined> {
  const { settledBy, ...request } = write;
  const endpoint = await endpointOf(access, id);
  const reply = await access.client.send(endpoint, { ...request, timeoutMs: DELIVERY_DEADLINE_MS });
  if (reply.kind === "unreachable") throw new TransferFault(`${id}: ${reply.reason}`);
  if (reply.kind === "refused") {
    if (settledBy.includes(reply.error.code)) return undefined;
    throw new TransferFault(`${id}: ${reply.error.message}`);
  }
  const uid = nodeTaskUid(reply.text);
  const enqueuedAt = await follow(access, endpoint, uid, settledBy);
  return enqueuedAt === undefined ? undefined : { uid, enqueuedAt };
}

async function follow(
  access: NodeAccess,
  node: NodeEndpoint,
  uid: number,
  settledBy: readonly string[],
): Promise<string | undefined> {
  let misses = 0;
  for (let pauseMs = POLL_FIRST_MS; ; pauseMs = Math.min(POLL_LAST_MS, pauseMs * 2)) {
    const state = await nodeTaskState(access.client, node, undefined, uid);
    switch (state.kind) {
      case "succeeded":
        return state.enqueuedAt;
      case "failed":
        if (settledBy.includes(state.error.code)) return undefined;
        throw new TransferFault(`${node.id}: ${state.error.message}`);
      case "gone":
        throw new TransferFault(`${node.id}: the node does not know the task it answered with`);
      case "unreachable":
        misses += 1;
        if (misses >= MISSES_MAX) throw new TransferFault(`${node.id}: ${state.reason}`);
        break;
      case "running":
        misses = 0;
    }
    await access.sleep(pauseMs);
  }
}

async function endpointOf(access: NodeAccess, id: NodeId): Promise<NodeEndpoint> {
  const endpoint = await access.endpoint(id);
  if (endpoint === undefined) throw new TransferFault(`${id} is not one of the cluster's nodes`);
  return endpoint;
}
