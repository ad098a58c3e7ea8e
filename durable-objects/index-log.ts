/** One physical index's ordered write log and its delivery to nodes. RPC shell. */
import { DurableObject } from "cloudflare:workers";

import type { Env } from "../worker/env.ts";

export class IndexLog extends DurableObject<Env> {}
