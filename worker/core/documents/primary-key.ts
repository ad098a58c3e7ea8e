/**
 * An index's primary key: its inference from a first document, as Meilisearch infers it, and the
 * key prepared for finding it in documents.
 */
import { errorBody, type ErrorBody } from "../errors/api-error.ts";
import { keyName, memberCount, memberKey, type KeyName, type RawDocument } from "./raw-document.ts";

/** A top-level key that may hold the id, and the path that is left inside its value. */
export interface KeyLevel {
  readonly key: KeyName;
  /** Empty when the value itself is the id. */
  readonly rest: string;
}

export interface PrimaryKey {
  readonly name: string;
  readonly levels: readonly KeyLevel[];
}

export function primaryKey(name: string): PrimaryKey {
  return { name, levels: keyLevels(name).map(({ key, rest }) => ({ key: keyName(key), rest })) };
}

/**
 * As Meilisearch does: `a.b` is looked for as `b` inside `a` and as the key `a.b` itself. A level
 * with an empty name is never one.
 */
export function keyLevels(
  path: string,
): readonly { readonly key: string; readonly rest: string }[] {
  const levels: { key: string; rest: string }[] = [];
  for (let dot = path.indexOf("."); dot !== -1; dot = path.indexOf(".", dot + 1)) {
    levels.push({ key: path.slice(0, dot), rest: path.slice(dot + 1) });
  }
  levels.push({ key: path, rest: "" });
  return levels.filter(({ key }) => key !== "");
}

export type Inference =
  | { readonly kind: "inferred"; readonly name: string }
  | { readonly kind: "refused"; readonly error: ErrorBody };

const HINT = "Please specify the primary key manually using the `primaryKey` query parameter.";

/** The primary key that the first document of an index names: its only key that ends with `id`. */
export function inferPrimaryKey(first: RawDocument): Inference {
  const names = new Set<string>();
  for (let member = 0; member < memberCount(first); member += 1) {
    const name = memberKey(first, member);
    if (name.toLowerCase().endsWith("id")) names.add(name);
  }
  const [one, two] = [...names].sort(byCodePoint);
  if (one === undefined) {
    return refused(
      "index_primary_key_no_candidate_found",
      `The primary key inference failed as the engine did not find any field ending with \`id\` in its name. ${HINT}`,
    );
  }
  if (two === undefined) return { kind: "inferred", name: one };
  return refused(
    "index_primary_key_multiple_candidates_found",
    `The primary key inference failed as the engine found ${names.size} fields ending with \`id\` in their names: '${one}' and '${two}'. ${HINT}`,
  );
}

/** The failure of a task that names another primary key than the index has. */
export function primaryKeyConflict(own: string): ErrorBody {
  return errorBody(
    "index_primary_key_already_exists",
    `Index already has a primary key: \`${own}\`.`,
  );
}

function refused(code: string, message: string): Inference {
  return { kind: "refused", error: errorBody(code, message) };
}

/** Rust orders texts by their UTF-8 bytes, which is the order of code points. */
function byCodePoint(a: string, b: string): number {
  const left = Array.from(a);
  const right = Array.from(b);
  for (let at = 0; at < Math.min(left.length, right.length); at += 1) {
    const difference = (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
