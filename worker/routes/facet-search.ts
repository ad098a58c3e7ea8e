/** POST `/indexes/{indexUid}/facet-search`. */
import { checkFacetSearch } from "../core/query/check-facet-search.ts";
import { parseFacetSearchBody } from "../core/query/parse-facet-search.ts";
import { checkIndexUid } from "../core/query/parse-index.ts";
import type { Call } from "../http/call.ts";
import { visibleIndex } from "../http/call.ts";
import { readResponse } from "../http/read-response.ts";
import { facetSearch } from "../search/facet-search.ts";
import type { Route } from "./route.ts";

export const facetSearchRoutes: readonly Route[] = [
  { method: "POST", path: "/indexes/:indexUid/facet-search", action: "search", serve },
];

async function serve(call: Call): Promise<Response> {
  const asked = parseFacetSearchBody(await call.jsonText());
  const uid = checkIndexUid(call.uid);
  const filter = call.access.restrict(asked.search.filter, uid, "invalid_search_filter");
  const query = { ...asked, search: { ...asked.search, filter } };
  const read = await call.read();
  const index = visibleIndex(read.topology, uid);
  checkFacetSearch(query, index.settings, await call.features());
  return readResponse(await facetSearch(read, index, query));
}
