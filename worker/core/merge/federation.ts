/**
 * One list out of the lists of several queries, as one node makes it: the queries of an index
 * first, in which each document shows once, by the query that ranks it best; then the indexes.
 */
import { documentKey } from "../ranking/document-key.ts";
import type { DistinctValue } from "./distinct-values.ts";
import { distinctValues } from "./distinct-values.ts";
import { compareFederated, type FederatedHit } from "./federation-score.ts";
import type { Hit } from "./hit.ts";
import { hitId } from "./hit-id.ts";
import { take } from "./merge-hits.ts";

type HitList = readonly FederatedHit[];

/** What `distinct` took out is told: it counts as a candidate no more. */
export interface Federated {
  readonly hits: HitList;
  readonly rejected: HitList;
}

/** Both lists of an index's queries, best first, up to `limit` hits. */
export function mergeQueries(
  lists: readonly HitList[],
  options: {
    readonly primaryKey: string;
    readonly distinct: string | null;
    readonly limit: number;
  },
): Federated {
  const documents = new SeenDocuments(options.primaryKey);
  const values = new SeenValues(options.distinct);
  const hits: FederatedHit[] = [];
  const rejected: FederatedHit[] = [];
  if (options.limit <= 0) return { hits, rejected };
  for (const hit of mergeLists(lists)) {
    if (!documents.add(hit.hit)) continue;
    if (!values.add(hit.hit)) {
      rejected.push(hit);
      continue;
    }
    hits.push(hit);
    if (hits.length >= options.limit) break;
  }
  return { hits, rejected };
}

/**
 * The first `limit` hits of the lists of all indexes. As Meilisearch does, `distinct` rejects hits of
 * the whole lists, also below the limit.
 */
export function mergeIndexes(
  lists: readonly HitList[],
  { distinct, limit }: { readonly distinct: string | null; readonly limit: number },
): Federated {
  if (distinct === null) return { hits: take(mergeLists(lists), limit), rejected: [] };
  const values = new SeenValues(distinct);
  const hits: FederatedHit[] = [];
  const rejected: FederatedHit[] = [];
  for (const hit of mergeLists(lists)) (values.add(hit.hit) ? hits : rejected).push(hit);
  return { hits: hits.slice(0, limit), rejected };
}

/** The best head of all lists, again and again. */
function* mergeLists(lists: readonly HitList[]): Generator<FederatedHit> {
  const places = lists.map(() => 0);
  for (;;) {
    let best: FederatedHit | undefined;
    let from = -1;
    for (const [list, place] of places.entries()) {
      const head = lists[list]?.[place];
      if (head === undefined) continue;
      if (best === undefined || compareFederated(head, best) < 0) {
        best = head;
        from = list;
      }
    }
    if (best === undefined) return;
    yield best;
    places[from] = (places[from] ?? 0) + 1;
  }
}

/**
 * Documents of one index. Every hit has the value that nodes sort primary keys by, in which upper
 * and lower case are one; the id itself is there only where the query retrieves it.
 */
class SeenDocuments {
  readonly #primaryKey: string;
  readonly #ids = new Map<string, Set<string | undefined>>();

  constructor(primaryKey: string) {
    this.#primaryKey = primaryKey;
  }

  /** Whether the document is new. */
  add(hit: Hit): boolean {
    const id = hitId(hit.text, hit.members, this.#primaryKey);
    const key = documentKey(hit.steps, this.#primaryKey) ?? id?.toLowerCase();
    if (key === undefined) return true;
    const name = String(key);
    const known = this.#ids.get(name);
    if (known === undefined) {
      this.#ids.set(name, new Set([id]));
      return true;
    }
    if (id === undefined || known.has(undefined) || known.has(id)) return false;
    known.add(id);
    return true;
  }
}

class SeenValues {
  readonly #attribute: string | null;
  readonly #values = new Set<DistinctValue>();

  constructor(attribute: string | null) {
    this.#attribute = attribute;
  }

  /** Whether no hit before has one of this hit's values. */
  add(hit: Hit): boolean {
    if (this.#attribute === null) return true;
    const values = distinctValues(hit, this.#attribute);
    if (values.some((value) => this.#values.has(value))) return false;
    for (const value of values) this.#values.add(value);
    return true;
  }
}
