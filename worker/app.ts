/** The HTTP surface: every row of the route table, with its key check and one error boundary. */
import { Hono } from "hono";

import { allowHeader } from "./core/http/methods.ts";
import { comparePatterns } from "./core/http/path-order.ts";
import { normalPath } from "./core/http/path.ts";
import type { Env } from "./env.ts";
import { Call } from "./http/call.ts";
import type { RequestContext } from "./http/call.ts";
import { countRequest } from "./http/count-request.ts";
import { responseOf } from "./http/error-boundary.ts";
import { withManners } from "./http/manners.ts";
import { waitForMinTask } from "./http/min-task.ts";
import type { Route } from "./routes/route.ts";
import { routes } from "./routes/table.ts";

const dispatcher = new Hono<{ Bindings: Env }>({
  getPath: (request) => normalPath(new URL(request.url).pathname),
});

// As Meilisearch does: the path is found first; a known one with another method is an empty 405 that
// names its methods (HEAD and OPTIONS among the unknown), the rest an empty 404.
const paths = new Set(routes.map(({ path }) => path));
for (const path of [...paths].toSorted(comparePatterns)) {
  const rows = routes.filter((route) => route.path === path);
  const allow = allowHeader(rows.map(({ method }) => method));
  dispatcher.all(path, async (context) => {
    const startedAt = Date.now();
    const row = rows.find(({ method }) => method === context.req.raw.method);
    const response =
      row === undefined
        ? new Response(null, { status: 405, headers: { Allow: allow } })
        : await answer(context, row);
    countRequest(context, path, response.status, startedAt);
    return response;
  });
}

async function answer(context: RequestContext, row: Route): Promise<Response> {
  try {
    const call = await Call.authorized(context, row.action);
    await waitForMinTask(call.request.headers, {
      tasks: call.tasks,
      now: () => Date.now(),
      sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    });
    return await row.serve(call);
  } catch (error) {
    return responseOf(error);
  }
}

dispatcher.notFound(() => new Response(null, { status: 404 }));
dispatcher.onError((error) => responseOf(error));

export const app = {
  async fetch(request: Request, env: Env, context: ExecutionContext): Promise<Response> {
    return await withManners(request, async () => await dispatcher.fetch(request, env, context));
  },
};
