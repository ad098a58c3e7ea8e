/**
 * The simulation must catch what it is for: each of these bugs is put into production code from
 * outside, and some seed must fail because of it.
 */
import { afterEach, expect, test, vi } from "vitest";

import { ClusterView } from "../../durable-objects/cluster-view.ts";
import { Cluster } from "../../durable-objects/cluster.ts";
import { SameDisk } from "../../durable-objects/delivery/same-disk.ts";
import { IndexLog } from "../../durable-objects/index-log.ts";
import { SuccessorLog } from "../../durable-objects/reshard/successor-log.ts";
import { IdentityStore } from "../../durable-objects/storage/identity-store.ts";
import { TopologyLease } from "../../worker/cluster/topology-lease.ts";
import { Leases } from "../../worker/core/topology/leases.ts";
import type { Topology } from "../../worker/core/topology/topology.ts";
import { FetchNodeClient } from "../../worker/nodes/fetch-node-client.ts";
import type { NodeClient } from "../../worker/nodes/node-client.ts";
import type { Fault } from "./faults.ts";
import { liveOnce } from "./life-of-a-cluster.ts";
import { documents, quietWorld, told } from "./teller.ts";
import { addition } from "./writes.ts";

const SEEDS = 400;

afterEach(() => {
  vi.restoreAllMocks();
});

interface Mutant {
  readonly bug: string;
  /** Faults under which it shows soonest. */
  readonly faults: readonly Fault[];
  /** What the judge says of it. */
  readonly shows: RegExp;
  readonly plant: () => void;
  readonly isResharded?: boolean;
}

type Send = NodeClient["send"];

/** Changes what goes to nodes, or what comes back. */
function plantInClient(change: (send: Send) => Send): void {
  const real = FetchNodeClient.prototype.send;
  vi.spyOn(FetchNodeClient.prototype, "send").mockImplementation(function (
    this: FetchNodeClient,
    node,
    request,
  ) {
    return change((to, what) => real.call(this, to, what))(node, request);
  });
}

function withoutLagging(topology: Topology): Topology {
  const indexes = [...topology.indexes].map(
    ([uid, index]) => [uid, { ...index, lagging: [] }] as const,
  );
  return { ...topology, indexes: new Map(indexes) };
}

/** Every node is new at every look, and has what its logs look for. */
function trustEveryDisk(): void {
  vi.spyOn(IdentityStore.prototype, "known").mockReturnValue(undefined);
  vi.spyOn(SameDisk.prototype, "look").mockResolvedValue("same");
}

const MUTANTS: readonly Mutant[] = [
  {
    bug: "skip the lease wait",
    faults: ["new-isolate", "node-down", "node-pause", "node-slow", "drop"],
    shows: /a read of|is dropped while/,
    plant: () => {
      vi.spyOn(ClusterView.prototype, "leasesEnded").mockResolvedValue();
    },
  },
  {
    bug: "drop an entry on retry",
    faults: ["drop", "lose-answer", "overload", "disk-full"],
    shows: /document \d+ is/,
    plant: () => {
      const sent = new Set<string>();
      plantInClient((send) => async (node, request) => {
        const { body, path } = request;
        if (!(body instanceof Uint8Array) || !path.includes("customMetadata")) {
          return await send(node, request);
        }
        const key = `${node.id} ${path}`;
        const isRetry = sent.has(key);
        sent.add(key);
        const first = body.indexOf(0x0a) + 1;
        return await send(node, isRetry ? { ...request, body: body.slice(first) } : request);
      });
    },
  },
  {
    bug: "resend a batch",
    faults: ["lose-answer", "fail-after-effect", "cut-answer", "hang", "kill-log"],
    shows: /document \d+ is|nobody waits for/,
    plant: () => {
      plantInClient((send) => async (node, request) => {
        const reply = await send(node, request);
        const isSearch = request.path.startsWith("/tasks?") && reply.kind === "answered";
        return isSearch ? { ...reply, text: '{"results":[]}' } : reply;
      });
    },
  },
  {
    bug: "drop a shard at once",
    faults: [],
    shows: /is dropped while|a read of/,
    plant: () => {
      vi.spyOn(Leases.prototype, "waitMs").mockReturnValue(0);
    },
  },
  {
    bug: "ignore a wiped node",
    faults: ["wipe"],
    shows: /a read of|nobody has noticed/,
    plant: () => {
      trustEveryDisk();
    },
  },
  {
    bug: "take an old disk for the one that was there",
    faults: ["restore-old-disk"],
    shows: /a read of|nobody has noticed|document \d+/,
    plant: () => {
      vi.spyOn(SameDisk.prototype, "look").mockResolvedValue("same");
    },
  },
  {
    bug: "exchange an index before its successor has everything",
    faults: ["node-slow"],
    shows: /it held|a read of/,
    isResharded: true,
    plant: () => {
      vi.spyOn(IndexLog.prototype, "isSettled").mockReturnValue(true);
      // Every count is the same.
      plantInClient((send) => async (node, request) => {
        const reply = await send(node, request);
        const body = typeof request.body === "string" ? request.body : "";
        const isCount = request.path.endsWith("/fetch") && /"limit":0\b/.test(body);
        return isCount && reply.kind === "answered"
          ? { ...reply, text: '{"results":[],"offset":0,"limit":0,"total":0}' }
          : reply;
      });
    },
  },
  {
    bug: "end tasks of a new index while the old one is read",
    faults: ["new-isolate"],
    shows: /a read of/,
    isResharded: true,
    plant: () => {
      vi.spyOn(IndexLog.prototype, "hold").mockResolvedValue();
    },
  },
  {
    bug: "leave behind what came while an index was built anew",
    faults: [],
    shows: /stays behind/,
    isResharded: true,
    plant: () => {
      vi.spyOn(SuccessorLog.prototype, "take").mockResolvedValue();
    },
  },
  {
    bug: "give a reshard up and leave what it has built",
    faults: ["node-slow"],
    shows: /nobody ends it/,
    isResharded: true,
    plant: () => {
      vi.spyOn(Cluster.prototype, "abandonSuccessors").mockReturnValue([]);
    },
  },
];

test.for(MUTANTS)("a build that would $bug is caught", async ({ plant, shows, ...life }) => {
  plant();
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const { violation } = await liveOnce({ seed, ...life });
    if (violation === undefined) continue;
    expect(violation).toMatch(shows);
    return;
  }
  expect.unreachable("no seed has caught it");
});

test("a build that would pick a stale replica is caught", async () => {
  for (const method of ["topology", "refreshed"] as const) {
    const real = TopologyLease.prototype[method];
    vi.spyOn(TopologyLease.prototype, method).mockImplementation(async function (
      this: TopologyLease,
      cluster,
    ) {
      return withoutLagging(await real.call(this, cluster));
    });
  }
  const world = quietWorld();
  const [, away] = world.hosts;
  const violation = await told(world, async (teller) => {
    await teller.send(addition("a", "w1", documents("w1")));
    await teller.world.wait(1500);
    away?.stop();
    await teller.send(addition("a", "w2", documents("w2")));
    await teller.world.wait(12_000);
    // It is back and takes no writes; the other one answers no reads.
    away?.start();
    world.faults.wanted = {
      request: (node, method, path) => {
        if (node === "n0") return path.includes("search") ? "overload" : undefined;
        return method === "POST" && path.includes("/documents?") ? "drop" : undefined;
      },
    };
    for (let look = 0; look < 20; look += 1) {
      await teller.world.wait(250);
      await teller.look("a");
    }
    world.faults.wanted = {};
  });
  expect(violation).toMatch(/a read of/);
});
