/** Exports the indexes that a request means, one after the other. */
import { readJson } from "../../worker/core/decode/json-reader.ts";
import { ApiError, errorBody } from "../../worker/core/errors/api-error.ts";
import {
  type ExportedIndexes,
  type ExportRequest,
  optionsOf,
} from "../../worker/core/export/parse-export.ts";
import { filterOf } from "../../worker/core/filter/shape.ts";
import { compareText } from "../../worker/core/json/text-order.ts";
import { checkDocuments } from "../../worker/core/query/check-documents.ts";
import type { IndexEntry } from "../../worker/core/topology/topology.ts";
import type { DocumentsQuery } from "../../worker/search/documents-request.ts";
import { BackupError } from "./backup-error.ts";
import type { ClusterReader } from "./cluster-reader.ts";
import { exportIndex } from "./export-index.ts";

type Matched = ExportedIndexes & { readonly documents: number };

/** By index, what was sent. */
export async function exportCluster(
  reader: ClusterReader,
  request: ExportRequest,
): Promise<ReadonlyMap<string, Matched>> {
  const { indexes } = await reader.topology();
  const enabled = await reader.cluster.features();
  const matched = new Map<string, Matched>();
  for (const index of [...indexes.values()].toSorted((a, b) => compareText(a.uid, b.uid))) {
    const options = optionsOf(request, index.uid);
    if (options === undefined) continue;
    const filter = checkedFilter(index, options, enabled);
    const source = reader.source(index.physical, filter);
    matched.set(index.uid, {
      ...options,
      documents: await exportIndex(request, index, options, source),
    });
  }
  return matched;
}

function checkedFilter(
  { uid, settings }: IndexEntry,
  { filter }: ExportedIndexes,
  enabled: Parameters<typeof checkDocuments>[2],
): DocumentsQuery["filter"] {
  try {
    const shaped = filter === null ? null : filterOf(readJson(filter), "invalid_document_filter");
    checkDocuments({ filter: shaped, sort: null }, settings, enabled);
    return shaped;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw new BackupError(errorBody(error.code, `Index \`${uid}\`: ${error.message}`), true);
  }
}
