/** `verify`: are the replicas of every shard the same? Only looks; exit code 1 when some differ. */
import type { Command } from "commander";
import type { z } from "zod";

import { shardReportView, topologyView } from "../../worker/admin/schemas.ts";
import { VERIFY_DEADLINE_MS } from "../../worker/core/limits.ts";
import type { Client } from "./client.ts";
import { contextOf } from "./context.ts";
import { bar, table } from "./print.ts";

type ShardReport = z.infer<typeof shardReportView>;

interface Compared {
  readonly index: string;
  readonly shard: number;
}

export function addVerify(program: Command): void {
  program
    .command("verify")
    .description("compare the replicas of every shard, without repairing; 1 when some differ")
    .argument("[index]", "of this index only")
    .action(async (uid: string | undefined, _options: object, command: Command) => {
      const { client, isJson, show } = contextOf(command);
      const shards = await shardsOf(client, uid);
      const reports: ShardReport[] = [];
      for (const each of shards) {
        if (process.stderr.isTTY && !isJson) progress(each, reports.length, shards.length);
        reports.push(await compared(client, each));
      }
      if (process.stderr.isTTY && !isJson) process.stderr.write("\r\x1b[2K");
      show(reports, () => textOf(reports));
      if (reports.some(({ state }) => state === "different")) process.exitCode = 1;
    });
}

async function shardsOf(client: Client, uid: string | undefined): Promise<readonly Compared[]> {
  const { indexes } = await client.ask("GET", "/_miroir/topology", topologyView);
  const known = new Map(indexes.map((index) => [index.uid, index.shards]));
  // One that is not known is asked for all the same: the answer says what is wrong with it.
  const meant = uid === undefined ? [...known] : [[uid, known.get(uid) ?? 1] as const];
  return meant.flatMap(([index, shards]) =>
    Array.from({ length: shards }, (_, shard) => ({ index, shard })),
  );
}

async function compared(client: Client, { index, shard }: Compared): Promise<ShardReport> {
  const path = `/_miroir/indexes/${encodeURIComponent(index)}/verify`;
  return await client.ask("POST", path, shardReportView, { shard }, VERIFY_DEADLINE_MS);
}

function progress({ index, shard }: Compared, done: number, all: number): void {
  process.stderr.write(`\r\x1b[2K${bar(done / all)} ${index} ${shard}`);
}

function textOf(reports: readonly ShardReport[]): string {
  const rows = reports.map(({ index, shard, state, reason, replicas, wrong, ranges }) => {
    const held = replicas.map(({ node, documents, digest }) => {
      return `${node}${wrong.includes(node) ? " (differs)" : ""} ${documents} ${digest}`;
    });
    const note = state === "different" ? `differ in ${ranges} of 16 ranges of ids` : (reason ?? "");
    return [index, `${shard}`, state, held.join(", "), note];
  });
  const count = (of: ShardReport["state"]): number =>
    reports.filter(({ state }) => state === of).length;
  const sum = `${count("same")} shards are the same on all their replicas, ${count("different")} differ, ${count("skipped")} were not compared`;
  return `${table(["index", "shard", "state", "replicas: documents, digest", ""], rows)}\n\n${sum}`;
}
