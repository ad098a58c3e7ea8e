/**
 * A small Meilisearch-compatible node in a Durable Object: the node of a fleet that nobody had to
 * set up. A shell only: the engine in `embedded/` does the work, on this object's SQLite.
 */
import { DurableObject } from "cloudflare:workers";

import type { Env } from "../worker/env.ts";
import { EmbeddedEngine } from "./embedded/embedded-engine.ts";
import { SqliteStorage } from "./embedded/storage/sqlite-storage.ts";

export class EmbeddedNode extends DurableObject<Env> {
  private readonly engine: EmbeddedEngine;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.engine = new EmbeddedEngine(new SqliteStorage(ctx.storage), () => new Date());
  }

  override async fetch(request: Request): Promise<Response> {
    const { pathname, search } = new URL(request.url);
    const { status, body } = this.engine.handle({
      method: request.method,
      url: pathname + search,
      headers: Object.fromEntries(request.headers),
      body: await request.text(),
    });
    const headers = body === "" ? {} : { "content-type": "application/json" };
    return new Response(body === "" ? null : body, { status, headers });
  }
}
