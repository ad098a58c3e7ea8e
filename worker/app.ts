/** The HTTP surface: every row of the route table, with its key check and one error boundary. */
import { Hono } from "hono";

import { authorize } from "./auth.ts";
import type { Env } from "./env.ts";
import { Call } from "./http/call.ts";
import { responseOf } from "./http/error-boundary.ts";
import { routes } from "./routes/table.ts";

export const app = new Hono<{ Bindings: Env }>({
  // As Meilisearch does: a trailing slash means nothing.
  getPath: (request) => new URL(request.url).pathname.replace(/(?<=.)\/+$/, ""),
});

for (const { method, path, action, serve } of routes) {
  app.on(method, path, async (context) => {
    const call = new Call(context);
    await authorize(context.req.header("Authorization") ?? null, call.config.masterKey, action);
    return await serve(call);
  });
}

// As Meilisearch does: a known path with another method is an empty 405, the rest an empty 404.
for (const path of new Set(routes.map((route) => route.path))) {
  app.all(path, () => new Response(null, { status: 405 }));
}
app.notFound(() => new Response(null, { status: 404 }));
app.onError((error) => responseOf(error));
