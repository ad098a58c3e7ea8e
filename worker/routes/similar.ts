/** GET and POST `/indexes/{indexUid}/similar`. */
import { checkSimilar } from "../core/query/check-similar.ts";
import { checkIndexUid } from "../core/query/parse-index.ts";
import {
  parseSimilarBody,
  parseSimilarParams,
  type SimilarQuery,
} from "../core/query/parse-similar.ts";
import type { Call } from "../http/call.ts";
import { visibleIndex } from "../http/call.ts";
import { readResponse } from "../http/read-response.ts";
import { restrictedFilter } from "../http/restricted-filter.ts";
import { similarDocuments } from "../search/similar.ts";
import type { Route } from "./route.ts";

const PATH = "/indexes/:indexUid/similar";

export const similarRoutes: readonly Route[] = [
  {
    method: "GET",
    path: PATH,
    action: "search",
    serve: (call) => similar(call, parseSimilarParams(call.query)),
  },
  {
    method: "POST",
    path: PATH,
    action: "search",
    serve: async (call) => await similar(call, parseSimilarBody(await call.jsonText())),
  },
];

async function similar(call: Call, asked: SimilarQuery): Promise<Response> {
  const uid = checkIndexUid(call.uid);
  const read = await call.read();
  const asker = { access: call.access, topology: read.topology };
  const filter = restrictedFilter(asker, asked.filter, uid, "invalid_similar_filter");
  const query = { ...asked, filter };
  const visible = restrictedFilter(asker, null, uid, "invalid_similar_filter");
  const index = visibleIndex(read.topology, uid);
  checkSimilar(query, index.settings, await call.features());
  return readResponse(await similarDocuments(read, index, query, visible));
}
