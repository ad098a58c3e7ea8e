/** The methods of routes, and the order in which an `Allow` header names them. */
export const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const;

export type Method = (typeof METHODS)[number];

/** The `Allow` header of a path that has routes for these methods. */
export function allowHeader(methods: Iterable<Method>): string {
  const known = new Set(methods);
  return METHODS.filter((method) => known.has(method)).join(", ");
}
