/**
 * Sends one index to another Meilisearch: the index and its settings when it is new there (or when
 * they are to be overridden), then its documents. Everything may be repeated: what is there already
 * is written again as it is.
 */
import { z } from "zod";

import { errorBody } from "../../worker/core/errors/api-error.ts";
import type { ExportedIndexes, ExportRequest } from "../../worker/core/export/parse-export.ts";
import { dumpSettings } from "../../worker/core/archive/dump-files.ts";
import type { IndexEntry } from "../../worker/core/topology/topology.ts";
import { documentPages, type Source } from "./document-stream.ts";
import { BackupError } from "./backup-error.ts";

/** As Meilisearch's: what one request carries unless the client says otherwise. */
const PAYLOAD_BYTES = 20_971_520;
const DEADLINE_MS = 60_000;

const refusal = z.object({
  code: z.string(),
  type: z.string(),
  message: z.string(),
  link: z.string(),
});

type Target = Pick<ExportRequest, "url" | "apiKey" | "payloadSize">;

/** How many documents were sent. */
export async function exportIndex(
  target: Target,
  index: IndexEntry,
  { overrideSettings }: ExportedIndexes,
  source: Source,
): Promise<number> {
  const path = `/indexes/${index.uid}`;
  const isThere = (await ask(target, "GET", path, undefined)).status !== 404;
  const { uid, primaryKey = null } = index;
  if (!isThere) await send(target, "POST", "/indexes", JSON.stringify({ uid, primaryKey }));
  if (!isThere || overrideSettings) {
    await send(target, "PATCH", `${path}/settings`, dumpSettings(index.settings));
  }
  const query = primaryKey === null ? "" : `?primaryKey=${encodeURIComponent(primaryKey)}`;
  return await sendDocuments(target, `${path}/documents${query}`, source);
}

async function sendDocuments(target: Target, path: string, source: Source): Promise<number> {
  const limit = target.payloadSize ?? PAYLOAD_BYTES;
  const type = "application/x-ndjson";
  let lines: string[] = [];
  let size = 0;
  let sent = 0;
  for await (const page of documentPages(source)) {
    for (const document of page) {
      if (size > 0 && size + document.length > limit) {
        await send(target, "POST", path, lines.join("\n"), type);
        lines = [];
        size = 0;
      }
      lines.push(document);
      size += document.length + 1;
      sent += 1;
    }
  }
  if (lines.length > 0) await send(target, "POST", path, lines.join("\n"), type);
  return sent;
}

async function send(
  target: Target,
  method: string,
  path: string,
  body: string,
  contentType?: string,
): Promise<void> {
  const { status, text } = await ask(target, method, path, body, contentType);
  if (status < 300) return;
  const { code, type, message, link } = refusalOf(status, text);
  // As Meilisearch says it.
  const told = `Failed to export documents to remote server ${code} (${type}): ${message} <${link}>`;
  throw new BackupError(errorBody("internal", told), status < 500 && status !== 429);
}

async function ask(
  { url, apiKey }: Target,
  method: string,
  path: string,
  body: string | undefined,
  contentType = "application/json",
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const headers = new Headers();
    if (apiKey !== null) headers.set("Authorization", `Bearer ${apiKey}`);
    if (body !== undefined) headers.set("Content-Type", contentType);
    const response = await fetch(`${url.replace(/\/+$/, "")}${path}`, {
      method,
      headers,
      body: body ?? null,
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const told = `Failed to export documents to remote server: ${reason}`;
    throw new BackupError(errorBody("internal", told), false);
  }
}

function refusalOf(status: number, text: string): z.infer<typeof refusal> {
  try {
    const parsed = refusal.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
  } catch {
    // not a Meilisearch: told by its status
  }
  return { code: `status ${status}`, type: "unknown", message: "no error was told", link: "" };
}
