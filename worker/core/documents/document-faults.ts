/**
 * What one Meilisearch would find wrong with the documents of a payload when their task runs,
 * gathered while the payload streams by. A later document of the same id replaces an earlier one, or
 * (in an update) the members that it has, and with them their faults; so a few documents are kept per
 * kind of fault, and no more, however long the payload is.
 */
import { readJson } from "../decode/json-reader.ts";
import { errorBody, type ErrorBody } from "../errors/api-error.ts";
import type { ConditionalFailures, EmbeddingsFailure } from "../log/conditional-failures.ts";
import { examineEmbeddings } from "./embeddings-fault.ts";
import { geoFault } from "./geo-fault.ts";
import { geojsonFault } from "./geojson-fault.ts";
import {
  keyIs,
  keyName,
  MEMBER_STRIDE,
  memberCount,
  rawValue,
  type RawDocument,
} from "./raw-document.ts";
import { providedEmbedders, vectorsShape } from "./vectors-shape.ts";

/** Documents kept per kind of fault: so many may be replaced before one is missed. */
const KEPT_PER_KIND = 16;
/** Kinds: counts of dimensions are the client's to choose. */
const KINDS_MAX = 64;

const FIELDS = { geo: keyName("_geo"), geojson: keyName("_geojson"), vectors: keyName("_vectors") };
/** Bytes of their names, with quotes. */
const LENGTHS = new Set(Object.values(FIELDS).map(({ bytes }) => bytes.length + 2));
type Field = keyof typeof FIELDS;
const FIELD_NAMES: readonly Field[] = ["geo", "geojson", "vectors"];

type Fault =
  | { readonly kind: "geo" | "geojson"; readonly message: string }
  | { readonly kind: "shape"; readonly code: string; readonly message: string }
  | { readonly kind: "embeddings"; readonly failure: EmbeddingsFailure };

interface Faulty {
  readonly order: number;
  readonly faults: Map<Field, readonly Fault[]>;
}

const decoder = new TextDecoder();
const OPEN_OBJECT = 0x7b;

export class DocumentFaults {
  readonly #mode: "replace" | "update";
  readonly #faulty = new Map<string, Faulty>();
  readonly #kept = new Map<string, number>();
  /** Embedders that all documents so far say something to; undefined before the first. */
  #provided: ReadonlySet<string> | undefined;
  #order = 0;

  constructor(mode: "replace" | "update") {
    this.#mode = mode;
  }

