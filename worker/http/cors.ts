/**
 * Cross-origin access, wide open as Meilisearch's: any origin, method and header. What protects the
 * data is the key, not the page that a request comes from.
 */
const METHODS = "HEAD, GET, POST, DELETE, PUT, OPTIONS, PATCH, TRACE, CONNECT";
const VARY = "Origin, Access-Control-Request-Method, Access-Control-Request-Headers";
const DAY_SECONDS = 86_400;
const METHOD_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

/** The answer to a preflight request; undefined for any other. It needs neither a route nor a key. */
export function preflight(request: Request): Response | undefined {
  const method = request.headers.get("Access-Control-Request-Method");
  if (request.method !== "OPTIONS" || method === null || !METHOD_NAME.test(method)) {
    return undefined;
  }
  if (!METHODS.split(", ").includes(method)) return methodNotAllowed();
  const headers = new Headers({
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": METHODS,
    "Access-Control-Max-Age": `${DAY_SECONDS}`,
    Vary: VARY,
  });
  const asked = request.headers.get("Access-Control-Request-Headers");
  if (asked !== null) headers.set("Access-Control-Allow-Headers", asked);
  return new Response(null, { status: 200, headers });
}

/** As Meilisearch does: without a type, and without the headers that let a page go on. */
function methodNotAllowed(): Response {
  const response = new Response("Requested method is not allowed", { status: 400 });
  response.headers.delete("Content-Type");
  return response;
}

/** Opens the response to a request that is no preflight. */
export function allowOrigin(request: Request, headers: Headers): void {
  if (request.headers.has("Origin")) headers.set("Access-Control-Allow-Origin", "*");
  headers.set("Vary", VARY);
}
