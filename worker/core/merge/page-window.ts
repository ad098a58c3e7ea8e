/**
 * Which part of the merged list a client asked for. Nodes are always asked from the first hit on,
 * because a hit's place in the whole is not known to any of them.
 */
import { countText } from "../json/count-text.ts";
import type { Window } from "../query/search-query.ts";

/**
 * Hits that are needed from the top. As Meilisearch does: `maxTotalHits` bounds the hits, not the
 * totals.
 */
export function neededHits(window: Window, maxTotalHits: number): number {
  const end =
    window.kind === "slice" ? window.offset + window.limit : window.page * window.hitsPerPage;
  return Math.min(end, maxTotalHits);
}

/** The page out of the first `neededHits` hits. */
export function pageOf<T>(hits: readonly T[], window: Window): readonly T[] {
  if (window.kind === "slice") return hits.slice(window.offset, window.offset + window.limit);
  // As Meilisearch does: page 0 has no hits, only totals.
  if (window.page === 0) return [];
  const start = (window.page - 1) * window.hitsPerPage;
  return hits.slice(start, start + window.hitsPerPage);
}

/** The members of a response that describe the page, in Meilisearch's order. */
export function windowMembers(window: Window, total: number): string {
  if (window.kind === "slice") {
    const { limit, offset } = window;
    return `"limit":${countText(limit)},"offset":${countText(offset)},"estimatedTotalHits":${total}`;
  }
  const { page, hitsPerPage } = window;
  const totalPages = hitsPerPage === 0 ? 0 : Math.ceil(total / hitsPerPage);
  return `"hitsPerPage":${countText(hitsPerPage)},"page":${countText(page)},"totalPages":${totalPages},"totalHits":${total}`;
}
