/**
 * Responses in the encoding that the client accepts. Cloudflare's edge does that for a deployed
 * Worker; workerd on its own does not, so it is done here wherever no edge is in front.
 */
import type { Encoding } from "../core/http/accept-encoding.ts";

/**
 * Whether Cloudflare's edge, or `wrangler dev` in its place, is in front. Both show an
 * `Accept-Encoding` of their own here, not the client's.
 */
export function isBehindEdge(request: Request): boolean {
  return request.cf !== undefined || request.headers.has("CF-Ray");
}

/** The same response, encoded. */
export function encoded(response: Response, encoding: Encoding): Response {
  if (response.body === null || response.headers.has("Content-Encoding")) return response;
  // A file is compressed already, and its length is worth more to the client.
  if (response.headers.get("Content-Type") === "application/octet-stream") return response;
  const headers = new Headers(response.headers);
  headers.set("Content-Encoding", encoding);
  headers.append("Vary", "accept-encoding");
  const { status } = response;
  // Workers: gzip and brotli are done by the runtime when the header names them; deflate is not.
  if (encoding !== "deflate") return new Response(response.body, { status, headers });
  const body = response.body.pipeThrough(new CompressionStream("deflate"));
  return new Response(body, { status, headers, encodeBody: "manual" });
}
