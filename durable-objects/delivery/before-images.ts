/**
 * What an edit by function is about, as it is before the edit: read from one replica of each shard
 * before any node gets the edit, and kept with the entry until it is over. An edit that one document
 * fails on some node is undone with it on all others, as one Meilisearch changes nothing then. Edits
 * are fences in the log, so every replica stands still at one offset meanwhile.
 */
import { z } from "zod";

import { shardId, type NodeId, type PhysicalUid, type ShardId } from "../../worker/core/ids.ts";
import { BEFORE_IMAGES_BYTES_MAX } from "../../worker/core/limits.ts";
import { filterWithin } from "../../worker/core/delivery/steps.ts";
import { MARK_FIELD, shardOfMark } from "../../worker/core/placement/shard-mark.ts";
import type { ShardMap } from "../../worker/core/topology/topology.ts";
import type { PayloadRow } from "../rpc.ts";
import type { Entry } from "../storage/log-rows.ts";
import { isUnread, type UnreadEdit } from "./entry-outcome.ts";
import type { DiskState } from "./same-disk.ts";
import type { LogStore } from "../storage/log-store.ts";
import { documentPages } from "../transfer/document-pages.ts";
import { NodeRefusal, TransferFault, type NodeAccess } from "../transfer/node-access.ts";

export interface BeforeImagesTools {
  readonly access: NodeAccess;
  readonly store: LogStore;
  readonly physical: PhysicalUid;
  /** The replicas that searches may read. */
  readonly shardMap: () => Promise<ShardMap>;
  /** Whether a node still has what it was known to have. */
  readonly isTrusted: (node: NodeId) => boolean;
  readonly now: () => number;
  /** Whether the node has what it took; `unknown` when it does not say. */
  readonly disk: (node: NodeId) => Promise<DiskState>;
  readonly onLost: (node: NodeId) => void;
  /** The node could not be read for `sinceMs`. */
  readonly onTrouble: (node: NodeId, sinceMs: number, reason: string) => Promise<void>;
}

const marked = z.object({ [MARK_FIELD]: z.string() });

const encoder = new TextEncoder();

export class BeforeImages {
  readonly #tools: BeforeImagesTools;
  #reading: Promise<void> | undefined;
  readonly #troubleSince = new Map<NodeId, number>();

  constructor(tools: BeforeImagesTools) {
    this.#tools = tools;
  }

  /** Throws a TransferFault while a shard cannot be read. */
  async keep({ offset }: Entry): Promise<void> {
    // The feeds of all nodes come here at once; whoever is late finds the entry read.
    while (this.#reading !== undefined) await this.#reading.catch(() => undefined);
    const edit = this.#tools.store.entryAt(offset);
    if (edit === undefined || !isUnread(edit)) return;
    this.#reading = this.#read(edit).finally(() => {
      this.#reading = undefined;
    });
    await this.#reading;
  }

  async #read({ offset, token, operation }: UnreadEdit): Promise<void> {
    const { store } = this.#tools;
    // Of an earlier try that was cut off.
    store.dropPayload(token);
    let bytes = 0;
    for (const [node, shards] of await this.#sources(offset)) {
      for await (const rows of this.#rows(node, shards, operation.filter)) {
        bytes += rows.reduce((sum, row) => sum + row.bytes.byteLength, 0);
        if (bytes > BEFORE_IMAGES_BYTES_MAX) {
          store.dropPayload(token);
          store.setOperation(offset, { ...operation, beforeImages: "too-many" });
          return;
        }
        store.addPayload(token, rows, this.#tools.now());
      }
      this.#troubleSince.delete(node);
    }
    store.setOperation(offset, { ...operation, beforeImages: "kept" });
  }

  async *#rows(
    node: NodeId,
    shards: ReadonlySet<ShardId>,
    filter: string | null,
  ): AsyncGenerator<readonly PayloadRow[]> {
    const { access, physical, now, onTrouble } = this.#tools;
    const from = { node, physical, filter: filterWithin(filter, shards) };
    const startedAt = now();
    try {
      const pages = documentPages(access, from, { offset: 0, vectors: true });
      for await (const { documents } of pages) yield rowsByShard(documents);
      await this.#demandSame(node);
    } catch (error) {
      // A filter that no node can read: the edit will be refused in the same way, everywhere.
      if (error instanceof NodeRefusal) return;
      const since = this.#troubleSince.get(node) ?? startedAt;
      this.#troubleSince.set(node, since);
      // It may leave the in-sync set then, and others are read.
      await onTrouble(node, now() - since, String(error));
      throw error;
    }
  }

  /** What was read from an old disk is no longer so. */
  async #demandSame(node: NodeId): Promise<void> {
    const state = await this.#tools.disk(node);
    if (state === "same") return;
    if (state === "lost") this.#tools.onLost(node);
    throw new TransferFault(`${node} does not have what was written to it`);
  }

  /**
   * Which node each shard is read from. One that is behind with nothing but the edit will do where no
   * other is left: it could not catch up without.
   */
  async #sources(offset: number): Promise<ReadonlyMap<NodeId, ReadonlySet<ShardId>>> {
    const { store, shardMap, isTrusted } = this.#tools;
    const sources = new Map<NodeId, Set<ShardId>>();
    for (const [shard, replicas] of (await shardMap()).entries()) {
      const standing = replicas.filter(
        (node) => isTrusted(node) && store.replica(node).cursor >= offset - 1,
      );
      const inSync = standing.find((node) => store.replica(node).standing === "in-sync");
      const source = inSync ?? standing[0];
      if (source === undefined) throw new TransferFault(`no replica of shard ${shard} is there`);
      sources.set(source, (sources.get(source) ?? new Set()).add(shardId(shard)));
    }
    return sources;
  }
}

/** Documents on lines of their own, by the mark that they carry. */
function rowsByShard(documents: readonly string[]): readonly PayloadRow[] {
  const lines = new Map<number, string[]>();
  for (const text of documents) {
    const shard = shardOfMark(marked.parse(JSON.parse(text))[MARK_FIELD]);
    if (shard === undefined) throw new TransferFault("a document has no shard mark");
    const known = lines.get(shard);
    if (known === undefined) lines.set(shard, [text]);
    else known.push(text);
  }
  return [...lines].map(([shard, texts]) => ({
    shard: shardId(shard),
    bytes: encoder.encode(`${texts.join("\n")}\n`),
  }));
}
