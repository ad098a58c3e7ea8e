/** Every row of the admin API. */
import type { AdminRoute } from "./admin-route.ts";
import { aliasRoutes } from "./aliases.ts";
import { eventRoutes } from "./events.ts";
import { adminIndexRoutes } from "./indexes.ts";
import { nodeRoutes } from "./nodes.ts";
import { openApiRoute } from "./openapi.ts";
import { operationRoutes } from "./operations.ts";
import { rebalanceRoutes } from "./rebalance.ts";
import { topologyRoutes } from "./topology.ts";

const rows: readonly AdminRoute[] = [
  ...topologyRoutes,
  ...nodeRoutes,
  ...operationRoutes,
  ...rebalanceRoutes,
  ...adminIndexRoutes,
  ...aliasRoutes,
  ...eventRoutes,
];

export const adminRoutes: readonly AdminRoute[] = [...rows, openApiRoute(rows)];
