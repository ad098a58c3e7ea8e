/** GET and POST `/indexes/{indexUid}/search`. */
import { v4, v7 } from "uuid";

import { checkIndexUid } from "../core/query/parse-index.ts";
import { checkSearch, checkSearchSyntax } from "../core/query/check-search.ts";
import { parseSearchBody } from "../core/query/parse-search.ts";
import { parseSearchParams } from "../core/query/parse-search-params.ts";
import type { SearchQuery } from "../core/query/search-query.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import type { Call } from "../http/call.ts";
import { visibleIndex } from "../http/call.ts";
import { readResponse } from "../http/read-response.ts";
import { searchIndex } from "../search/search.ts";
import { checkForeignIndexes, withForeignDocuments } from "../search/foreign-documents.ts";
import type { Route } from "./route.ts";

export const searchRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/indexes/:indexUid/search",
    action: "search",
    serve: (call) => search(call, parseSearchParams(call.query)),
  },
  {
    method: "POST",
    path: "/indexes/:indexUid/search",
    action: "search",
    serve: async (call) => await search(call, parseSearchBody(await call.jsonText())),
  },
];

async function search(call: Call, asked: SearchQuery): Promise<Response> {
  const uid = checkIndexUid(call.uid);
  const filter = call.access.restrict(asked.filter, uid, "invalid_search_filter");
  const query = { ...asked, filter };
  const features = await call.features();
  const syntax = checkSearchSyntax(query, features);
  const read = await call.read();
  const index = visibleIndex(read.topology, uid);
  checkSearch(query, index, features, syntax);
  const metadata = wantsMetadata(call) ? { metadata: metadataOf(query, index) } : {};
  const joins = features.foreignKeys && index.settings.foreignKeys.length > 0;
  if (joins) checkForeignIndexes(read, index);
  const found = await searchIndex(read, index, query, { requestUid: v7(), ...metadata });
  if (!joins) return readResponse(found);
  const reader = { read, allows: (foreign: string) => call.access.allows(foreign) };
  const body = await withForeignDocuments(reader, found.body, () => index);
  return readResponse({ ...found, body });
}

function wantsMetadata(call: Call): boolean {
  return ["true", "1"].includes(call.request.headers.get("Meili-Include-Metadata") ?? "");
}

/** JSON of the `metadata` member: which query of which index this was. */
function metadataOf(query: SearchQuery, index: IndexEntry): string {
  return JSON.stringify({
    ...(query.q === null ? {} : { query: query.q }),
    queryUid: v4(),
    indexUid: index.uid,
    ...(index.primaryKey === undefined ? {} : { primaryKey: index.primaryKey }),
  });
}
