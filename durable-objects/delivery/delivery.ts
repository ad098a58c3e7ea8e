/**
 * Delivers one group of entries to one node and follows it to its end. What is about to be sent is
 * written down first (the flight), so that after a crash or a lost answer the node's own tasks say
 * whether it arrived: effect once, for all that can be traced; repeatable steps for the rest.
 */
import { stepsOf, type Step, type StepContext } from "../../worker/core/delivery/steps.ts";
import type { ErrorBody } from "../../worker/core/errors/api-error.ts";
import type { PhysicalUid, ShardId } from "../../worker/core/ids.ts";
import type { Sizes } from "../../worker/core/tasks/finished-details.ts";
import { DELIVERY_DEADLINE_MS } from "../../worker/core/limits.ts";
import { hasPayload } from "../../worker/core/log/operation.ts";
import type { NodeEndpoint } from "../../worker/core/topology/topology.ts";
import type { NodeClient } from "../../worker/nodes/node-client.ts";
import type { LogStore } from "../storage/log-store.ts";
import type { Entry, Flight } from "../storage/log-rows.ts";
import {
  findNodeTask,
  hasOpenTask,
  isNodesTrouble,
  nodeTaskState,
  nodeTaskUid,
} from "./node-tasks.ts";
import type { SameDisk } from "./same-disk.ts";
import { JSON_ARRAY, NDJSON, payloadOf } from "./payload-stream.ts";

export type Delivered =
  | { readonly kind: "applied"; readonly deletedDocuments: number; readonly sizes?: Sizes | null }
  | {
      readonly kind: "failed";
      readonly error: ErrorBody;
      /** Shards that are to blame, where they were told apart. */
      readonly refused?: readonly ShardId[];
    }
  | Unreachable;

/** Try again later: nothing is known to be wrong with the entries. */
export interface Unreachable {
  readonly kind: "unreachable";
  readonly reason: string;
  /** The node let us wait all the time. */
  readonly silent?: boolean;
  /** The node does not have what it had. */
  readonly lost?: boolean;
}

/** Nothing of it is on the node, or nothing any more that could still change it. */
export interface Absent {
  readonly kind: "absent";
}

export interface DeliveryTools {
  readonly client: NodeClient;
  readonly store: LogStore;
  readonly physical: PhysicalUid;
  readonly sleep: (ms: number) => Promise<void>;
  readonly disk: SameDisk;
}

export interface Group {
  readonly entries: readonly [Entry, ...Entry[]];
  readonly shards: ReadonlySet<ShardId>;
  readonly context: StepContext;
  /** Names the shards, when they are not all that the node holds. */
  readonly part: string | null;
}

const POLL_FIRST_MS = 4;
const POLL_LAST_MS = 500;

/** Carries out all steps of a group, continuing the node's flight if it has one. */
export async function deliver(
  tools: DeliveryTools,
  node: NodeEndpoint,
  group: Group,
): Promise<Delivered> {
  const [first] = group.entries;
  const last = group.entries.at(-1) ?? first;
  const part = group.part === null ? null : group.shards;
  const steps = stepsOf(first.operation, group.context, part);
  const { flight: stored } = tools.store.replica(node.id);
  // A flight of other shards says nothing about these.
  const resumed = stored?.part === group.part ? stored : null;
  let deletedDocuments = 0;
  let sizes: Sizes | null = null;
  for (let position = resumed?.step ?? 0; position < steps.length; position += 1) {
    const step = steps[position];
    if (step === undefined) break;
    const flight: Flight =
      resumed?.step === position
        ? resumed
        : { from: first.offset, to: last.offset, part: group.part, step: position, nodeTask: null };
    // A crash between parts forgets which were delivered: each is looked for before it is sent.
    const isRepeat = flight === resumed || group.part !== null;
    const outcome = await carryOut(tools, node, group, step, flight, isRepeat);
    if (outcome.kind !== "applied") return outcome;
    deletedDocuments += outcome.deletedDocuments;
    sizes = outcome.sizes ?? sizes;
  }
  return { kind: "applied", deletedDocuments, sizes };
}

/**
 * Waits until the node is through with what it may have got of an entry that it must not get any
 * more.
 */
export async function awaitFlight(
  tools: DeliveryTools,
  node: NodeEndpoint,
  flight: Flight,
): Promise<Delivered | Absent> {
  if (flight.part !== null) return await awaitParts(tools, node, flight);
  const nodeTask =
    flight.nodeTask ??
    (await findNodeTask(tools.client, node, tools.physical, metadataOf(tools, flight)));
  if (nodeTask === "unreachable") return { kind: "unreachable", reason: "cannot list its tasks" };
  if (nodeTask === null) return { kind: "absent" };
  return await follow(tools, node, flight, nodeTask);
}

/** A flight names one part; others of the same entry may be on the node as well. */
async function awaitParts(
  tools: DeliveryTools,
  node: NodeEndpoint,
  flight: Flight,
): Promise<Delivered | Absent> {
  const prefix = `${metadataOf(tools, { ...flight, part: null })}/`;
  for (let pauseMs = POLL_FIRST_MS; ; pauseMs = Math.min(POLL_LAST_MS, pauseMs * 2)) {
    const open = await hasOpenTask(tools.client, node, tools.physical, prefix);
    if (open === "unreachable") return { kind: "unreachable", reason: "cannot list its tasks" };
    if (!open) return { kind: "absent" };
    await tools.sleep(pauseMs);
  }
}

function metadataOf({ physical }: DeliveryTools, { from, to, part }: Flight): string {
  return `${physical}:${from}-${to}${part === null ? "" : `/${part}`}`;
}

