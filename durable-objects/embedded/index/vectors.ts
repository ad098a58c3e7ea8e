/** Embeddings that documents bring along (`_vectors`), and how near two of them are. */
import {
  isArray,
  isObject,
  type Json,
  JsonNumber,
  type JsonObject,
  jsonText,
} from "../../../worker/core/decode/json.ts";
import { ApiError } from "../../../worker/core/errors/api-error.ts";

export interface DocumentVectors {
  readonly embeddings: readonly Float32Array[];
  readonly regenerate: boolean;
}

/** By embedder name. */
export type VectorsByEmbedder = ReadonlyMap<string, DocumentVectors>;

function invalid(message: string): ApiError {
  return new ApiError("invalid_vectors_type", message);
}

function embedding(value: Json): Float32Array | undefined {
  if (!isArray(value)) return undefined;
  const numbers: number[] = [];
  for (const element of value) {
    if (!(element instanceof JsonNumber)) return undefined;
    numbers.push(element.value);
  }
  return Float32Array.from(numbers);
}

function embeddings(id: string, name: string, value: Json): readonly Float32Array[] {
  if (value === null) return [];
  const single = embedding(value);
  if (single !== undefined) return single.length === 0 ? [] : [single];
  const list = isArray(value) ? value.map(embedding) : [undefined];
  return list.map((vector) => {
    if (vector !== undefined) return vector;
    throw invalid(
      `Bad embedder configuration in the document with id: \`${id}\`. Could not parse \`._vectors.${name}\`.`,
    );
  });
}

function documentVectors(id: string, name: string, value: Json): DocumentVectors {
  if (!isObject(value)) return { embeddings: embeddings(id, name, value), regenerate: false };
  const regenerate = value.get("regenerate");
  if (typeof regenerate !== "boolean") {
    throw invalid(
      `Bad embedder configuration in the document with id: \`${id}\`. Missing field \`._vectors.${name}.regenerate\`\n  - note: \`._vectors.${name}\` must be an array of floats, an array of arrays of floats, or an object with field \`regenerate\``,
    );
  }
  return { embeddings: embeddings(id, name, value.get("embeddings") ?? null), regenerate };
}

/** The vectors of a document for the embedders of the index. */
export function readVectors(
  id: string,
  document: JsonObject,
  dimensions: ReadonlyMap<string, number>,
): VectorsByEmbedder {
  const found = new Map<string, DocumentVectors>();
  const value = document.get("_vectors");
  if (value === undefined || value === null) return found;
  if (!isObject(value)) {
    throw invalid(
      `The \`_vectors\` field in the document with id: \`${id}\` is not an object. Was expecting an object with a key for each embedder with manually provided vectors, but instead got \`${jsonText(value)}\``,
    );
  }
  for (const [name, expected] of dimensions) {
    const own = value.get(name);
    if (own === undefined) continue;
    const vectors = documentVectors(id, name, own);
    checkDimensions(id, name, vectors, expected);
    found.set(name, vectors);
  }
  return found;
}

function checkDimensions(
  id: string,
  name: string,
  vectors: DocumentVectors,
  expected: number,
): void {
  vectors.embeddings.forEach((vector, position) => {
    if (vector.length === expected) return;
    throw new ApiError(
      "invalid_vector_dimensions",
      `Invalid vector dimensions in document with id \`${id}\` in \`._vectors.${name}\`.\n  - note: embedding #${position} has dimensions ${vector.length}\n  - note: embedder \`${name}\` requires ${expected}`,
    );
  });
}

/** From 0 (opposite) to 1 (same direction), as the node's vector store gives it. */
export function similarity(a: Float32Array, b: Float32Array): number {
  let dot = 0;
  let normA = 0;
  let normB = 0;
  for (let at = 0; at < a.length; at += 1) {
    const left = a[at] ?? 0;
    const right = b[at] ?? 0;
    dot += left * right;
    normA += left * left;
    normB += right * right;
  }
  const norms = Math.sqrt(normA) * Math.sqrt(normB);
  const cosine = norms === 0 ? 0 : dot / norms;
  return Math.fround(1 - (1 - cosine) / 2);
}

/** The shortest decimal that reads back as the same 32-bit float. */
export function float32Text(value: number): string {
  for (let digits = 1; digits <= 9; digits += 1) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return Number.isInteger(text) ? `${text}.0` : String(text);
  }
  return String(value);
}
