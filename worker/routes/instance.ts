/** Routes about the whole instance: health and version. */
import { jsonValue } from "../http/call.ts";
import type { Route } from "./route.ts";

/** The Meilisearch whose API Miroir speaks. */
const VERSION = { commitSha: "unknown", commitDate: "unknown", pkgVersion: "1.50.0" };

export const instanceRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/",
    action: "none",
    serve: () => jsonValue({ status: "Meilisearch is running" }),
  },
  {
    method: "GET",
    path: "/health",
    action: "none",
    serve: () => jsonValue({ status: "available" }),
  },
  { method: "GET", path: "/version", action: "version", serve: () => jsonValue(VERSION) },
];
