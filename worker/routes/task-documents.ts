/** GET `/tasks/{taskUid}/documents`: what a task that waits will write, as the client sent it. */
import { UnmarkedLines } from "../core/documents/unmarked-lines.ts";
import { ApiError } from "../core/errors/api-error.ts";
import { physicalUid, type TaskUid } from "../core/ids.ts";
import { parseTaskUid } from "../core/query/parse-tasks.ts";
import type { Call } from "../http/call.ts";
import { gate, nothing } from "./gate.ts";
import type { Route } from "./route.ts";

export const taskDocumentRoutes: readonly Route[] = [
  gate<null>("getTaskDocumentsRoute", "GET", "/tasks/:taskUid/documents", {
    action: "tasks.get",
    doing: "Getting the documents of an enqueued task",
    read: nothing,
    serve: serveDocuments,
  }),
];

async function serveDocuments(_: null, call: Call): Promise<Response> {
  const uid = parseTaskUid(call.param("taskUid"));
  const found = await call.tasks.owned(uid);
  const isVisible =
    call.access.patterns === null ||
    (found?.indexUid !== null &&
      found?.indexUid !== undefined &&
      call.access.allows(found.indexUid));
  if (found === undefined || !isVisible) {
    throw new ApiError("task_not_found", `Task \`${uid}\` not found.`);
  }
  const documents = found.log === null ? null : await loggedDocuments(call, found.log, uid);
  if (documents === null) {
    throw new ApiError(
      "task_file_not_found",
      `Task \`${uid}\` does not contain any documents. Only \`documentAdditionOrUpdate\` tasks with the statuses \`enqueued\` or \`processing\` contain documents`,
    );
  }
  const body = documents
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(unmarked())
    .pipeThrough(new TextEncoderStream());
  return new Response(body, { headers: { "Content-Type": "application/x-ndjson" } });
}

async function loggedDocuments(
  call: Call,
  log: string,
  uid: TaskUid,
): Promise<ReadableStream<Uint8Array> | null> {
  return await call.env.INDEX_LOG.getByName(physicalUid(log)).taskDocuments(uid);
}

function unmarked(): TransformStream<string, string> {
  const lines = new UnmarkedLines();
  return new TransformStream({
    transform: (piece, controller) => controller.enqueue(lines.push(piece)),
    flush: (controller) => controller.enqueue(lines.end()),
  });
}
