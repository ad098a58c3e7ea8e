/**
 * Who may call what. Only `Authorization: Bearer` counts, as in Meilisearch; comparison takes the
 * same time wherever the texts differ.
 */
import { ApiError } from "./core/errors/api-error.ts";

/** An API-key action of Meilisearch, or `none` for routes that need no key. */
export type Action =
  | "none"
  | "search"
  | "documents.add"
  | "documents.get"
  | "documents.delete"
  | "indexes.create"
  | "indexes.get"
  | "indexes.update"
  | "indexes.delete"
  | "settings.get"
  | "settings.update"
  | "stats.get"
  | "tasks.get"
  | "version"
  | "miroir.get";

/** Checks the caller's key for an action; throws the error that Meilisearch would answer. */
export async function authorize(
  header: string | null,
  masterKey: string,
  action: Action,
): Promise<void> {
  if (action === "none") return;
  const [scheme, token] = header?.split(" ", 2) ?? [];
  if (scheme !== "Bearer") {
    throw new ApiError(
      "missing_authorization_header",
      "The Authorization header is missing. It must use the bearer authorization method.",
    );
  }
  if (token === undefined || !(await isEqual(token, masterKey))) {
    throw new ApiError("invalid_api_key", "The provided API key is invalid.");
  }
}

const encoder = new TextEncoder();

/** Compares digests, so that neither length nor content shows in the time it takes. */
async function isEqual(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all(
    [a, b].map((text) => crypto.subtle.digest("SHA-256", encoder.encode(text))),
  );
  return left !== undefined && right !== undefined && crypto.subtle.timingSafeEqual(left, right);
}
