/** A row of the route table. */
import type { Action } from "../auth.ts";
import type { Call } from "../http/call.ts";

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path with `:name` parameters. */
  readonly path: string;
  readonly action: Action;
  readonly serve: (call: Call) => Response | Promise<Response>;
}
