/** One isolate of the Worker: its own lease, its own view of how busy nodes are, its own clock. */
import {
  acceptWrite,
  targetOf,
  type Accepted,
  type Upload,
  type Write,
  type WriteTools,
} from "../../worker/cluster/index-writer.ts";
import { TopologyLease } from "../../worker/cluster/topology-lease.ts";
import { ApiError } from "../../worker/core/errors/api-error.ts";
import { documentId, indexUid, type ShardId } from "../../worker/core/ids.ts";
import { SEARCH_DEADLINE_MS } from "../../worker/core/limits.ts";
import { parseDocumentsBody } from "../../worker/core/query/parse-documents.ts";
import { parseSearchBody } from "../../worker/core/query/parse-search.ts";
import type { ShardChange } from "../../worker/core/transfer/shard-change.ts";
import type { IndexEntry, Topology } from "../../worker/core/topology/topology.ts";
import type { ControlChange, ControlReply } from "../../durable-objects/topology/control-rpc.ts";
import type { PayloadRow } from "../../durable-objects/rpc.ts";
import type { Env } from "../../worker/env.ts";
import { FetchNodeClient } from "../../worker/nodes/fetch-node-client.ts";
import { NodeLoad } from "../../worker/nodes/node-load.ts";
import { fetchDocuments, getDocument } from "../../worker/search/documents.ts";
import { Hedging } from "../../worker/search/hedging.ts";
import type { ReadContext } from "../../worker/search/read-context.ts";
import { searchIndex } from "../../worker/search/search.ts";
import { TaskLog } from "../../worker/tasklog/task-log.ts";
import { lives, type Life } from "./platform/life.ts";

/** A payload of which the first row is in the log. */
interface Uploaded {
  readonly upload: Upload;
  readonly others: readonly PayloadRow[];
}

export type Found = readonly Readonly<Record<string, unknown>>[];

/** What a read came back with. */
export type ReadResult =
  | { readonly kind: "found"; readonly documents: Found; readonly missing: readonly ShardId[] }
  /** There is no index of that name. */
  | { readonly kind: "noIndex" }
  | { readonly kind: "failed"; readonly reason: string };

const ALL = 1000;

export class Isolate {
  readonly life: Life;
  readonly #env: Env;
  readonly #lease = new TopologyLease();
  readonly #load = new NodeLoad(() => Date.now());
  readonly #hedging = new Hedging();
  #last: Topology | undefined;

  constructor(life: Life, env: Env) {
    this.life = life;
    this.#env = env;
  }