async function carryOut(
  tools: DeliveryTools,
  node: NodeEndpoint,
  group: Group,
  step: Step,
  flight: Flight,
  isRepeat: boolean,
): Promise<Delivered> {
  const metadata = metadataOf(tools, flight);
  let { nodeTask } = flight;
  if (nodeTask === null && isRepeat && step.traceable) {
    const found = await findNodeTask(tools.client, node, tools.physical, metadata);
    if (found === "unreachable") return { kind: "unreachable", reason: "cannot list its tasks" };
    nodeTask = found;
  }
  if (nodeTask === null) {
    const doubt = needsIndex(step) ? await doubtOf(tools, node) : undefined;
    if (doubt !== undefined) return doubt;
    tools.store.setFlight(node.id, { ...flight, nodeTask: null });
    const sent = await send(tools, node, group, step, metadata);
    if (typeof sent !== "number") return settled(sent, step);
    nodeTask = sent;
  }
  tools.store.setFlight(node.id, { ...flight, nodeTask });
  return settled(await follow(tools, node, flight, nodeTask), step);
}

/** Whether the step is about an index that is there: the first one makes it, the last one ends it. */
function needsIndex({ path, method, settledBy }: Step): boolean {
  return !(path === "/indexes" || (method === "DELETE" && settledBy.includes("index_not_found")));
}

/** Nothing is written to a node that has lost the index: it would make another one of it. */
async function doubtOf(
  { disk }: DeliveryTools,
  node: NodeEndpoint,
): Promise<Delivered | undefined> {
  const state = await disk.look(node);
  if (state === "same") return undefined;
  const reason = state === "lost" ? "the node has lost the index" : "cannot look at its disk";
  return { kind: "unreachable", reason, lost: state === "lost" };
}

/** Sends one step; the uid of the node's task, or why there is none. */
async function send(
  tools: DeliveryTools,
  node: NodeEndpoint,
  group: Group,
  step: Step,
  metadata: string,
): Promise<number | Delivered> {
  const { body, contentType } = bodyOf(tools, group, step);
  // This node holds none of the documents that the group touches.
  if (step.body?.kind === "payload" && body === undefined) {
    return { kind: "applied", deletedDocuments: 0 };
  }
  const separator = step.path.includes("?") ? "&" : "?";
  const reply = await tools.client.send(node, {
    method: step.method,
    path: step.traceable
      ? `${step.path}${separator}customMetadata=${encodeURIComponent(metadata)}`
      : step.path,
    ...(body === undefined ? {} : { body, headers: { "Content-Type": contentType } }),
    timeoutMs: DELIVERY_DEADLINE_MS,
  });
  if (reply.kind === "answered") return nodeTaskUid(reply.text);
  if (reply.kind === "unreachable") {
    return { kind: "unreachable", reason: reply.reason, silent: reply.timedOut };
  }
  // Full queues, full disks and wrong keys are the node's trouble, not the entry's.
  const isForLater = reply.status >= 500 || [401, 403, 408, 422, 429].includes(reply.status);
  return isForLater
    ? { kind: "unreachable", reason: reply.error.message }
    : { kind: "failed", error: reply.error };
}

function bodyOf(
  tools: DeliveryTools,
  group: Group,
  step: Step,
): {
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | undefined;
  readonly contentType: string;
} {
  if (step.body === null) return { body: undefined, contentType: "" };
  if (step.body.kind === "json") return { body: step.body.text, contentType: "application/json" };
  const frame = group.entries[0].operation.kind === "deleteDocuments" ? JSON_ARRAY : NDJSON;
  const tokens = group.entries
    .filter(({ operation }) => hasPayload(operation.kind))
    .map(({ token }) => token);
  return {
    body: payloadOf(tools.store, tokens, group.shards, frame),
    contentType: frame.contentType,
  };
}

/** Waits for the node's task to end. */
async function follow(
  tools: DeliveryTools,
  node: NodeEndpoint,
  flight: Flight,
  nodeTask: number,
): Promise<Delivered> {
  for (let pauseMs = POLL_FIRST_MS; ; pauseMs = Math.min(POLL_LAST_MS, pauseMs * 2)) {
    const state = await nodeTaskState(tools.client, node, tools.physical, nodeTask);
    switch (state.kind) {
      case "succeeded":
        tools.disk.saw(nodeTask, state.enqueuedAt);
        return { kind: "applied", deletedDocuments: state.deletedDocuments, sizes: state.sizes };
      case "failed":
        // It was made before, and nobody heard of it.
        if (state.error.code === "index_already_exists") {
          tools.disk.saw(nodeTask, state.enqueuedAt);
        }
        if (!isNodesTrouble(state.error.code)) return { kind: "failed", error: state.error };
        // It has to be sent anew: what failed so stays failed.
        tools.store.setFlight(node.id, null);
        return { kind: "unreachable", reason: state.error.message };
      case "gone":
        tools.store.setFlight(node.id, { ...flight, nodeTask: null });
        return { kind: "unreachable", reason: "the node does not know the task it answered with" };
      case "unreachable":
        return state;
      case "running":
        await tools.sleep(pauseMs);
    }
  }
}

/** A refusal that means "done before" is an application; every entry is of an index that is there. */
function settled(delivered: Delivered, step: Step): Delivered {
  if (delivered.kind !== "failed") return delivered;
  const { code } = delivered.error;
  if (step.settledBy.includes(code)) return { kind: "applied", deletedDocuments: 0 };
  if (code !== "index_not_found") return delivered;
  return { kind: "unreachable", reason: "the node has lost the index", lost: true };
}
