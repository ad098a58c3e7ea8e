/**
 * The documents that rules pin in a search (`core/rules`), as hits. As Meilisearch does: only those
 * that pass the search's filter; whether they match its words does not matter.
 */
import { parseFilter } from "../core/filter/parse.ts";
import type { NodeFacets } from "../core/merge/facets.ts";
import { facetRules } from "../core/merge/facet-rules.ts";
import type { Hit } from "../core/merge/hit.ts";
import { hitId } from "../core/merge/hit-id.ts";
import { hitIdentity } from "../core/merge/hybrid.ts";
import { pinnedHit, withMarksOf } from "../core/merge/rewritten-hit.ts";
import { isOneOf } from "../core/query/conditions.ts";
import { nodeQuery, type NodeQuery } from "../core/query/plan.ts";
import { keywordQuery, searchKind } from "../core/query/search-kind.ts";
import type { SearchQuery } from "../core/query/search-query.ts";
import { documentKey } from "../core/ranking/document-key.ts";
import { matchingPins, type Pin } from "../core/rules/matching-rules.ts";
import type { Pinned } from "../core/rules/place-pins.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import { gather, gatheredFacets, mergedHits, type Gathered } from "./gather.ts";
import type { ReadContext } from "./read-context.ts";
import { markedHits, marksWords } from "./word-marks.ts";

export interface PinnedDocuments {
  /** In the order of their rules' precedence, each document once. */
  readonly pins: readonly Pinned<Hit>[];
  readonly ids: readonly string[];
  readonly facets: NodeFacets;
  readonly missing: Gathered["missing"];
}

/** As Meilisearch does: documents that are pinned beyond these are where they rank. */
const PINS_MAX = 100;
/** Documents that are looked for, in one filter. */
const CANDIDATES_MAX = 1000;

/** Undefined when nothing is pinned. */
export async function pinnedDocuments(
  read: ReadContext,
  index: IndexEntry,
  query: SearchQuery,
): Promise<PinnedDocuments | undefined> {
  const { primaryKey } = index;
  const pins = wantedPins(read, index, query);
  if (pins.length === 0 || primaryKey === undefined) return undefined;
  const asked = { ...keywordQuery(query), rankingScoreThreshold: null, distinct: null };
  const gathered = await gather(read, index, pinQuery({ ...asked, q: null }, pins, primaryKey));
  const found = byPin(pins, gathered, primaryKey).slice(0, PINS_MAX);
  if (found.length === 0) return undefined;
  const hits = found.map(({ hit }) => hit);
  // Words are only marked in hits that were searched for.
  const marked = marksWords(query) ? await markedHits(read, index, query, hits) : undefined;
  return {
    pins: found.map(({ pin: { position }, hit }) => {
      const shown = marked?.get(hitIdentity(hit, primaryKey));
      return {
        position,
        hit: pinnedHit(shown === undefined ? hit : withMarksOf(hit, shown), position),
      };
    }),
    ids: found.map(({ pin }) => pin.id),
    facets: gatheredFacets(gathered, facetRules(index.settings)),
    missing: gathered.missing,
  };
}

function pinQuery(query: SearchQuery, pins: readonly Pin[], primaryKey: string): NodeQuery {
  const ids = pins.map(({ id }) => id);
  // Ids that differ in case alone are one to the filter.
  const asked = nodeQuery({ ...query, window: SLICE }, 2 * ids.length);
  return { ...asked, conditions: [isOneOf(primaryKey, ids)] };
}

const SLICE: SearchQuery["window"] = { kind: "slice", offset: 0, limit: 0 };

interface FoundPin {
  readonly pin: Pin;
  readonly hit: Hit;
}

/** The hits in the order of their pins. */
function byPin(pins: readonly Pin[], gathered: Gathered, primaryKey: string): readonly FoundPin[] {
  const hits = mergedHits(gathered, Infinity);
  return pins.flatMap((pin) => {
    const hit = hits.find((each) => isOf(each, pin.id, primaryKey));
    return hit === undefined ? [] : [{ pin, hit }];
  });
}

function isOf(hit: Hit, id: string, primaryKey: string): boolean {
  const shown = hitId(hit.text, hit.members, primaryKey);
  if (shown !== undefined) return shown === id;
  const key = documentKey(hit.steps, primaryKey);
  return typeof key === "number" ? String(key) === id : key === id.toLowerCase();
}

function wantedPins(read: ReadContext, index: IndexEntry, query: SearchQuery): readonly Pin[] {
  const { rules = [] } = read;
  if (rules.length === 0) return [];
  const filter = parseFilter(query.filter, "invalid_search_filter", {
    containsFilter: true,
    multimodal: true,
  });
  const { uid: indexUid, settings } = index;
  // As Meilisearch does: a search by vectors alone has no words.
  const q = searchKind(query) === "semantic" ? null : query.q;
  const pins = matchingPins(rules, { indexUid, q, filter, settings, at: read.now() });
  const first = new Map<string, Pin>();
  for (const pin of pins) if (!first.has(pin.id)) first.set(pin.id, pin);
  return [...first.values()].slice(0, CANDIDATES_MAX);
}
