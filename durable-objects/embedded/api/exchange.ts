/** A request to the node and its answer, without any platform's types. */
export interface NodeExchange {
  readonly method: string;
  /** Decoded segments of the path. */
  readonly path: readonly string[];
  readonly params: URLSearchParams;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

export interface NodeAnswer {
  readonly status: number;
  /** JSON text; empty for no body. */
  readonly body: string;
}

export function answer(body: string, status = 200): NodeAnswer {
  return { status, body };
}

/** Whether another node or a coordinator asks, which is told what clients are not. */
export function isProxied(exchange: NodeExchange): boolean {
  return exchange.headers.get("meili-proxy-search") === "true";
}
