/**
 * When all is over: is every acknowledged write there, do all replicas hold the same, and is it what
 * ONE Meilisearch holds that was given the same writes in the order of their tasks?
 */
import { setTimeout as pause } from "node:timers/promises";

import { Meilisearch, type Task } from "meilisearch";

import type { NamedNode } from "../options.ts";
import { CHAOS_KEY, type ChaosFleet } from "./chaos-fleet.ts";
import { nameOf, send, FILTERABLE, type ChaosDocument, type ChaosIndex } from "./operations.ts";
import type { Tally } from "./tally.ts";
import { INDEX, type Sent } from "./writer.ts";

const PAGE = 1000;
const BATCH = 10_000;
const SETTLE_MS = 180_000;
const MARK = "_miroir_shard";

type Documents = ReadonlyMap<string, string>;

/** How many documents differ; lost writes go to the tally. */
export async function judge(
  fleet: ChaosFleet,
  sent: ReadonlyMap<string, Sent>,
  replicationFactor: number,
  tally: Tally,
): Promise<number> {
  const miroir = new Meilisearch({ host: fleet.url, apiKey: CHAOS_KEY });
  const tasks = await settledTasks(miroir);
  const known = new Map(tasks.map((task) => [nameOf(task), task]));
  for (const [name, { taskUid }] of sent) {
    if (taskUid === undefined) continue;
    const task = known.get(name);
    if (task?.uid === taskUid && task.status !== "enqueued" && task.status !== "processing")
      continue;
    tally.lost += 1;
    tally.problem(`write ${name}, task ${taskUid}: ${task?.status ?? "there is no such task"}`);
  }
  const statuses = await replay(fleet, tasks, sent);
  let differences = 0;
  for (const { uid, status, error } of tasks) {
    const expected = statuses.get(uid);
    if (expected === undefined || expected === status) continue;
    differences += 1;
    tally.problem(
      `task ${uid} is ${status} (${error?.message ?? ""}), with one Meilisearch ${expected}`,
    );
  }
  const reference = await documentsOf(fleet.reference, fleet.nodeKey, INDEX);
  const all = await documentsOf({ id: "miroir", url: fleet.url }, CHAOS_KEY, INDEX);
  differences += compare("Miroir", all, reference, tally);
  process.stderr.write(`chaos: ${reference.size} documents compared\n`);
  return differences + (await compareReplicas(fleet, reference, replicationFactor, tally));
}

/** All tasks of the index in their order, once none is under way. */
async function settledTasks(miroir: Meilisearch): Promise<readonly Task[]> {
  const end = Date.now() + SETTLE_MS;
  for (;;) {
    const { total } = await miroir.tasks.getTasks({
      statuses: ["enqueued", "processing"],
      limit: 1,
    });
    if (total === 0 || Date.now() > end) break;
    await pause(500);
  }
  const tasks: Task[] = [];
  for (let from: number | null = 0; from !== null;) {
    const page = await miroir.tasks.getTasks({
      indexUids: [INDEX],
      limit: PAGE,
      from,
      reverse: true,
    });
    tasks.push(...page.results);
    from = page.next;
  }
  return tasks;
}

/** The same writes to one Meilisearch; the statuses of their tasks, by Miroir's uids. */
async function replay(
  fleet: ChaosFleet,
  tasks: readonly Task[],
  sent: ReadonlyMap<string, Sent>,
): Promise<ReadonlyMap<number, string>> {
  const one = new Meilisearch({ host: fleet.reference.url, apiKey: fleet.nodeKey });
  const uids: (readonly [number, number])[] = [];
  for (const task of tasks) {
    const name = nameOf(task);
    const write = name === undefined ? undefined : sent.get(name);
    if (name === undefined || write === undefined) continue;
    const { taskUid } = await send(one.index(INDEX), name, write.operation);
    uids.push([task.uid, taskUid]);
  }
  const statuses = new Map<number, string>();
  for (const [uid, taskUid] of uids) {
    const { status } = await one.tasks.waitForTask(taskUid, { timeout: SETTLE_MS });
    statuses.set(uid, status);
  }
  return statuses;
}

