/** Errors of one query among several: told with the query's place, as Meilisearch does. */
import { ApiError } from "./api-error.ts";
import { NodeError } from "./scrub.ts";

/** What `work` returns; its error gets the place of the query, and is never a 404. */
export function insideQuery<T>(position: number, work: () => T): T {
  return inside(`Inside \`.queries[${position}]\`: `, "", work);
}

/** What `work` returns; its error is told between two texts. */
export function inside<T>(before: string, after: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ApiError ? placed(error, before, after) : error;
  }
}

function placed(error: ApiError, before: string, after: string): ApiError {
  // As Meilisearch does: an index that is not part of the path is a mistake in the request.
  const status = error.code === "index_not_found" ? 400 : error.status;
  const message = `${before}${error.message}${after}`;
  return new NodeError(status, { ...error.body(), message }, error.retryAfterSeconds);
}
