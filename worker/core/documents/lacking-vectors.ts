/**
 * The documents of a payload that bring no vectors for embedders which want them from documents. A
 * later document of the same id replaces an earlier one, or (in an update) its `_vectors`, if it has
 * any. Holds the ids: give it a shard's documents at a time.
 */
import { keyIs, keyName, memberCount, rawValue, type RawDocument } from "./raw-document.ts";
import { providedEmbedders } from "./vectors-shape.ts";

const VECTORS = keyName("_vectors");

export class LackingVectors {
  readonly #mode: "replace" | "update";
  readonly #embedders: readonly string[];
  /** By id: the embedders that get nothing of the document. */
  readonly #lacking = new Map<string, readonly string[]>();

  constructor(mode: "replace" | "update", embedders: readonly string[]) {
    this.#mode = mode;
    this.#embedders = embedders;
  }

  /** The next document; `id` is the canonical text of its id. Its `_vectors` are of good shape. */
  add(document: RawDocument, id: string): void {
    const vectors = vectorsOf(document);
    if (vectors === undefined && this.#mode === "update" && this.#lacking.has(id)) return;
    const provided = vectors === undefined ? new Set() : providedEmbedders(vectors);
    const lacking = this.#embedders.filter((embedder) => !provided.has(embedder));
    this.#lacking.set(id, lacking);
  }

  /** Embedders by document id, where there are any. */
  found(): ReadonlyMap<string, readonly string[]> {
    return new Map([...this.#lacking].filter(([, embedders]) => embedders.length > 0));
  }
}

function vectorsOf(document: RawDocument): Uint8Array | undefined {
  for (let member = memberCount(document) - 1; member >= 0; member -= 1) {
    if (keyIs(document, member, VECTORS)) return rawValue(document, member);
  }
  return undefined;
}
