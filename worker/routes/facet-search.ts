/** POST `/indexes/{indexUid}/facet-search`. */
import { checkFacetSearch } from "../core/query/check-facet-search.ts";
import { parseFacetSearchBody } from "../core/query/parse-facet-search.ts";
import { checkIndexUid } from "../core/query/parse-index.ts";
import type { Call } from "../http/call.ts";
import { visibleIndex } from "../http/call.ts";
import { multiResponse } from "../http/multi-response.ts";
import { readResponse } from "../http/read-response.ts";
import { filterBehind, restrictedFilter } from "../http/restricted-filter.ts";
import { facetSearchAll } from "../search/alias-search.ts";
import { facetSearch } from "../search/facet-search.ts";
import { indexesOf } from "../search/queried-index.ts";
import type { Route } from "./route.ts";

export const facetSearchRoutes: readonly Route[] = [
  { method: "POST", path: "/indexes/:indexUid/facet-search", action: "search", serve },
];

async function serve(call: Call): Promise<Response> {
  const features = await call.features();
  const asked = parseFacetSearchBody(await call.jsonText(), features);
  const uid = checkIndexUid(call.uid);
  const read = await call.read();
  const asker = { access: call.access, topology: read.topology };
  const code = "invalid_search_filter";
  const filter = restrictedFilter(asker, asked.search.filter, uid, code);
  const query = { ...asked, search: { ...asked.search, filter } };
  const several = indexesOf(read.topology, uid, ({ settings }) =>
    checkFacetSearch(query, settings, features),
  );
  if (several !== undefined) {
    const indexes = several.map((index) => {
      const names = { alias: uid, uid: index.uid };
      return { index, filter: filterBehind(asker, asked.search.filter, names, code) };
    });
    return multiResponse(await facetSearchAll(read, indexes, query));
  }
  const index = visibleIndex(read.topology, uid);
  checkFacetSearch(query, index.settings, features);
  return readResponse(await facetSearch(read, index, query));
}
