/** A whole Miroir for a test: the built Worker on this machine over embedded or real nodes. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { buildWorker, startHost } from "../../scripts/miniflare-host.ts";
import { workerVariables, type NamedNode } from "../../scripts/options.ts";
import { nextFreePort } from "../../scripts/ports.ts";
import { Processes } from "../../scripts/processes.ts";
import { startRealNodes } from "../../scripts/real-nodes.ts";

const PORTS_FROM = 17_770;

export interface FleetRequest {
  readonly nodeCount: number;
  readonly replicationFactor: number;
  readonly shardCount?: number;
  /** Variables of the Worker besides those of the fleet. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The Meilisearch program; embedded nodes when undefined. */
  readonly program: string | undefined;
}

export interface RunningFleet {
  readonly url: string;
  readonly key: string;
  readonly nodes: readonly NamedNode[];
  readonly nodeKey: string | undefined;
  readonly stop: () => Promise<void>;
}

export async function startFleet({
  nodeCount,
  replicationFactor,
  shardCount = 16,
  variables = {},
  program,
}: FleetRequest): Promise<RunningFleet> {
  const folder = mkdtempSync(join(tmpdir(), "miroir-"));
  const processes = new Processes(({ name }) => console.error(`${name} ended by itself`));
  const port = await nextFreePort(PORTS_FROM, new Set());
  const names = Array.from({ length: nodeCount }, (_, position) => `n${position}`);
  const { nodes, key: nodeKey } =
    program === undefined
      ? { nodes: names.map((id) => ({ id, url: `embedded://${id}` })), key: undefined }
      : await startRealNodes(processes, {
          program,
          names,
          folder: join(folder, "nodes"),
          portsFrom: port + 1,
          key: undefined,
          onLine: (name, line) => console.error(`[${name}] ${line}`),
        });
  const key = "master-key-of-a-test";
  const build = join(folder, "build");
  await buildWorker(build);
  const options = { key, shardCount, replicationFactor };
  const host = await startHost({
    port,
    storage: join(folder, "v3"),
    build,
    variables: { ...workerVariables(options, nodes, nodeKey), ...variables },
  });
  return {
    url: host.url,
    key,
    nodes,
    nodeKey,
    stop: async () => {
      await host.stop();
      await processes.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