  /** The next document of the payload; `id` is the canonical text of its id. */
  add(document: RawDocument, id: Uint8Array): void {
    this.#order += 1;
    const values = fieldValues(document);
    this.#provide(values?.get("vectors"));
    if (values === undefined && this.#faulty.size === 0) return;
    const name = decoder.decode(id);
    this.#replace(name, values);
    if (values === undefined) return;
    for (const [field, value] of values) {
      const faults = faultsOf(field, value, name, this.#order).filter((fault) => this.#keep(fault));
      if (faults.length === 0) continue;
      const faulty = this.#faulty.get(name) ?? { order: this.#order, faults: new Map() };
      faulty.faults.set(field, faults);
      this.#faulty.set(name, faulty);
    }
  }

  /** What fails the payload whatever the settings are. */
  shape(indexUid: string): ErrorBody | undefined {
    const fault = this.#all().find(({ kind }) => kind === "shape");
    if (fault?.kind !== "shape") return undefined;
    return errorBody(fault.code, `Index \`${indexUid}\`: ${fault.message}`);
  }

  /** What fails it under some settings; null when nothing does. */
  conditional(): ConditionalFailures | null {
    const all = this.#all();
    const messageOf = (wanted: "geo" | "geojson"): string | null => {
      const fault = all.find(({ kind }) => kind === wanted);
      return fault?.kind === wanted ? fault.message : null;
    };
    const firstOf = new Map<string, EmbeddingsFailure>();
    for (const fault of all) {
      if (fault.kind === "embeddings" && !firstOf.has(kindOf(fault))) {
        firstOf.set(kindOf(fault), fault.failure);
      }
    }
    const [geo, geojson] = [messageOf("geo"), messageOf("geojson")];
    const provided = [...(this.#provided ?? [])];
    const isNothing = geo === null && geojson === null && firstOf.size === 0;
    if (isNothing && provided.length === 0) return null;
    return { geo, geojson, embeddings: [...firstOf.values()], provided, filter: null };
  }

  /** In the order of the documents. */
  #all(): readonly Fault[] {
    return [...this.#faulty.values()]
      .toSorted((a, b) => a.order - b.order)
      .flatMap(({ faults }) => [...faults.values()].flat());
  }

  /** What every version of every document has, the last versions have. */
  #provide(vectors: Uint8Array | undefined): void {
    if (this.#provided?.size === 0) return;
    const own = vectors?.[0] === OPEN_OBJECT ? [...providedEmbedders(vectors)] : [];
    const before = this.#provided;
    this.#provided = new Set(own.filter((embedder) => before?.has(embedder) ?? true));
  }

  #replace(name: string, values: ReadonlyMap<Field, Uint8Array> | undefined): void {
    const before = this.#faulty.get(name);
    if (before === undefined) return;
    for (const [field, faults] of before.faults) {
      if (this.#mode === "update" && values?.has(field) !== true) continue;
      before.faults.delete(field);
      for (const fault of faults) {
        this.#kept.set(kindOf(fault), (this.#kept.get(kindOf(fault)) ?? 1) - 1);
      }
    }
    if (before.faults.size === 0) this.#faulty.delete(name);
  }

  #keep(fault: Fault): boolean {
    const kind = kindOf(fault);
    const kept = this.#kept.get(kind);
    if (kept === undefined && this.#kept.size >= KINDS_MAX) return false;
    if ((kept ?? 0) >= KEPT_PER_KIND) return false;
    this.#kept.set(kind, (kept ?? 0) + 1);
    return true;
  }
}

function kindOf(fault: Fault): string {
  if (fault.kind !== "embeddings") return fault.kind;
  const { embedder, fault: own } = fault.failure;
  return `${own.kind === "wrong" ? "wrong" : own.count}/${embedder}`;
}

/** The values that may be wrong; undefined when there are none, as in most documents. */
function fieldValues(document: RawDocument): ReadonlyMap<Field, Uint8Array> | undefined {
  let values: Map<Field, Uint8Array> | undefined;
  for (let member = 0; member < memberCount(document); member += 1) {
    // This runs for every key of every document, and almost none is as long as one of these.
    if (!document.hasEscapedKey && !LENGTHS.has(keyLength(document, member))) continue;
    for (const field of FIELD_NAMES) {
      if (!keyIs(document, member, FIELDS[field])) continue;
      values ??= new Map();
      values.set(field, rawValue(document, member));
    }
  }
  return values;
}

function keyLength({ members }: RawDocument, member: number): number {
  const at = member * MEMBER_STRIDE;
  return (members[at + 1] ?? 0) - (members[at] ?? 0);
}

function faultsOf(field: Field, value: Uint8Array, id: string, order: number): readonly Fault[] {
  switch (field) {
    case "geo": {
      const message = geoFault(id, readJson(decoder.decode(value)));
      return message === undefined ? [] : [{ kind: "geo", message }];
    }
    case "geojson": {
      const message = geojsonFault(readJson(decoder.decode(value)));
      return message === undefined ? [] : [{ kind: "geojson", message }];
    }
    case "vectors":
      return vectorFaults(value, id, order);
  }
}

function vectorFaults(value: Uint8Array, id: string, order: number): readonly Fault[] {
  const shape = vectorsShape(id, value);
  if (shape.kind === "wrong") {
    return [{ kind: "shape", code: shape.code, message: shape.message }];
  }
  return shape.embeddings.flatMap((raw): readonly Fault[] => {
    const found = examineEmbeddings(raw);
    const failed = (fault: EmbeddingsFailure["fault"]): Fault => {
      return { kind: "embeddings", failure: { embedder: raw.embedder, order, id, fault } };
    };
    if (found.kind === "wrong") return [failed(found)];
    return [...found.firstByCount].map(([count, index]) =>
      failed({ kind: "dimensions", count, index }),
    );
  });
}
