/**
 * Rows for routes of an experimental feature. As Meilisearch does: the body and the parameters are
 * read first, then it is looked at whether the feature is on.
 */
import type { FeatureFlag } from "../core/features/feature-flags.ts";
import { featureError, type FeatureName } from "../core/query/features.ts";
import type { Call } from "../http/call.ts";
import type { Route } from "./route.ts";

export interface Gated<T> {
  readonly action: Route["action"];
  /** What a client was doing that the feature is needed for; begins Meilisearch's sentence. */
  readonly doing: string;
  readonly read: (call: Call) => T | Promise<T>;
  readonly serve: (read: T, call: Call) => Response | Promise<Response>;
}

export function gate<T>(
  feature: FeatureFlag & FeatureName,
  method: Route["method"],
  path: string,
  { action, doing, read, serve }: Gated<T>,
): Route {
  return {
    method,
    path,
    action,
    serve: async (call) => {
      const parsed = await read(call);
      if (!(await call.features())[feature]) throw featureError(feature, doing);
      return await serve(parsed, call);
    },
  };
}

/** Reads the JSON body. */
export function body<T>(parse: (text: string) => T): (call: Call) => Promise<T> {
  return async (call) => parse(await call.jsonText());
}

export const nothing = (): null => null;
