/** A small Meilisearch-compatible node in a Durable Object. Thin shell over `embedded/`. */
import { DurableObject } from "cloudflare:workers";

import type { Env } from "../worker/env.ts";

export class EmbeddedNode extends DurableObject<Env> {
  override fetch(): Response {
    return Response.json({ status: "available" });
  }
}
