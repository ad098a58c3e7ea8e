/** `doctor`: what an operator would look at one after the other, in plain words, worst first. */
import type { Command } from "commander";
import { z } from "zod";

import { topologyView } from "../../worker/admin/schemas.ts";
import type { Client } from "./client.ts";
import { contextOf } from "./context.ts";
import { waitingText } from "./operation-text.ts";
import { waitingForText, writesOf, type Writes } from "./writes.ts";

type Grade = "good" | "look" | "bad";

export interface Finding {
  readonly grade: Grade;
  readonly text: string;
}

type Topology = z.infer<typeof topologyView>;

/** Clocks further apart make leases and key expiry mean different times. */
const SKEW_MS = 2000;
const SIGNS: Readonly<Record<Grade, string>> = { good: "ok  ", look: "look", bad: "BAD " };

export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .description("look for what is wrong, or will be")
    .action(async (_options: object, command: Command) => {
      const { client, show } = contextOf(command);
      const findings = [...(await instance(client)), ...(await cluster(client))];
      show(findings, () =>
        findings.map(({ grade, text }) => `${SIGNS[grade]}  ${text}`).join("\n"),
      );
      if (findings.some(({ grade }) => grade === "bad")) process.exitCode = 1;
    });
}

async function instance(client: Client): Promise<readonly Finding[]> {
  const sentAt = Date.now();
  await client.send("GET", "/health");
  const tookMs = Date.now() - sentAt;
  const version = await client.ask("GET", "/version", z.object({ pkgVersion: z.string() }));
  const features = await client.ask(
    "GET",
    "/experimental-features",
    z.record(z.string(), z.unknown()),
  );
  const on = Object.keys(features).filter((name) => features[name] === true);
  const onText = on.length === 0 ? "no experimental feature is on" : `on: ${on.join(", ")}`;
  return [
    {
      grade: "good",
      text: `${client.url} answers in ${tookMs} ms, as Meilisearch ${version.pkgVersion}`,
    },
    { grade: "good", text: onText },
  ];
}

async function cluster(client: Client): Promise<readonly Finding[]> {
  const askedAt = Date.now();
  const topology = await client.ask("GET", "/_miroir/topology", topologyView);
  const ready = await client.send("GET", "/_miroir/ready");
  const uids = topology.indexes.map(({ uid }) => uid);
  const writes = await writesOf(client, uids);
  return [
    clockFinding(Date.parse(topology.time), askedAt, Date.now()),
    ready.ok
      ? { grade: "good", text: "every shard can be read" }
      : { grade: "bad", text: "some shards cannot be read: searches lack their documents" },
    ...topologyFindings(topology),
    ...writes.map(writesFinding).filter((finding) => finding !== undefined),
  ];
}

/** A log that fills, or tasks that wait. */
export function writesFinding(writes: Writes): Finding | undefined {
  const { index, bytes, bytesMax } = writes;
  const waiting = waitingForText(writes);
  if (waiting !== "") return { grade: "bad", text: `index ${index}: ${waiting}` };
  if (bytes < bytesMax / 2) return undefined;
  const share = Math.round((bytes * 100) / bytesMax);
  return { grade: "look", text: `index ${index}: its write log is full to ${share} %` };
}

/** The cluster told its time somewhen between the question and the answer. */
export function clockFinding(told: number, askedAt: number, answeredAt: number): Finding {
  const skewMs = Math.max(askedAt - told, told - answeredAt, 0);
  if (skewMs < SKEW_MS) return { grade: "good", text: "its clock and this machine's agree" };
  const seconds = Math.round(skewMs / 1000);
  return { grade: "look", text: `its clock and this machine's are ${seconds} s apart` };
}

/** What the topology tells, without asking anybody else. */
export function topologyFindings(topology: Topology): readonly Finding[] {
  return [
    ...topology.nodes.map(nodeFinding),
    ...topology.indexes.flatMap((index) => indexFindings(index, topology)),
    ...topology.aliases.flatMap(({ name, missing }): readonly Finding[] =>
      missing.length === 0
        ? []
        : [
            {
              grade: "bad",
              text: `alias ${name} leads to ${missing.join(", ")}, which does not exist`,
            },
          ],
    ),
    ...topology.operations.flatMap((operation): readonly Finding[] => [
      {
        grade: "look",
        text: `operation ${operation.id} (${operation.kind}) is ${operation.state}`,
      },
      ...waitingText(operation).map((text): Finding => ({ grade: "bad", text })),
    ]),
    topology.drift === 0
      ? { grade: "good", text: "every shard is where it is wanted" }
      : {
          grade: "look",
          text: `${topology.drift} replicas are not where they are wanted: miroir-ctl rebalance --dry-run`,
        },
  ];
}

function nodeFinding({ id, state, health, problem, replicas }: Topology["nodes"][number]): Finding {
  if (health !== "healthy") {
    const why = problem === null ? "" : `: ${problem}`;
    return { grade: "bad", text: `node ${id} is ${health}${why}` };
  }
  if (state === "active")
    return { grade: "good", text: `node ${id} is healthy, ${replicas} replicas` };
  const isEmpty = state === "draining" && replicas === 0;
  return {
    grade: "look",
    text: `node ${id} is ${isEmpty ? "drained" : state}, ${replicas} replicas`,
  };
}

function indexFindings(
  { uid, replicationFactor, lagging }: Topology["indexes"][number],
  { nodes }: Topology,
): readonly Finding[] {
  const findings: Finding[] = [];
  if (lagging.length > 0) {
    findings.push({
      grade: "bad",
      text: `index ${uid}: ${lagging.join(", ")} is behind with writes`,
    });
  }
  if (replicationFactor === 1 && nodes.length > 1) {
    findings.push({
      grade: "look",
      text: `index ${uid} has one replica: while a node is away, its shards cannot be read`,
    });
  }
  return findings;
}
