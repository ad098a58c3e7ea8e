/**
 * Dumps, snapshots and exports: long jobs, one after the other, beside the write logs and never in
 * their way. A job is stored before it is answered, and begun again from its start when it was cut
 * off: what it had written until then is not visible to anybody.
 */
import { DurableObject } from "cloudflare:workers";

import { TopologyLease } from "../worker/cluster/topology-lease.ts";
import { ApiError, errorBody, type ErrorBody } from "../worker/core/errors/api-error.ts";
import { exportDetails } from "../worker/core/export/parse-export.ts";
import { instant, type TaskUid } from "../worker/core/ids.ts";
import { backoffMs } from "../worker/core/log/backoff.ts";
import type { Env } from "../worker/env.ts";
import { FetchNodeClient } from "../worker/nodes/fetch-node-client.ts";
import { TaskLog } from "../worker/tasklog/task-log.ts";
import { wakeCourier } from "../worker/webhooks/wake-courier.ts";
import { BackupError } from "./backup/backup-error.ts";
import { ClusterReader } from "./backup/cluster-reader.ts";
import { dumpCluster } from "./backup/dump-cluster.ts";
import { exportCluster } from "./backup/export-cluster.ts";
import { awaitSnapshots, beginSnapshots } from "./backup/snapshot-nodes.ts";
import type { AcceptedOperation } from "./rpc.ts";
import { JobStore, type Job, type JobRequest } from "./storage/job-store.ts";
import { sleep } from "./sleep.ts";

/** Attempts after which a job's task fails. */
const FAILURES_MAX = 4;

export class Backups extends DurableObject<Env> {
  readonly #store: JobStore;
  readonly #tasks: TaskLog;
  readonly #reader: ClusterReader;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#store = new JobStore(ctx.storage.sql);
    this.#tasks = new TaskLog(env.TASKS, () => ctx.waitUntil(wakeCourier(env)));
    this.#reader = new ClusterReader({
      cluster: env.CLUSTER.getByName("cluster"),
      lease: new TopologyLease(),
      nodes: new FetchNodeClient(env.EMBEDDED_NODE),
      now: () => Date.now(),
    });
  }

  /** Accepts a job; it is carried out after those before it. */
  async submit(request: JobRequest): Promise<AcceptedOperation> {
    const token = crypto.randomUUID();
    const createdAt = instant(Date.now());
    this.#store.add(token, request, createdAt);
    await this.ctx.storage.setAlarm(createdAt);
    return { uid: await this.#register(token), createdAt };
  }

  override async alarm(): Promise<void> {
    const [job] = this.#store.all();
    if (job === undefined) return;
    await this.ctx.storage.setAlarm(Date.now() + (await this.#attempt(job)));
  }

  async #register(token: string): Promise<TaskUid> {
    const job = this.#store.all().find((stored) => stored.token === token);
    if (job === undefined) throw new Error("a job is stored before it is registered");
    if (job.uid !== null) return job.uid;
    const { request, createdAt: enqueuedAt } = job;
    const task = { token, log: null, indexUid: null, customMetadata: null, enqueuedAt };
    const [uid] = await this.#tasks.register([
      { ...task, type: request.kind, details: beginningDetails(request) },
    ]);
    if (uid === undefined) throw new Error("a registered task has a uid");
    this.#store.setUid(token, uid);
    return uid;
  }

  /** Carries a job out; milliseconds until the next is looked at. */
  async #attempt(job: Job): Promise<number> {
    const startedAt = job.startedAt ?? instant(Date.now());
    this.#store.setStarted(job.token, startedAt);
    try {
      const uid = await this.#register(job.token);
      const details = await this.#carryOut(job);
      await this.#finish(job, uid, startedAt, details, null);
      return 0;
    } catch (error) {
      const body = bodyOf(error);
      const failures = job.failures + 1;
      // oxlint-disable-next-line no-console -- the log that an operator reads
      console.log(
        JSON.stringify({
          event: "backup_failed",
          job: job.request.kind,
          failures,
          error: String(error),
        }),
      );
      this.#store.countFailure(job.token);
      const isFinal = error instanceof ApiError || (error instanceof BackupError && error.isFinal);
      if (!isFinal && failures < FAILURES_MAX) return backoffMs(failures, Math.random());
      const uid = await this.#register(job.token);
      await this.#finish(job, uid, startedAt, beginningDetails(job.request), body);
      return 0;
    }
  }

  /** The details of the task that succeeded. */
  async #carryOut({ request, token }: Job): Promise<string | null> {
    switch (request.kind) {
      case "dumpCreation": {
        const instanceUid = this.#store.instanceUid(() => crypto.randomUUID());
        const { DUMPS: bucket, TASKS: database } = this.env;
        const uid = await dumpCluster({
          bucket,
          database,
          reader: this.#reader,
          instanceUid,
          token,
        });
        return JSON.stringify({ dumpUid: uid });
      }
      case "snapshotCreation": {
        const tools = { client: this.#reader.nodes, sleep };
        const { nodes } = await this.#reader.topology();
        await awaitSnapshots(tools, nodes, await beginSnapshots(tools, nodes));
        return null;
      }
      case "export":
        return exportDetails(request, await exportCluster(this.#reader, request));
    }
  }

  async #finish(
    { token }: Job,
    uid: TaskUid,
    startedAt: Job["createdAt"],
    details: string | null,
    error: ErrorBody | null,
  ): Promise<void> {
    await this.#tasks.finish([
      {
        uid,
        status: error === null ? "succeeded" : "failed",
        canceledBy: null,
        details,
        error,
        startedAt,
        finishedAt: instant(Date.now()),
      },
    ]);
    this.#store.remove(token);
  }
}

function beginningDetails(request: JobRequest): string | null {
  switch (request.kind) {
    case "dumpCreation":
      return '{"dumpUid":null}';
    case "snapshotCreation":
      return null;
    case "export":
      return exportDetails(request);
  }
}

function bodyOf(error: unknown): ErrorBody {
  if (error instanceof ApiError) return error.body();
  if (error instanceof BackupError) return error.body;
  return errorBody("internal", error instanceof Error ? error.message : String(error));
}
