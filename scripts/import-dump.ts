/**
 * `npm run import-dump -- <file.dump> --url http://localhost:7700 --key <master key>`: brings a dump of
 * a Meilisearch (format v6: 1.0 and later) into Miroir through its public API. The file is read twice,
 * as it streams: first what indexes are, then their documents, in requests of a few megabytes.
 */
import { createReadStream } from "node:fs";
import { parseArgs } from "node:util";
import { createGunzip } from "node:zlib";

import { z } from "zod";

import { ImportTarget } from "./import-target.ts";
import { tarEntries, type TarEntry } from "./tar-reader.ts";

/** Document bytes of one request. */
const REQUEST_BYTES = 16_000_000;
const NEWLINE = 0x0a;

const indexMetadata = z.object({ uid: z.string(), primaryKey: z.string().nullish() });
const keySchema = z.object({
  uid: z.string(),
  name: z.string().nullish(),
  description: z.string().nullish(),
  actions: z.array(z.string()),
  indexes: z.array(z.string()),
  expires_at: z.string().nullish(),
});
const webhooks = z.object({
  webhooks: z.record(
    z.string(),
    z.object({ url: z.string(), headers: z.record(z.string(), z.string()) }),
  ),
});
/** Dynamic search rules are the documents of an index of Meilisearch's own. */
const RULES_FILE = "indexes/.meili_dsr/documents.jsonl";
const members = z.record(z.string(), z.unknown());
const ruleSchema = z.object({
  uid: z.string(),
  description: z.string().exactOptional(),
  precedence: z.number().exactOptional(),
  active: z.boolean().exactOptional(),
  conditions: members,
  actions: z.array(z.unknown()),
});
const USAGE = "npm run import-dump -- <file.dump> --url <url of Miroir> --key <master key>";

const asked = options();
await importDump(asked, new ImportTarget(asked.url, asked.key));

interface Asked {
  readonly file: string;
  readonly url: string;
  readonly key: string;
  /** What was done as one JSON text at the end, instead of lines as it goes. */
  readonly json: boolean;
}

/** What the command line asks for; a wrong one is told in one line. */
function options(): Asked {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        url: { type: "string", default: "http://localhost:7700" },
        key: { type: "string" },
        json: { type: "boolean", default: false },
      },
    });
    const [path, ...others] = positionals;
    if (path === undefined || values.key === undefined || others.length > 0) throw new Error(USAGE);
    return { file: path, url: values.url, key: values.key, json: values.json };
  } catch (error) {
    const [line] = String(error instanceof Error ? error.message : error).split(/\n|\. To specify/);
    console.error(`miroir: ${line === USAGE ? `usage: ${USAGE}` : `${line}; usage: ${USAGE}`}`);
    process.exit(2);
  }
}

async function importDump({ file: path, json: isJson }: Asked, target: ImportTarget) {
  const small = new Map<string, string>();
  for await (const entry of entriesOf(path)) {
    const isSmall = !entry.name.endsWith("documents.jsonl") && !entry.name.startsWith("tasks/");
    if (isSmall || entry.name === RULES_FILE) {
      small.set(entry.name, await textOf(entry));
    }
  }
  const { dumpVersion } = z.object({ dumpVersion: z.string() }).parse(json(small, "metadata.json"));
  if (dumpVersion !== "V6") throw new Error(`a dump of format ${dumpVersion}: only V6 can be read`);
  await importInstance(small, target);
  await importRules(small, target);
  const keys = await importIndexes(small, target);
  const indexes: { uid: string; documents: number }[] = [];
  for await (const entry of entriesOf(path)) {
    const uid = /^indexes\/([^/]+)\/documents\.jsonl$/.exec(entry.name)?.[1];
    if (uid === undefined || !keys.has(uid)) continue;
    const sent = await importDocuments(entry, uid, keys.get(uid), target);
    indexes.push({ uid, documents: sent });
    if (!isJson) console.log(`${uid}: ${sent} documents sent`);
  }
  const failures = await target.failures();
  if (isJson) console.log(JSON.stringify({ indexes, failures }, null, 2));
  else {
    for (const failure of failures) console.error(failure);
    console.log(failures.length === 0 ? "imported" : `${failures.length} tasks failed`);
  }
  process.exitCode = failures.length === 0 ? 0 : 1;
}

