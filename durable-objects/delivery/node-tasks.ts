/**
 * A node's own task queue as delivery sees it: did my request arrive, and how did its task end.
 * Asked by `customMetadata` when the answer to a request was lost.
 */
import { z } from "zod";

import { errorBodySchema } from "../../worker/error-body-schema.ts";
import type { ErrorBody } from "../../worker/core/errors/api-error.ts";
import type { PhysicalUid } from "../../worker/core/ids.ts";
import type { Sizes } from "../../worker/core/tasks/finished-details.ts";
import { sizeOf } from "../../worker/core/tasks/human-size.ts";
import { NODE_CALL_DEADLINE_MS } from "../../worker/core/limits.ts";
import type { NodeEndpoint } from "../../worker/core/topology/topology.ts";
import type { NodeClient, NodeReply } from "../../worker/nodes/node-client.ts";

export type NodeTaskState =
  | { readonly kind: "running" }
  | {
      readonly kind: "succeeded";
      readonly enqueuedAt: string;
      readonly deletedDocuments: number;
      readonly sizes: Sizes | null;
    }
  | { readonly kind: "failed"; readonly enqueuedAt: string; readonly error: ErrorBody }
  /** The node has no such task of the index: it was wiped, or another node answers at its URL. */
  | { readonly kind: "gone" }
  | { readonly kind: "unreachable"; readonly reason: string; readonly silent?: boolean };

const nodeTask = z.object({
  uid: z.number(),
  indexUid: z.string().nullish(),
  enqueuedAt: z.string().default(""),
  status: z.enum(["enqueued", "processing", "succeeded", "failed", "canceled"]),
  customMetadata: z.string().nullish(),
  details: z
    .object({
      deletedDocuments: z.number().nullish(),
      editedDocuments: z.number().nullish(),
      preCompactionSize: z.string().nullish(),
      postCompactionSize: z.string().nullish(),
    })
    .nullish(),
  error: errorBodySchema.nullish(),
});

const taskList = z.object({ results: z.array(nodeTask) });
const summary = z.object({ taskUid: z.number() });

/** What fails a node's task without being the task's fault: it has to be sent anew. */
const NODES_TROUBLE: readonly string[] = [
  "no_space_left_on_device",
  "too_many_open_files",
  "io_error",
  "database_size_limit_reached",
];

export function isNodesTrouble(code: string): boolean {
  return NODES_TROUBLE.includes(code);
}

/** How many of the node's newest tasks of an index are searched for a lost request. */
const LOOK_BACK = 1000;

/** The node task's uid in the answer to a write. */
export function nodeTaskUid(text: string): number {
  return summary.parse(JSON.parse(text)).taskUid;
}

/** `index`: the one that the task has to be of, where that is known. */
export async function nodeTaskState(
  client: NodeClient,
  node: NodeEndpoint,
  index: string | undefined,
  uid: number,
): Promise<NodeTaskState> {
  const reply = await call(client, node, `/tasks/${uid}`);
  if (reply.kind === "unreachable") {
    return { kind: "unreachable", reason: reply.reason, silent: reply.timedOut };
  }
  if (reply.kind === "refused") {
    if (reply.error.code === "task_not_found") return { kind: "gone" };
    return { kind: "unreachable", reason: reply.error.message };
  }
  const task = nodeTask.parse(JSON.parse(reply.text));
  // After a node has lost its tasks, others get their numbers.
  return index === undefined || task.indexUid === index ? stateOf(task) : { kind: "gone" };
}

/**
 * The uid of the node's task that carries this `customMetadata`; null when it never arrived, or only
 * failed of the node's own trouble.
 */
export async function findNodeTask(
  client: NodeClient,
  node: NodeEndpoint,
  physical: PhysicalUid,
  customMetadata: string,
): Promise<number | null | "unreachable"> {
  const results = await tasksOf(client, node, physical);
  const found = results?.find(
    (task) => task.customMetadata === customMetadata && !isNodesTrouble(task.error?.code ?? ""),
  );
  return results === undefined ? "unreachable" : (found?.uid ?? null);
}

/** Whether the node has yet to carry out a task whose `customMetadata` begins like this. */
export async function hasOpenTask(
  client: NodeClient,
  node: NodeEndpoint,
  physical: PhysicalUid,
  prefix: string,
): Promise<boolean | "unreachable"> {
  const results = await tasksOf(client, node, physical);
  if (results === undefined) return "unreachable";
  return results.some(
    ({ customMetadata, status }) =>
      customMetadata?.startsWith(prefix) === true &&
      (status === "enqueued" || status === "processing"),
  );
}

/** The newest tasks of an index; undefined when the node does not say. */
async function tasksOf(
  client: NodeClient,
  node: NodeEndpoint,
  physical: PhysicalUid,
): Promise<readonly z.infer<typeof nodeTask>[] | undefined> {
  const path = `/tasks?indexUids=${encodeURIComponent(physical)}&limit=${LOOK_BACK}`;
  const reply = await call(client, node, path);
  return reply.kind === "answered" ? taskList.parse(JSON.parse(reply.text)).results : undefined;
}

async function call(client: NodeClient, node: NodeEndpoint, path: string): Promise<NodeReply> {
  return await client.send(node, { method: "GET", path, timeoutMs: NODE_CALL_DEADLINE_MS });
}

function sizesOf({ details }: z.infer<typeof nodeTask>): Sizes | null {
  const beforeBytes = sizeOf(details?.preCompactionSize ?? "");
  const afterBytes = sizeOf(details?.postCompactionSize ?? "");
  return beforeBytes === undefined || afterBytes === undefined ? null : { beforeBytes, afterBytes };
}

function stateOf(task: z.infer<typeof nodeTask>): NodeTaskState {
  switch (task.status) {
    case "enqueued":
    case "processing":
      return { kind: "running" };
    case "succeeded":
      return {
        kind: "succeeded",
        enqueuedAt: task.enqueuedAt,
        deletedDocuments: task.details?.editedDocuments ?? task.details?.deletedDocuments ?? 0,
        sizes: sizesOf(task),
      };
    case "failed":
    case "canceled":
      return {
        kind: "failed",
        enqueuedAt: task.enqueuedAt,
        error: task.error ?? {
          message: "the node canceled the task",
          code: "internal",
          type: "internal",
          link: "https://docs.meilisearch.com/errors#internal",
        },
      };
  }
}
