/**
 * The node client over `fetch`: real nodes by URL, embedded ones through their Durable Object.
 * At most CONNECTIONS_MAX requests of one client are under way, and a request's deadline starts
 * when it is sent: waiting for a connection must not make a healthy node look dead.
 */
import { errorBodySchema } from "../error-body-schema.ts";
import { errorBody, type ErrorBody } from "../core/errors/api-error.ts";
import { CONNECTIONS_MAX } from "../core/limits.ts";
import type { NodeEndpoint } from "../core/topology/topology.ts";
import type { EmbeddedNode } from "../../durable-objects/embedded-node.ts";
import { Ending } from "./ending.ts";
import { Gate } from "./gate.ts";
import type { NodeClient, NodeReply, NodeRequest } from "./node-client.ts";

const EMBEDDED = "embedded://";

export class FetchNodeClient implements NodeClient {
  readonly #embedded: DurableObjectNamespace<EmbeddedNode>;
  readonly #gate = new Gate(CONNECTIONS_MAX);

  constructor(embedded: DurableObjectNamespace<EmbeddedNode>) {
    this.#embedded = embedded;
  }

  async send(node: NodeEndpoint, request: NodeRequest): Promise<NodeReply> {
    return await this.#gate.run(() => this.#exchange(node, request));
  }

  async #exchange(node: NodeEndpoint, request: NodeRequest): Promise<NodeReply> {
    const ending = new Ending(request.timeoutMs, request.signal);
    try {
      const response = await ending.before(this.#fetch(node, request, ending.signal));
      const text = await ending.before(response.text());
      if (response.ok) return { kind: "answered", status: response.status, text };
      return {
        kind: "refused",
        status: response.status,
        error: errorOf(text, response.status),
        retryAfterSeconds: secondsOf(response.headers.get("Retry-After")),
      };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { kind: "unreachable", reason, timedOut: ending.isDeadline };
    } finally {
      ending.release();
    }
  }

  #fetch(node: NodeEndpoint, request: NodeRequest, signal: AbortSignal): Promise<Response> {
    const headers = new Headers(request.headers);
    if (node.key !== undefined) headers.set("Authorization", `Bearer ${node.key}`);
    if (request.body !== undefined && !headers.has("Content-Type")) {
      headers.set("Content-Type", "application/json");
    }
    const init: RequestInit = {
      method: request.method,
      headers,
      body: request.body ?? null,
      signal,
    };
    if (node.url.startsWith(EMBEDDED)) {
      const stub = this.#embedded.getByName(node.url.slice(EMBEDDED.length));
      return stub.fetch(new Request(`http://embedded${request.path}`, init));
    }
    return fetch(`${node.url}${request.path}`, init);
  }
}

/** The node's own error; an answer that is not Meilisearch's becomes an internal error. */
function errorOf(text: string, status: number): ErrorBody {
  try {
    const parsed = errorBodySchema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
  } catch {
    // not JSON: a proxy in front of the node, or an empty 404
  }
  return errorBody("internal", `the node answered ${status} without a Meilisearch error`);
}

function secondsOf(header: string | null): number | undefined {
  const seconds = Number(header);
  return header === null || !Number.isFinite(seconds) ? undefined : seconds;
}