/** What a run starts from: documents that no write touches, and fields beyond those of writes. */
export interface Preparation {
  readonly documents: readonly ChaosDocument[];
  readonly filterable: readonly string[];
  readonly sortable: readonly string[];
}

/**
 * Longer than any search takes: after 1.5 s, if nothing is said, a Meilisearch that is starved of time
 * leaves the rest of the ranking out, and two that are starved at different moments differ.
 */
const CUTOFF_MS = 60_000;

/** Brings an empty server to where a run starts: done with Miroir and with one Meilisearch. */
export async function prepare(
  client: Meilisearch,
  { documents, filterable, sortable }: Preparation,
): Promise<void> {
  await client.updateExperimentalFeatures({ editDocumentsByFunction: true });
  const wait = { timeout: SETTLE_MS };
  await client.createIndex(INDEX, { primaryKey: "id" }).waitTask(wait);
  const index: ChaosIndex = client.index(INDEX);
  await index
    .updateSettings({
      filterableAttributes: [...FILTERABLE, ...filterable],
      sortableAttributes: [...sortable],
      searchCutoffMs: CUTOFF_MS,
    })
    .waitTask(wait);
  for (let from = 0; from < documents.length; from += BATCH) {
    await index.addDocuments(documents.slice(from, from + BATCH)).waitTask(wait);
  }
}

/** Every replica on every node: in the end each document is where it should be, and alike. */
async function compareReplicas(
  fleet: ChaosFleet,
  reference: Documents,
  replicationFactor: number,
  tally: Tally,
): Promise<number> {
  const end = Date.now() + SETTLE_MS;
  for (;;) {
    const problems = await replicaProblems(fleet, reference, replicationFactor);
    const isLast = Date.now() > end;
    if (problems.length === 0 || isLast) {
      for (const problem of problems) tally.problem(problem);
      return problems.length;
    }
    // A replica that was away may still be catching up.
    await pause(1000);
  }
}

async function replicaProblems(
  fleet: ChaosFleet,
  reference: Documents,
  replicationFactor: number,
): Promise<readonly string[]> {
  const problems: string[] = [];
  const copies = new Map<string, number>();
  for (const node of fleet.nodes) {
    const client = new Meilisearch({ host: node.url, apiKey: fleet.nodeKey });
    const { results } = await client.getRawIndexes({ limit: 100 });
    for (const { uid } of results.filter((index) => index.uid.startsWith(`${INDEX}-`))) {
      for (const [id, text] of await documentsOf(node, fleet.nodeKey, uid)) {
        copies.set(id, (copies.get(id) ?? 0) + 1);
        if (reference.get(id) !== text) {
          problems.push(`${node.id}, document ${id}: ${text}, should be ${reference.get(id)}`);
        }
      }
    }
  }
  for (const id of reference.keys()) {
    const count = copies.get(id) ?? 0;
    if (count !== replicationFactor) problems.push(`document ${id} has ${count} replicas`);
  }
  return problems;
}

function compare(where: string, found: Documents, expected: Documents, tally: Tally): number {
  let differences = 0;
  for (const id of new Set([...found.keys(), ...expected.keys()])) {
    if (found.get(id) === expected.get(id)) continue;
    differences += 1;
    tally.problem(`${where}, document ${id}: ${found.get(id)}, should be ${expected.get(id)}`);
  }
  return differences;
}

/** All documents by id, as text with members in order of their names. */
async function documentsOf(node: NamedNode, key: string, index: string): Promise<Documents> {
  const documents = new Map<string, string>();
  const client = new Meilisearch({ host: node.url, apiKey: key });
  for (let offset = 0; ; offset += PAGE) {
    const { results } = await client.index(index).getDocuments({ offset, limit: PAGE });
    for (const { [MARK]: _mark, ...document } of results) {
      const members = Object.entries(document).toSorted(([a], [b]) => (a < b ? -1 : 1));
      documents.set(String(document["id"]), JSON.stringify(Object.fromEntries(members)));
    }
    if (results.length < PAGE) return documents;
  }
}
