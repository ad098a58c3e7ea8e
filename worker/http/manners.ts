/**
 * What every response owes its client whatever the route: a request id, CORS headers and the
 * encoding it accepts. Around the routes, so that errors and unknown paths have them too.
 */
import { ENCODINGS_OFFERED, negotiate } from "../core/http/accept-encoding.ts";
import { encoded, isBehindEdge } from "./compression.ts";
import { allowOrigin, preflight } from "./cors.ts";
import { nameResponse, requestId } from "./request-id.ts";

/** The response to a request, given what the routes answer. */
export async function withManners(
  request: Request,
  answer: () => Promise<Response>,
): Promise<Response> {
  const id = requestId(request);
  const negotiated = negotiate(request.headers.get("Accept-Encoding"));
  if (negotiated.kind === "unacceptable") return unacceptable(id);
  const early = preflight(request);
  if (early !== undefined) {
    nameResponse(early.headers, id);
    return early;
  }
  const response = await answer();
  allowOrigin(request, response.headers);
  nameResponse(response.headers, id);
  if (negotiated.kind === "plain" || isBehindEdge(request)) return response;
  return encoded(response, negotiated.encoding);
}

/** As Meilisearch does: nothing was done, and the body says what there is. */
function unacceptable(id: string): Response {
  const response = new Response(ENCODINGS_OFFERED, {
    status: 406,
    headers: { Vary: "Accept-Encoding" },
  });
  // The text has no type of its own.
  response.headers.delete("Content-Type");
  nameResponse(response.headers, id);
  return response;
}
