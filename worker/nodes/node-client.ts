/**
 * The port to Meilisearch nodes, real or embedded: one exchange, three outcomes. Everything above
 * it decides by the outcome; nothing above it knows how a node is reached.
 */
import type { ErrorBody } from "../core/errors/api-error.ts";
import type { NodeEndpoint } from "../core/topology/topology.ts";

export interface NodeRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query, already encoded, from `/`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON text unless the headers name another content type. */
  readonly body?: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  /**
   * A search that may travel with others: the same one as JSON of a query of a plain multi-search,
   * whose result tells all that is needed from the answer to this request.
   */
  readonly alone?: () => string;
  /** Counted from when the request is really sent, not while it waits for a connection. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

export type NodeReply =
  /** The node did what was asked; `text` is the body as sent. */
  | { readonly kind: "answered"; readonly status: number; readonly text: string }
  /** The node answered with an error of its own. */
  | {
      readonly kind: "refused";
      readonly status: number;
      readonly error: ErrorBody;
      readonly retryAfterSeconds: number | undefined;
    }
  /** No (whole) answer came: the outcome of a write is unknown. */
  | { readonly kind: "unreachable"; readonly reason: string; readonly timedOut: boolean };

export interface NodeClient {
  /** One exchange with a node. Never throws; a deadline or a broken answer is `unreachable`. */
  send(node: NodeEndpoint, request: NodeRequest): Promise<NodeReply>;
}
