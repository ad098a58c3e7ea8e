/**
 * One request to one node, which ends at its deadline whatever the node client does: a request that
 * waits for a connection, or a client that hangs, must not hang the search.
 */
import type { Node } from "../core/topology/topology.ts";
import type { NodeReply, NodeRequest } from "../nodes/node-client.ts";
import type { ReadContext } from "./read-context.ts";

export async function attempt(
  read: ReadContext,
  node: Node,
  request: Omit<NodeRequest, "timeoutMs" | "signal">,
  timeoutMs: number,
): Promise<NodeReply> {
  if (timeoutMs <= 0) return { kind: "unreachable", reason: "no time is left", timedOut: true };
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expired = new Promise<NodeReply>((resolve) => {
    timer = setTimeout(() => {
      resolve({ kind: "unreachable", reason: `no answer in ${timeoutMs} ms`, timedOut: true });
    }, timeoutMs);
  });
  try {
    const { signal } = read;
    const sent = { ...request, timeoutMs, ...(signal === undefined ? {} : { signal }) };
    return await Promise.race([read.nodes.send(node, sent), expired]);
  } finally {
    clearTimeout(timer);
  }
}
