/** Every route that is served. A path that is not here is an empty 404. */
import { adminRoutes } from "./admin/table.ts";
import { uiRoutes } from "./admin/ui.ts";
import { backupRoutes } from "./backups.ts";
import { documentRoutes } from "./documents.ts";
import { experimentalFeatureRoutes } from "./experimental-features.ts";
import { facetSearchRoutes } from "./facet-search.ts";
import { fieldRoutes } from "./fields.ts";
import { gatedRoutes } from "./gated.ts";
import { indexRoutes } from "./indexes.ts";
import { instanceRoutes } from "./instance.ts";
import { keyRoutes } from "./keys.ts";
import { metricsRoutes } from "./metrics.ts";
import { multiSearchRoutes } from "./multi-search.ts";
import type { Route } from "./route.ts";
import { searchRoutes } from "./search.ts";
import { settingsRoutes } from "./settings.ts";
import { similarRoutes } from "./similar.ts";
import { statsRoutes } from "./stats.ts";
import { taskRoutes } from "./tasks.ts";
import { webhookRoutes } from "./webhooks.ts";

export const routes: readonly Route[] = [
  ...instanceRoutes,
  ...indexRoutes,
  ...settingsRoutes,
  ...documentRoutes,
  ...searchRoutes,
  ...multiSearchRoutes,
  ...facetSearchRoutes,
  ...similarRoutes,
  ...statsRoutes,
  ...taskRoutes,
  ...keyRoutes,
  ...experimentalFeatureRoutes,
  ...webhookRoutes,
  ...fieldRoutes,
  ...gatedRoutes,
  ...metricsRoutes,
  ...backupRoutes,
  ...adminRoutes,
  ...uiRoutes,
];
