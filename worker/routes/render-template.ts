/**
 * POST `/render-template`: rendered by any node, as no node's own data is in it. A document of an
 * index is read from its shard and sent along, without the shard mark.
 */
import { ApiError } from "../core/errors/api-error.ts";
import { NodeError } from "../core/errors/scrub.ts";
import { documentId } from "../core/ids.ts";
import { invalidKey } from "../core/keys/key-errors.ts";
import { NODE_CALL_DEADLINE_MS } from "../core/limits.ts";
import { checkIndexUid } from "../core/query/parse-index.ts";
import {
  parseRender,
  type RenderInput,
  type RenderRequest,
} from "../core/templates/parse-render.ts";
import { jsonText, visibleIndex, type Call } from "../http/call.ts";
import { getDocument } from "../search/documents.ts";
import type { ReadContext } from "../search/read-context.ts";
import { body, gate } from "./gate.ts";
import type { Route } from "./route.ts";

export const renderRoutes: readonly Route[] = [
  gate<RenderRequest>("renderRoute", "POST", "/render-template", {
    action: ["settings.get", "documents.get"],
    doing: "calling the /render-template route",
    read: body(parseRender),
    serve: render,
  }),
];

async function render({ template, input }: RenderRequest, call: Call): Promise<Response> {
  const read = await call.read();
  const inline = await inlineInput(call, read, input);
  const node = read.topology.nodes.find(({ health }) => health === "healthy");
  if (node === undefined) {
    throw new ApiError("miroir_node_unreachable", "No node can be reached to render the template.");
  }
  const reply = await read.nodes.send(node, {
    method: "POST",
    path: "/render-template",
    body: `{"template":${template},"input":${inline ?? "null"}}`,
    timeoutMs: NODE_CALL_DEADLINE_MS,
  });
  if (reply.kind === "answered") return jsonText(reply.text);
  if (reply.kind === "unreachable") throw new ApiError("miroir_node_unreachable", reply.reason);
  if (reply.status === 404 || reply.status === 405) {
    throw new ApiError("miroir_not_supported", "Embedded nodes cannot render templates.");
  }
  throw new NodeError(reply.status, reply.error, reply.retryAfterSeconds);
}

/** JSON text of what the node renders the template for. */
async function inlineInput(
  call: Call,
  read: ReadContext,
  input: RenderInput,
): Promise<string | undefined> {
  if (input.kind === "none") return undefined;
  if (input.kind === "inline") return input.text;
  const uid = checkIndexUid(input.indexUid);
  if (!call.access.allows(uid)) throw invalidKey();
  const index = visibleIndex(read.topology, uid);
  const options = { fields: null, retrieveVectors: false };
  try {
    const document = await getDocument(read, index, documentId(input.id), options);
    return `{"kind":"inlineDocument","inline":${document}}`;
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "document_not_found") throw error;
    throw new ApiError(
      "render_document_not_found",
      `error while fetching input: document \`${input.id}\` not found in \`${uid}\``,
    );
  }
}
