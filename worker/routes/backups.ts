/** Dumps, snapshots and exports: accepted here, carried out by the backup jobs. */
import { ApiError } from "../core/errors/api-error.ts";
import { parseExport } from "../core/export/parse-export.ts";
import type { Call } from "../http/call.ts";
import { operationResponse } from "../http/summary-response.ts";
import type { Route } from "./route.ts";

export const backupRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/dumps",
    action: "dumps.create",
    serve: async (call) => await submit(call, { kind: "dumpCreation" }, 202),
  },
  {
    method: "POST",
    path: "/snapshots",
    action: "snapshots.create",
    serve: async (call) => await submit(call, { kind: "snapshotCreation" }, 202),
  },
  {
    method: "POST",
    path: "/export",
    action: "export",
    serve: async (call) =>
      await submit(call, { kind: "export", ...parseExport(await call.jsonText()) }, 200),
  },
  { method: "GET", path: "/_miroir/dumps/:dumpUid", action: "miroir.get", serve: download },
];

type Job = Parameters<Call["backups"]["submit"]>[0];

async function submit(call: Call, job: Job, status: 200 | 202): Promise<Response> {
  return operationResponse(job.kind, null, await call.backups.submit(job), status);
}

const DUMP_UID = /^\d{8}-\d{9}$/;

/** The file of a dump, as a plain Meilisearch imports it with `--import-dump`. */
async function download(call: Call): Promise<Response> {
  const uid = call.param("dumpUid");
  const dump = DUMP_UID.test(uid) ? await call.env.DUMPS.get(`${uid}.dump`) : null;
  if (dump === null) throw new ApiError("dump_not_found", `Dump \`${uid}\` not found.`);
  return new Response(dump.body, {
    headers: {
      "Content-Type": "application/octet-stream",
      "Content-Length": `${dump.size}`,
      "Content-Disposition": `attachment; filename="${uid}.dump"`,
    },
  });
}