function entriesOf(path: string): AsyncGenerator<TarEntry> {
  return tarEntries(createReadStream(path).pipe(createGunzip()));
}

async function textOf(entry: TarEntry): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of entry.content()) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

function json(files: ReadonlyMap<string, string>, name: string): unknown {
  const text = files.get(name);
  return text === undefined ? undefined : JSON.parse(text);
}

/** Keys, features and webhooks; those that are there already stay as they are. */
async function importInstance(
  files: ReadonlyMap<string, string>,
  target: ImportTarget,
): Promise<void> {
  const lines = (files.get("keys.jsonl") ?? "").split("\n").filter((line) => line !== "");
  // The oldest first, so that the list comes out in the same order.
  for (const line of lines.toReversed()) {
    const { expires_at: expiresAt = null, ...key } = keySchema.parse(JSON.parse(line));
    if (expiresAt !== null && Date.parse(expiresAt) < Date.now()) continue;
    await target.try("POST", "/keys", { ...key, expiresAt });
  }
  const features = z.record(z.string(), z.boolean().nullable()).optional();
  const flags = features.parse(json(files, "experimental-features.json")) ?? {};
  for (const [name, isOn] of Object.entries(flags)) {
    if (isOn === true) await target.try("PATCH", "/experimental-features", { [name]: true });
  }
  const hooks = webhooks.optional().parse(json(files, "webhooks.json"))?.webhooks ?? {};
  for (const hook of Object.values(hooks)) await target.try("POST", "/webhooks", hook);
}

async function importRules(
  files: ReadonlyMap<string, string>,
  target: ImportTarget,
): Promise<void> {
  const lines = (files.get(RULES_FILE) ?? "").split("\n").filter((line) => line !== "");
  for (const line of lines) {
    const { uid, conditions, ...rule } = ruleSchema.parse(JSON.parse(line));
    const { nbConstraints: _, ...filter } = members.parse(conditions["filter"] ?? {});
    const body = {
      ...rule,
      conditions: { ...conditions, ...(conditions["filter"] === undefined ? {} : { filter }) },
    };
    await target.write("PATCH", `/dynamic-search-rules/${uid}`, JSON.stringify(body));
  }
}

/** Creates the indexes with their settings; answers their primary keys. */
async function importIndexes(
  files: ReadonlyMap<string, string>,
  target: ImportTarget,
): Promise<ReadonlyMap<string, string | null>> {
  const primaryKeys = new Map<string, string | null>();
  for (const [name, text] of files) {
    const folder = /^indexes\/[^/]+(?=\/metadata\.json$)/.exec(name)?.[0];
    if (folder === undefined) continue;
    const { uid, primaryKey = null } = indexMetadata.parse(JSON.parse(text));
    // What Meilisearch keeps in indexes of its own is not a client's: rules are imported as such.
    if (uid.startsWith(".")) continue;
    primaryKeys.set(uid, primaryKey);
    await target.write("POST", "/indexes", JSON.stringify({ uid, primaryKey }));
    const settings = z
      .record(z.string(), z.unknown())
      .parse(json(files, `${folder}/settings.json`));
    // Settings of features of one instance, as dumps always have them.
    const { foreignKeys: _, chat: __, ...known } = settings;
    await target.write("PATCH", `/indexes/${uid}/settings`, JSON.stringify(known));
  }
  return primaryKeys;
}

async function importDocuments(
  entry: TarEntry,
  uid: string,
  primaryKey: string | null | undefined,
  target: ImportTarget,
): Promise<number> {
  const query = primaryKey ? `?primaryKey=${encodeURIComponent(primaryKey)}` : "";
  const path = `/indexes/${uid}/documents${query}`;
  let parts: Buffer[] = [];
  let size = 0;
  let sent = 0;
  const send = async (lines: Buffer<ArrayBuffer>): Promise<void> => {
    if (lines.length === 0) return;
    for (const byte of lines) if (byte === NEWLINE) sent += 1;
    await target.write("POST", path, lines, "application/x-ndjson");
  };
  for await (const part of entry.content()) {
    parts.push(part);
    size += part.length;
    if (size < REQUEST_BYTES) continue;
    const whole = Buffer.concat(parts);
    const end = whole.lastIndexOf(NEWLINE) + 1;
    await send(whole.subarray(0, end));
    parts = [whole.subarray(end)];
    size = whole.length - end;
  }
  await send(Buffer.concat(parts));
  return sent;
}
