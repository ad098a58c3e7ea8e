/**
 * Sorting documents by a distance on nodes of which some have no place at all. As Meilisearch does,
 * a node that has never seen `_geo` refuses such a sort even where the attribute is sortable; it is
 * asked again without it, since all its documents come last anyway.
 */
import { isGeoCriterion } from "../core/merge/documents.ts";
import { isRecord } from "../core/ranking/json-record.ts";
import type { IndexEntry } from "../core/topology/topology.ts";
import type { NodeClient } from "../nodes/node-client.ts";
import type { ReadContext } from "./read-context.ts";

/** The same context, or one that asks again where a node knows no places. */
export function sortsWithoutPlaces(
  read: ReadContext,
  index: IndexEntry,
  sort: readonly string[] | null,
): ReadContext {
  if (sort === null || !sort.some(isGeoCriterion)) return read;
  if (!index.settings.sortableAttributes.includes("_geo")) return read;
  return { ...read, nodes: placelessNodes(read.nodes) };
}

function placelessNodes(nodes: NodeClient): NodeClient {
  return {
    send: async (node, request) => {
      const reply = await nodes.send(node, request);
      if (reply.kind !== "refused" || reply.error.code !== "invalid_document_sort") return reply;
      const body = withoutPlaces(request.body);
      return body === undefined ? reply : await nodes.send(node, { ...request, body });
    },
  };
}

function withoutPlaces(text: unknown): string | undefined {
  const body: unknown = typeof text === "string" ? JSON.parse(text) : undefined;
  if (!isRecord(body) || !Array.isArray(body["sort"])) return undefined;
  const sort = body["sort"].filter((criterion) => !isGeoCriterion(String(criterion)));
  return JSON.stringify({ ...body, sort });
}
