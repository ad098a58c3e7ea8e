/** The dashboard is a folder of assets: its name without the slash leads there. */
import type { Route } from "../route.ts";

export const uiRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/_miroir/ui",
    action: "none",
    serve: () => new Response(null, { status: 308, headers: { Location: "/_miroir/ui/" } }),
  },
];
