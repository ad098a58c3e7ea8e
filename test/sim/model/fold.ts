/**
 * What an index holds after each entry of its log: written anew and simply, so that it can judge
 * what nodes hold. Knows the operations that the simulation writes.
 */
import type { Operation } from "../../../worker/core/log/operation.ts";

export interface ModelEntry {
  readonly offset: number;
  readonly token: string;
  readonly operation: Operation;
  /** Payload by shard, in order. */
  readonly rows: readonly { readonly shard: number; readonly text: string }[];
  /** The client's name for the write; null for entries of Miroir's own. */
  readonly name: string | null;
  isCanceled: boolean;
  /** Another log has it now, of the index that takes this one's place. */
  isMoved: boolean;
  /** Some node has refused it. */
  isRefused: boolean;
  /** When it was first seen. */
  readonly at: number;
}

export interface Held {
  readonly shard: number;
  readonly fields: Readonly<Record<string, unknown>>;
  /** The fields as canonical text. */
  readonly text: string;
}

export interface State {
  readonly exists: boolean;
  readonly filterable: ReadonlySet<string>;
  readonly documents: ReadonlyMap<string, Held>;
}

export const NOTHING: State = { exists: false, filterable: new Set(), documents: new Map() };

const MARK = "_miroir_shard";

/** Fields in one order, without the shard mark: equal text is an equal document. */
export function canonical(fields: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(fields).filter((name) => name !== MARK);
  return JSON.stringify(Object.fromEntries(names.toSorted().map((name) => [name, fields[name]])));
}

function held(shard: number, fields: Readonly<Record<string, unknown>>): Held {
  return { shard, fields, text: canonical(fields) };
}

export function folded(state: State, entry: ModelEntry): State {
  if (entry.isCanceled || entry.isMoved) return state;
  const { operation } = entry;
  const { documents, filterable } = state;
  switch (operation.kind) {
    case "createIndex":
      return { ...state, exists: true };
    case "deleteIndex":
      return NOTHING;
    case "changeSettings":
      if (entry.isRefused) return state;
      return { ...state, filterable: filterableOf(operation.patch, filterable) };
    case "setPrimaryKey":
    case "restoreSettings":
    case "restoreDocuments":
    case "compactIndex":
    case "reshard":
    case "pass":
      return state;
    case "writeDocuments":
      return { ...state, documents: written(documents, entry, operation) };
    case "deleteDocuments":
      return { ...state, documents: without(documents, new Set(entry.rows.flatMap(idsOf))) };
    case "deleteAllDocuments":
      return { ...state, documents: new Map() };
    case "deleteByFilter":
      return { ...state, documents: without(documents, matching(state, operation.filter)) };
    case "editDocuments":
      if (isRefused(state, operation)) return state;
      return { ...state, documents: edited(state, operation) };
  }
}

function idsOf({ text }: ModelEntry["rows"][number]): readonly string[] {
  return (JSON.parse(`[${text}]`) as unknown[]).map(String);
}

function without(documents: State["documents"], ids: ReadonlySet<string>): State["documents"] {
  return new Map([...documents].filter(([id]) => !ids.has(id)));
}

/** Ids of the documents that a filter, as JSON text, finds; none where nodes refuse it. */
function matching({ documents, filterable }: State, filter: string | null): ReadonlySet<string> {
  const asked: unknown = filter === null ? null : JSON.parse(filter);
  const [attribute = "", value = ""] = typeof asked === "string" ? asked.split(" = ") : [];
  if (asked !== null && !filterable.has(attribute)) return new Set();
  const found = [...documents].filter(
    ([, { fields }]) => asked === null || String(fields[attribute]) === value,
  );
  return new Set(found.map(([id]) => id));
}

type Edit = Extract<Operation, { kind: "editDocuments" }>;

/** One document that the function fails on, and none is edited. */
function isRefused(state: State, { function: code, filter }: Edit): boolean {
  const picky = Number(/doc\.n % (\d+)/.exec(code)?.[1]);
  const ids = matching(state, filter);
  return [...state.documents].some(
    ([id, { fields }]) => ids.has(id) && Number(fields["n"]) % picky === 0,
  );
}

/** The edit as a node carries it out that holds no document which it fails on. */
export function edited(state: State, operation: Edit): State["documents"] {
  const step = Number(/doc\.n \+ (\d+)/.exec(operation.function)?.[1]);
  const ids = matching(state, operation.filter);
  return new Map(
    [...state.documents].map(([id, own]) => {
      const fields = { ...own.fields, n: Number(own.fields["n"]) + step };
      return [id, ids.has(id) ? held(own.shard, fields) : own] as const;
    }),
  );
}

function written(
  before: State["documents"],
  { rows }: ModelEntry,
  { mode, skipCreation }: Extract<Operation, { kind: "writeDocuments" }>,
): State["documents"] {
  const next = new Map(before);
  const documents = rows.flatMap(({ shard, text }) =>
    text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => ({ shard, fields: JSON.parse(line) as Record<string, unknown> })),
  );
  // A document that nodes cannot take keeps its shard's part of the payload out, and only that.
  const spoiled = new Set(
    documents.filter(({ fields }) => fields["_geo"] !== undefined).map(({ shard }) => shard),
  );
  for (const { shard, fields } of documents) {
    if (spoiled.has(shard)) continue;
    const id = String(fields["id"]);
    const old = next.get(id);
    if (old === undefined && skipCreation) continue;
    next.set(id, held(shard, mode === "update" ? { ...old?.fields, ...fields } : fields));
  }
  return next;
}

function filterableOf(patch: string, before: ReadonlySet<string>): ReadonlySet<string> {
  const { filterableAttributes } = JSON.parse(patch) as { filterableAttributes?: unknown };
  if (filterableAttributes === undefined) return before;
  return new Set(Array.isArray(filterableAttributes) ? filterableAttributes.map(String) : []);
}
