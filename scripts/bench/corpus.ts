/**
 * The canonical workload: the golden set's package descriptions, as many times over as asked (each
 * copy with ids, names and sizes of its own), and a fixed seeded mix of queries over them.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { mulberry32 } from "../random.ts";
import { PROJECT } from "../wrangler.ts";

const SEED = 20_261_123;

export interface Package {
  readonly id: number;
  readonly package: string;
  readonly summary: string;
  readonly section: string;
  readonly size: number;
  readonly [field: string]: unknown;
}

export const SETTINGS = {
  searchableAttributes: ["package", "summary", "description", "tags"],
  filterableAttributes: ["section", "priority", "tags", "installedSize", "size"],
  sortableAttributes: ["installedSize", "size", "package"],
};

export function corpus(times: number): Package[] {
  const text = readFileSync(join(PROJECT, "test/golden/corpus/packages.ndjson"), "utf8");
  const once = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line): Package => JSON.parse(line));
  return Array.from({ length: times }, (_, round) => round).flatMap((round) =>
    round === 0
      ? once
      : once.map((each) => ({
          ...each,
          id: each.id + round * 10_000_000,
          package: `${each.package}-${round}`,
          size: each.size + round,
        })),
  );
}

/** Bodies of search requests; the same ones for every run. */
export function queries(documents: readonly Package[], count: number): string[] {
  const random = mulberry32(SEED);
  const pick = <T>(items: readonly T[]): T => {
    const item = items[Math.floor(random() * items.length)];
    if (item === undefined) throw new Error("nothing to pick from");
    return item;
  };
  const words = (): string => {
    const all = pick(documents)
      .summary.split(/[^\p{L}\d]+/u)
      .filter((word) => word.length > 2);
    const from = Math.floor(random() * Math.max(1, all.length - 2));
    return all.slice(from, from + 1 + Math.floor(random() * 3)).join(" ") || "library";
  };
  const typo = (text: string): string => {
    const at = 1 + Math.floor(random() * Math.max(1, text.length - 2));
    return text.slice(0, at) + text.slice(at + 1);
  };
  const kinds: readonly (() => object)[] = [
    () => ({ q: words() }),
    () => ({ q: words() }),
    () => ({ q: typo(words()) }),
    () => ({ q: words().slice(0, 4) }),
    () => ({ q: words(), filter: `section = ${pick(documents).section}` }),
    () => ({ q: words(), facets: ["section", "priority"], limit: 10 }),
    () => ({ q: words(), sort: ["size:desc"] }),
    () => ({ q: "", filter: "installedSize > 1000", sort: ["size:asc"], limit: 10 }),
    () => ({ q: words(), attributesToHighlight: ["*"], attributesToCrop: ["description"] }),
    () => ({ q: words(), attributesToRetrieve: ["id", "package"], limit: 50 }),
  ];
  return Array.from({ length: count }, (_, at) =>
    JSON.stringify((kinds[at % kinds.length] ?? pick(kinds))()),
  );
}
