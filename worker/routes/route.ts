/** A row of the route table. */
import type { Method } from "../core/http/methods.ts";
import type { Action } from "../core/keys/actions.ts";
import type { Call } from "../http/call.ts";

export interface Route {
  readonly method: Method;
  /** Path with `:name` parameters. */
  readonly path: string;
  /** What a key must allow; of several, all. */
  readonly action: Action | readonly Action[];
  readonly serve: (call: Call) => Response | Promise<Response>;
}
