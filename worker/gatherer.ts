/**
 * A sub-gatherer: a part of a large scatter in an invocation of its own, which has six connections of
 * its own. Reached by a service binding of the Worker to itself, never by clients.
 */
import { WorkerEntrypoint } from "cloudflare:workers";

import type { Env } from "./env.ts";
import { FetchNodeClient } from "./nodes/fetch-node-client.ts";
import type { NodeReply } from "./nodes/node-client.ts";
import type { RelayedExchange } from "./nodes/relaying-node-client.ts";

export class Gatherer extends WorkerEntrypoint<Env> {
  /** Carries out the exchanges; each reply is told as it comes, by the exchange's position. */
  async relay(
    exchanges: readonly RelayedExchange[],
    onReply: (position: number, reply: NodeReply) => Promise<void>,
  ): Promise<void> {
    const nodes = new FetchNodeClient(this.env.EMBEDDED_NODE);
    await Promise.all(
      exchanges.map(async ({ node, request }, position) => {
        await onReply(position, await nodes.send(node, request));
      }),
    );
  }
}
