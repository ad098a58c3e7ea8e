/**
 * One dump of the whole cluster. An archive says how long a file is before the file, and how long an
 * index is shows only when it has been read: so documents are staged in R2 first, index by index, and
 * the archive is then put together from there. Memory holds one page, or one part of an upload.
 */
import {
  dumpFeatures,
  dumpMetadata,
  dumpSettings,
  dumpWebhooks,
  indexMetadata,
  keyLine,
} from "../../worker/core/archive/dump-files.ts";
import { isOfMeilisearch } from "../../worker/core/keys/actions.ts";
import { archiveEnd, directoryHeader, fileHeader, padding } from "../../worker/core/archive/tar.ts";
import type { FeatureFlags } from "../../worker/core/features/feature-flags.ts";
import type { ApiKey } from "../../worker/core/keys/key.ts";
import type { IndexEntry } from "../../worker/core/topology/topology.ts";
import { dumpRules, RULES_INDEX, RULES_SETTINGS } from "../../worker/core/archive/dumped-rules.ts";
import type { SearchRule } from "../../worker/core/rules/rule.ts";
import type { Webhook } from "../../worker/core/webhooks/webhook.ts";
import { documentPages, type Source } from "./document-stream.ts";
import { ObjectSink } from "./object-sink.ts";

const encoder = new TextEncoder();

export interface StagedIndex {
  readonly index: IndexEntry;
  readonly key: string;
  readonly size: number;
}

/** Writes the documents of one index as lines. */
export async function stageIndex(
  bucket: R2Bucket,
  key: string,
  index: IndexEntry,
  source: Source,
): Promise<StagedIndex> {
  const sink = await ObjectSink.open(bucket, key);
  try {
    for await (const documents of documentPages(source)) {
      if (documents.length > 0) await sink.write(encoder.encode(`${documents.join("\n")}\n`));
    }
    await sink.finish();
  } catch (error) {
    await sink.abort();
    throw error;
  }
  return { index, key, size: sink.size };
}

export interface Dump {
  readonly now: number;
  readonly instanceUid: string;
  readonly keys: readonly ApiKey[];
  readonly features: FeatureFlags;
  readonly webhooks: readonly Webhook[];
  readonly rules: readonly SearchRule[];
  readonly indexes: readonly StagedIndex[];
}

/** Puts the archive together; it is there when this resolves, and not at all when it throws. */
export async function assembleDump(bucket: R2Bucket, key: string, dump: Dump): Promise<void> {
  const sink = await ObjectSink.open(bucket, key);
  try {
    const plain = streamOf(archive(bucket, dump));
    for await (const chunk of plain.pipeThrough(new CompressionStream("gzip"))) {
      await sink.write(chunk);
    }
    await sink.finish();
  } catch (error) {
    await sink.abort();
    throw error;
  }
}

async function* archive(bucket: R2Bucket, dump: Dump): AsyncGenerator<Uint8Array> {
  const modifiedAt = Math.floor(dump.now / 1000);
  const small = function* (name: string, text: string): Generator<Uint8Array> {
    const bytes = encoder.encode(text);
    yield fileHeader({ name, size: bytes.length, modifiedAt });
    yield bytes;
    yield padding(bytes.length);
  };
  yield* small("metadata.json", dumpMetadata(dump.now));
  yield* small("instance_uid.uuid", dump.instanceUid);
  // As Meilisearch does: the oldest key last, so that an import lists them in the same order.
  yield* small("keys.jsonl", dump.keys.filter(isOfMeilisearch).map(keyLine).join(""));
  yield* small("experimental-features.json", dumpFeatures(dump.features));
  yield* small("webhooks.json", dumpWebhooks(dump.webhooks));
  yield directoryHeader("tasks", modifiedAt);
  yield* small("tasks/queue.jsonl", "");
  yield directoryHeader("indexes", modifiedAt);
  if (dump.rules.length > 0) {
    const folder = `indexes/${RULES_INDEX}`;
    const times = { createdAt: dump.now, updatedAt: dump.now };
    yield directoryHeader(folder, modifiedAt);
    const metadata = indexMetadata({ uid: RULES_INDEX, primaryKey: "uid", ...times });
    yield* small(`${folder}/metadata.json`, metadata);
    yield* small(`${folder}/settings.json`, RULES_SETTINGS);
    yield* small(`${folder}/documents.jsonl`, dumpRules(dump.rules));
  }
  for (const { index, key, size } of dump.indexes) {
    const folder = `indexes/${index.uid}`;
    yield directoryHeader(folder, modifiedAt);
    yield* small(`${folder}/metadata.json`, indexMetadata(index));
    yield* small(`${folder}/settings.json`, dumpSettings(index.settings));
    yield fileHeader({ name: `${folder}/documents.jsonl`, size, modifiedAt });
    const staged = await bucket.get(key);
    if (staged === null || staged.size !== size) throw new Error("staged documents are gone");
    yield* staged.body;
    yield padding(size);
  }
  yield archiveEnd();
}

function streamOf(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      for (;;) {
        const { done, value } = await chunks.next();
        if (done === true) {
          controller.close();
          return;
        }
        if (value.length === 0) continue;
        controller.enqueue(value);
        return;
      }
    },
    async cancel() {
      await chunks.return(undefined);
    },
  });
}
