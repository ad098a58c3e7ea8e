/** The one place where an error becomes a response: always Meilisearch's JSON shape. */
import { ConfigError } from "../config.ts";
import { ApiError, errorBody } from "../core/errors/api-error.ts";
import { errorResponse } from "./call.ts";

export function responseOf(error: unknown): Response {
  if (error instanceof ApiError) {
    return errorResponse(error.body(), error.status, error.retryAfterSeconds);
  }
  const message = error instanceof Error ? error.message : String(error);
  // oxlint-disable-next-line no-console -- the log that an operator reads
  console.error(JSON.stringify({ event: "request_failed", error: message }));
  const shown =
    error instanceof ConfigError
      ? `Miroir's configuration is wrong: ${message}`
      : "An internal error has occurred.";
  return errorResponse(errorBody("internal", shown), 500, undefined);
}
