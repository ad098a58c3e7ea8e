/**
 * Searches that are sent to a node at the same time travel in one request: a node answers many
 * queries of one client in one plain multi-search. What cannot travel so is sent as it is, and so is
 * everything again when the bundle is refused, since one query's mistake refuses them all.
 */
import { elements, memberOf } from "../core/json/text-scanner.ts";
import { BUNDLE_QUERIES_MAX } from "../core/limits.ts";
import type { NodeEndpoint } from "../core/topology/topology.ts";
import type { NodeClient, NodeReply, NodeRequest } from "./node-client.ts";

interface Waiting {
  readonly node: NodeEndpoint;
  readonly request: NodeRequest;
  /** The request as a query of a bundle. */
  readonly query: string;
  readonly resolve: (reply: NodeReply) => void;
}

export class BundlingNodeClient implements NodeClient {
  readonly #inner: NodeClient;
  readonly #signal: AbortSignal | undefined;
  readonly #waiting = new Map<string, Waiting[]>();
  #isScheduled = false;

  constructor(inner: NodeClient, signal?: AbortSignal) {
    this.#inner = inner;
    this.#signal = signal;
  }

  async send(node: NodeEndpoint, request: NodeRequest): Promise<NodeReply> {
    if (request.alone === undefined) return await this.#inner.send(node, request);
    const query = request.alone();
    return await new Promise((resolve) => {
      const known = this.#waiting.get(node.id);
      const waiting = { node, request, query, resolve };
      if (known === undefined) this.#waiting.set(node.id, [waiting]);
      else known.push(waiting);
      this.#schedule();
    });
  }

  /** Whatever is asked in this turn of the event loop goes together. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setTimeout(() => {
      this.#isScheduled = false;
      const all = [...this.#waiting.values()];
      this.#waiting.clear();
      for (const waiting of all) {
        for (let at = 0; at < waiting.length; at += BUNDLE_QUERIES_MAX) {
          void this.#sendAll(waiting.slice(at, at + BUNDLE_QUERIES_MAX));
        }
      }
    });
  }

  async #sendAll(waiting: readonly Waiting[]): Promise<void> {
    const [first, ...others] = waiting;
    if (first === undefined) return;
    if (others.length === 0) return await this.#sendEach(waiting);
    const reply = await this.#inner.send(first.node, {
      method: "POST",
      path: "/multi-search",
      headers: { "content-type": "application/json" },
      body: `{"queries":[${waiting.map(({ query }) => query).join(",")}]}`,
      timeoutMs: Math.max(...waiting.map(({ request }) => request.timeoutMs)),
      ...(this.#signal === undefined ? {} : { signal: this.#signal }),
    });
    const results = reply.kind === "answered" ? resultsOf(reply.text) : undefined;
    const isMistake = reply.kind === "refused" && reply.status < 500 && reply.status !== 429;
    if (reply.kind === "answered" ? results?.length !== waiting.length : isMistake) {
      return await this.#sendEach(waiting);
    }
    for (const [at, { resolve }] of waiting.entries()) {
      const text = results?.[at];
      resolve(text === undefined ? reply : { kind: "answered", status: 200, text });
    }
  }

  async #sendEach(waiting: readonly Waiting[]): Promise<void> {
    await Promise.all(
      waiting.map(async ({ node, request, resolve }) => {
        resolve(await this.#inner.send(node, request));
      }),
    );
  }
}

/** The text of each result; undefined when the answer is none to a multi-search. */
function resultsOf(text: string): readonly string[] | undefined {
  try {
    const results = memberOf(text, 0, "results");
    if (results === undefined) return undefined;
    return elements(text, results.valueStart).map(([start, end]) => text.slice(start, end));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
