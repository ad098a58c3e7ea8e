/**
 * Hits with the documents of other indexes in place of their ids, as Meilisearch fills in foreign
 * keys: every text and whole number in such a field, however deep, stands for a document; one that
 * is not there is `{}`. Text in, text out: whatever else is in a hit stays as the node wrote it.
 */
import { elements, members, stringAt } from "../json/text-scanner.ts";

/** The text of a document by its id; undefined where there is none. */
export type Lookup = (id: string) => string | undefined;

const INTEGER = /^-?\d+$/;

/** A field and what a place is called within it: `a.b` is `b` in `a`, or a field of that name. */
type Path = string;

/** The ids that a hit names in the field. */
export function foreignIds(hit: string, field: Path): ReadonlySet<string> {
  const ids = new Set<string>();
  rewritten(hit, 0, field, (text, start, end) => {
    mapScalars(text, start, end, (id) => {
      ids.add(id);
      return undefined;
    });
    return text.slice(start, end);
  });
  return ids;
}

/** The hit with the documents in the field, in `_formatted` too. */
export function hydratedHit(hit: string, field: Path, lookup: Lookup): string {
  const known = foreignIds(hit, field);
  const fill = (id: string): string | undefined =>
    known.has(id) ? (lookup(id) ?? "{}") : undefined;
  const replace = (text: string, start: number, end: number): string =>
    mapScalars(text, start, end, fill);
  const formatted = rewritten(hit, 0, "_formatted", (text, start) =>
    rewritten(text, start, field, replace),
  );
  return rewritten(formatted, 0, field, replace);
}

type Rewrite = (text: string, start: number, end: number) => string;

/** The object at `at` with the values of a field replaced. */
function rewritten(text: string, at: number, field: Path, rewrite: Rewrite): string {
  const parts = members(text, at).map((member) => {
    const { key, start, valueStart, valueEnd } = member;
    const name = text.slice(start, valueStart);
    if (key === field) return name + rewrite(text, valueStart, valueEnd);
    const rest = field.startsWith(`${key}.`) ? field.slice(key.length + 1) : undefined;
    if (rest === undefined) return text.slice(start, valueEnd);
    return name + within(text, valueStart, valueEnd, rest, rewrite);
  });
  return `{${parts.join(",")}}`;
}

/** The same in an object, or in the objects of a list. */
function within(text: string, start: number, end: number, field: Path, rewrite: Rewrite): string {
  if (text[start] === "{") return rewritten(text, start, field, rewrite);
  if (text[start] !== "[") return text.slice(start, end);
  const all = elements(text, start).map(([from, to]) => within(text, from, to, field, rewrite));
  return `[${all.join(",")}]`;
}

/** The value with its texts and whole numbers replaced by what `map` says. */
function mapScalars(
  text: string,
  start: number,
  end: number,
  map: (id: string) => string | undefined,
): string {
  const value = text.slice(start, end);
  switch (text.charAt(start)) {
    case "{": {
      const all = members(text, start).map(
        (member) =>
          text.slice(member.start, member.valueStart) +
          mapScalars(text, member.valueStart, member.valueEnd, map),
      );
      return `{${all.join(",")}}`;
    }
    case "[":
      return `[${elements(text, start)
        .map(([from, to]) => mapScalars(text, from, to, map))
        .join(",")}]`;
    case '"':
      return map(stringAt(text, start, end)) ?? value;
    default:
      return INTEGER.test(value) ? (map(value) ?? value) : value;
  }
}