  /** The topology that it may follow without asking, as of now. */
  leased(): Topology | undefined {
    const last = this.#last;
    if (last === undefined || this.life.isOver) return undefined;
    return lives.run(this.life, () => (this.#lease.isLeased(last) ? last : undefined));
  }

  async write(write: Write): Promise<Accepted> {
    return await this.#run(() => acceptWrite(this.#tools(), write));
  }

  /** Sends the first payload rows ahead of the write that they belong to; and the others. */
  async upload(
    uid: string,
    token: string,
    split: (shardCount: number) => readonly PayloadRow[],
  ): Promise<Uploaded> {
    return await this.#run(async () => {
      const target = await targetOf(this.#tools(), indexUid(uid), true);
      if (target === undefined) throw new Error("a created index takes writes");
      const rows = split(target.shardCount);
      const log = this.#env.INDEX_LOG.getByName(target.physical);
      if (!(await log.upload(token, rows.slice(0, 1)))) throw new Error("the log is full");
      return { upload: { ...target, token, rowCount: 1 }, others: rows.slice(1) };
    });
  }

  /** The task's uid. */
  async swap(uids: readonly [string, string]): Promise<number> {
    const [first, second] = uids;
    const indexes = [indexUid(first), indexUid(second)] as const;
    const { uid } = await this.#run(() =>
      this.#env.CLUSTER.getByName("cluster").rename({
        type: "indexSwap",
        indexUid: null,
        exchanges: [{ indexes, rename: false }],
        details: JSON.stringify({ swaps: [{ indexes }] }),
        primaryKey: null,
        releasedLease: this.#lease.drop(),
      }),
    );
    return uid;
  }

  /** Cancels everything that is enqueued. */
  async cancel(): Promise<void> {
    const time = { before: null, after: null };
    const filter = {
      uids: null,
      batchUids: null,
      canceledBy: null,
      types: ["documentAdditionOrUpdate"],
      statuses: ["enqueued"],
      indexUids: null,
      times: { enqueued_at: time, started_at: time, finished_at: time },
    };
    await this.#run(() =>
      this.#env.CLUSTER.getByName("cluster").submit({
        kind: "cancelTasks",
        filter,
        patterns: null,
        originalFilter: "?statuses=enqueued",
      }),
    );
  }

  /** What an operator asks of the Cluster; what comes of it. */
  async operate(change: ControlChange): Promise<ControlReply> {
    const cluster = this.#env.CLUSTER.getByName("cluster");
    return await this.#run(async () => await cluster.control({ change, epoch: undefined }));
  }

  /** Asks the index's log for a change of one shard's replicas. */
  async transfer(physical: string, change: ShardChange): Promise<void> {
    await this.#run(() => this.#env.INDEX_LOG.getByName(physical).transfer([change]));
  }

  async search(uid: string, filter: string | null): Promise<ReadResult> {
    const query = parseSearchBody(JSON.stringify({ limit: ALL, filter }));
    return await this.#read(uid, async (read, index) => {
      const { body, missing } = await searchIndex(read, index, query, { requestUid: "r" });
      return { body, missing };
    });
  }

  async documents(uid: string, filter: string | null): Promise<ReadResult> {
    const query = parseDocumentsBody(JSON.stringify({ limit: ALL, filter }));
    return await this.#read(uid, (read, index) => fetchDocuments(read, index, query));
  }

  async document(uid: string, id: string): Promise<ReadResult> {
    const options = { fields: null, retrieveVectors: false };
    return await this.#read(uid, async (read, index) => ({
      body: await getDocument(read, index, documentId(id), options),
      missing: [],
    }));
  }

  async #read(
    uid: string,
    ask: (
      read: ReadContext,
      index: IndexEntry,
    ) => Promise<{ readonly body: string; readonly missing: readonly ShardId[] }>,
  ): Promise<ReadResult> {
    return await this.#run(async () => {
      try {
        const read = await this.#context();
        const index = read.topology.indexes.get(indexUid(uid));
        if (index === undefined) return { kind: "noIndex" };
        const { body, missing } = await ask(read, index);
        return { kind: "found", documents: documentsOf(JSON.parse(body)), missing };
      } catch (error) {
        if (error instanceof ApiError && error.code === "document_not_found") {
          return { kind: "found", documents: [], missing: [] };
        }
        return { kind: "failed", reason: String(error) };
      }
    });
  }

  /** As a request makes it for itself. */
  async #context(): Promise<ReadContext> {
    const cluster = () => this.#env.CLUSTER.getByName("cluster");
    const topology = await this.#lease.topology(cluster);
    this.#last = topology;
    return {
      topology,
      refreshed: () => this.#lease.refreshed(cluster),
      isLeased: (followed) => this.#lease.isLeased(followed),
      isReadable: async (node, physical) => await cluster().isReadable(node, physical),
      latencyMs: (node) => this.#load.latencyMs(node),
      hedging: this.#hedging,
      nodes: this.#load.watching(new FetchNodeClient(this.#env.EMBEDDED_NODE)),
      load: (node) => this.#load.cost(node),
      now: () => Date.now(),
      deadlineAt: Date.now() + SEARCH_DEADLINE_MS,
      policy: "partial",
    };
  }

  #tools(): WriteTools {
    return {
      cluster: this.#env.CLUSTER.getByName("cluster"),
      logs: this.#env.INDEX_LOG,
      tasks: new TaskLog(this.#env.TASKS),
      lease: this.#lease,
      now: () => Date.now(),
    };
  }

  async #run<T>(job: () => Promise<T>): Promise<T> {
    return await lives.run(this.life, job);
  }
}

function documentsOf(answer: unknown): Found {
  const { hits, results } = answer as { hits?: Found; results?: Found };
  return hits ?? results ?? [answer as Found[number]];
}
