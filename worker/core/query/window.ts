/** Which slice of the ranked hits a search asks for; `page` or `hitsPerPage` win over `offset`. */
import { SEARCH_LIMIT_DEFAULT } from "./search-defaults.ts";
import type { Window } from "./search-query.ts";

export interface Paging {
  readonly offset: number;
  readonly limit: number;
  readonly page: number | null;
  readonly hitsPerPage: number | null;
}

export function windowOf({ offset, limit, page, hitsPerPage }: Paging): Window {
  if (page === null && hitsPerPage === null) return { kind: "slice", offset, limit };
  return { kind: "page", page: page ?? 1, hitsPerPage: hitsPerPage ?? SEARCH_LIMIT_DEFAULT };
}
