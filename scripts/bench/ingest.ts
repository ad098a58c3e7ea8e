/** Documents into a contender: how fast they are accepted, and how fast they can be found. */
import { setTimeout as pause } from "node:timers/promises";

import { Client, type Contender } from "./client.ts";
import { SETTINGS, type Package } from "./corpus.ts";

export const INDEX = "packages";
const BATCH = 500;

export interface IngestResult {
  readonly contender: string;
  readonly acceptedPerSecond: number;
  readonly visiblePerSecond: number;
}

export async function ingest(
  contender: Contender,
  documents: readonly Package[],
): Promise<IngestResult> {
  const client = new Client(contender, 1);
  await finish(client, await client.expect("POST", "/indexes", createBody));
  const settings = JSON.stringify(SETTINGS);
  await finish(client, await client.expect("PATCH", `/indexes/${INDEX}/settings`, settings));
  const batches = batchesOf(documents);
  const startedAt = performance.now();
  let accepted = "";
  for (const batch of batches) {
    const path = `/indexes/${INDEX}/documents`;
    accepted = await client.expect("POST", path, batch, "application/x-ndjson");
  }
  const acceptedAt = performance.now();
  await finish(client, accepted);
  const visibleAt = performance.now();
  client.close();
  const perSecond = (end: number): number => (documents.length * 1000) / (end - startedAt);
  return {
    contender: contender.name,
    acceptedPerSecond: perSecond(acceptedAt),
    visiblePerSecond: perSecond(visibleAt),
  };
}

const createBody = JSON.stringify({ uid: INDEX, primaryKey: "id" });

function batchesOf(documents: readonly Package[]): string[] {
  const batches: string[] = [];
  for (let from = 0; from < documents.length; from += BATCH) {
    const lines = documents.slice(from, from + BATCH).map((each) => JSON.stringify(each));
    batches.push(lines.join("\n"));
  }
  return batches;
}

async function finish(client: Client, accepted: string): Promise<void> {
  const uid = /"taskUid":(\d+)/.exec(accepted)?.[1];
  for (;;) {
    const task = await client.expect("GET", `/tasks/${uid}`);
    if (task.includes('"status":"succeeded"')) return;
    if (/"status":"(failed|canceled)"/.test(task)) throw new Error(`a task failed: ${task}`);
    await pause(20);
  }
}
