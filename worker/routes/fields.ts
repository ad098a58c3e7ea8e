/** POST `/indexes/{indexUid}/fields`: the fields of an index and what its settings make of them. */
import { fieldView } from "../core/fields/field-view.ts";
import { isWanted, parseFields } from "../core/fields/parse-fields.ts";
import { pagedList } from "../core/query/parse-index.ts";
import type { Call } from "../http/call.ts";
import { jsonValue, visibleIndex } from "../http/call.ts";
import { fieldNames } from "../search/field-names.ts";
import type { Route } from "./route.ts";

export const fieldRoutes: readonly Route[] = [
  { method: "POST", path: "/indexes/:indexUid/fields", action: "fields.post", serve: list },
];

async function list(call: Call): Promise<Response> {
  const query = parseFields(await call.jsonText());
  const read = await call.read();
  // As Meilisearch does: a uid that can be no index is one that does not exist.
  const index = visibleIndex(read.topology, call.uid);
  const names = await fieldNames(read, index);
  const fields = names.map((name) => fieldView(name, index.settings));
  return jsonValue(
    pagedList(
      fields.filter((field) => isWanted(field, query)),
      query,
    ),
  );
}
