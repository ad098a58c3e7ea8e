/** Experimental features: what clients have switched on. */
import { changeFeatures } from "../cluster/feature-writer.ts";
import { parseFeatures, viewFeatures } from "../core/features/feature-flags.ts";
import { jsonValue } from "../http/call.ts";
import type { Route } from "./route.ts";

const PATH = "/experimental-features";

export const experimentalFeatureRoutes: readonly Route[] = [
  {
    method: "GET",
    path: PATH,
    action: "experimental.get",
    serve: async (call) => jsonValue(viewFeatures(await call.features())),
  },
  {
    method: "PATCH",
    path: PATH,
    action: "experimental.update",
    serve: async (call) => {
      const patch = parseFeatures(await call.jsonText());
      return jsonValue(viewFeatures(await changeFeatures(call.writes, patch)));
    },
  },
];
