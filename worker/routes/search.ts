/** GET and POST `/indexes/{indexUid}/search`. */
import { v7 } from "uuid";

import { checkIndexUid } from "../core/query/parse-index.ts";
import { checkSearch, checkSearchSyntax } from "../core/query/check-search.ts";
import { parseSearchBody } from "../core/query/parse-search.ts";
import { parseSearchParams } from "../core/query/parse-search-params.ts";
import type { IndexUid } from "../core/ids.ts";
import type { SearchQuery } from "../core/query/search-query.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import type { Call } from "../http/call.ts";
import { visibleIndex } from "../http/call.ts";
import { readResponse } from "../http/read-response.ts";
import { searchIndex } from "../search/search.ts";
import { multiResponse } from "../http/multi-response.ts";
import { filterBehind, restrictedFilter } from "../http/restricted-filter.ts";
import { searchAll } from "../search/alias-search.ts";
import {
  checkForeignIndexes,
  federatedWithForeignDocuments,
  withForeignDocuments,
} from "../search/foreign-documents.ts";
import { indexesOf } from "../search/queried-index.ts";
import type { ReadContext } from "../search/read-context.ts";
import type { Route } from "./route.ts";

export const searchRoutes: readonly Route[] = [
  {
    method: "GET",
    path: "/indexes/:indexUid/search",
    action: "search",
    serve: async (call) => await search(call, parseSearchParams(call.query, await call.features())),
  },
  {
    method: "POST",
    path: "/indexes/:indexUid/search",
    action: "search",
    serve: async (call) =>
      await search(call, parseSearchBody(await call.jsonText(), await call.features())),
  },
];

async function search(call: Call, asked: SearchQuery): Promise<Response> {
  const uid = checkIndexUid(call.uid);
  const read = await call.read();
  const asker = { access: call.access, topology: read.topology };
  const filter = restrictedFilter(asker, asked.filter, uid, "invalid_search_filter");
  const query = { ...asked, filter };
  const features = await call.features();
  const syntax = checkSearchSyntax(query, features);
  const several = indexesOf(read.topology, uid, (one) => checkSearch(query, one, features, syntax));
  if (several !== undefined) return await searchSeveral(call, read, { uid, several }, asked);
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

/** A search by an alias of several indexes. */
async function searchSeveral(
  call: Call,
  read: ReadContext,
  { uid: alias, several }: { readonly uid: IndexUid; readonly several: readonly IndexEntry[] },
  query: SearchQuery,
): Promise<Response> {
  const features = await call.features();
  const asker = { access: call.access, topology: read.topology };
  const indexes = several.map((index) => {
    const names = { alias, uid: index.uid };
    return { index, filter: filterBehind(asker, query.filter, names, "invalid_search_filter") };
  });
  if (features.foreignKeys) for (const index of several) checkForeignIndexes(read, index);
  const metadata = wantsMetadata(call) ? { metadataOf } : {};
  const found = await searchAll(read, indexes, query, { requestUid: v7(), features, ...metadata });
  if (!features.foreignKeys) return multiResponse(found);
  const reader = { read, allows: (foreign: string) => call.access.allows(foreign) };
  return multiResponse({
    ...found,
    body: await federatedWithForeignDocuments(reader, found.body),
  });
}

function wantsMetadata(call: Call): boolean {
  return ["true", "1"].includes(call.request.headers.get("Meili-Include-Metadata") ?? "");
}

/** JSON of the `metadata` member: which query of which index this was. */
function metadataOf(query: SearchQuery, index: IndexEntry): string {
  return JSON.stringify({
    ...(query.q === null ? {} : { query: query.q }),
    queryUid: v7(),
    indexUid: index.uid,
    ...(index.primaryKey === undefined ? {} : { primaryKey: index.primaryKey }),
  });
}
