/**
 * A snapshot of the cluster: every node takes its own, on its own disk, at about the same time. What
 * Miroir knows besides is in its Durable Objects and its database, which keep themselves. Embedded
 * nodes are kept in the same way, and have nothing to do.
 */
import { errorBody } from "../../worker/core/errors/api-error.ts";
import { NODE_CALL_DEADLINE_MS } from "../../worker/core/limits.ts";
import type { NodeId } from "../../worker/core/ids.ts";
import type { Node } from "../../worker/core/topology/topology.ts";
import type { NodeClient } from "../../worker/nodes/node-client.ts";
import { nodeTaskState, nodeTaskUid } from "../delivery/node-tasks.ts";
import { BackupError } from "./backup-error.ts";

export interface SnapshotTools {
  readonly client: NodeClient;
  readonly sleep: (ms: number) => Promise<void>;
}

const POLL_MS = 250;

/** Asks nodes for their snapshots; answers the uid of each node's task. */
export async function beginSnapshots(
  { client }: SnapshotTools,
  nodes: readonly Node[],
): Promise<ReadonlyMap<NodeId, number>> {
  const real = nodes.filter(({ url }) => !url.startsWith("embedded://"));
  const started = await Promise.all(
    real.map(async (node) => {
      const request = {
        method: "POST",
        path: "/snapshots",
        timeoutMs: NODE_CALL_DEADLINE_MS,
      } as const;
      const reply = await client.send(node, request);
      if (reply.kind === "answered") return [node.id, nodeTaskUid(reply.text)] as const;
      const reason = reply.kind === "refused" ? reply.error.message : reply.reason;
      throw new BackupError(errorBody("internal", `Node \`${node.id}\`: ${reason}`), false);
    }),
  );
  return new Map(started);
}

/** Resolves when every node has its snapshot; throws with what one of them says. */
export async function awaitSnapshots(
  { client, sleep }: SnapshotTools,
  nodes: readonly Node[],
  started: ReadonlyMap<NodeId, number>,
): Promise<void> {
  const waiting = new Map(started);
  while (waiting.size > 0) {
    for (const [id, uid] of waiting) {
      const node = nodes.find((known) => known.id === id);
      const state =
        node === undefined ? undefined : await nodeTaskState(client, node, undefined, uid);
      // A node that left the cluster needs no snapshot.
      if (state === undefined || state.kind === "succeeded") waiting.delete(id);
      else if (state.kind === "failed") {
        throw new BackupError(
          errorBody(state.error.code, `Node \`${id}\`: ${state.error.message}`),
          true,
        );
      } else if (state.kind === "gone" || state.kind === "unreachable") {
        throw new BackupError(
          errorBody("internal", `Node \`${id}\` does not say how its snapshot ended.`),
          false,
        );
      }
    }
    if (waiting.size > 0) await sleep(POLL_MS);
  }
}
