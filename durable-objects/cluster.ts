/** The cluster's authority: topology, index registry, epochs and leases. RPC shell. */
import { DurableObject } from "cloudflare:workers";

import type { Env } from "../worker/env.ts";

export class Cluster extends DurableObject<Env> {}
