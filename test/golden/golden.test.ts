/** Miroir gives the answers that one Meilisearch gave: the golden set over three kinds of fleet. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { findMeilisearch } from "../../scripts/options.ts";
import { startFleet, type RunningFleet } from "../e2e/fleet.ts";
import { FLOORS } from "./floors.ts";
import { loadGolden, replayGolden, type Replay } from "./replay.ts";

const program = findMeilisearch(process.env);
const whySkipped =
  program === undefined ? " (skipped: no MEILISEARCH_BIN and no meilisearch on PATH)" : "";

const FLEETS = [
  { name: "three embedded nodes", nodes: "embedded", replicationFactor: 1 },
  { name: `three real nodes, one replica${whySkipped}`, nodes: "real", replicationFactor: 1 },
  { name: `three real nodes, two replicas${whySkipped}`, nodes: "real", replicationFactor: 2 },
] as const;

for (const { name, nodes, replicationFactor } of FLEETS) {
  describe.skipIf(nodes === "real" && program === undefined)(`golden set on ${name}`, () => {
    let fleet: RunningFleet | undefined;
    let replay: Replay = { groups: [], differences: [] };

    beforeAll(async () => {
      fleet = await startFleet({
        nodeCount: 3,
        replicationFactor,
        program: nodes === "real" ? program : undefined,
      });
      await loadGolden(fleet);
      const groups = new Set(FLOORS.map(({ group }) => group));
      replay = await replayGolden(fleet, (group) => groups.has(group));
      const total = replay.groups.reduce((sum, group) => sum + group.total, 0);
      console.log(`golden set on ${name}: ${total - replay.differences.length}/${total}`);
    });

    afterAll(async () => {
      await fleet?.stop();
    });

    test.for(FLOORS)("$group", (floor) => {
      const result = replay.groups.find(({ group }) => group === floor.group);
      expect(result, "the group was asked").toBeDefined();
      const { same = 0, total = 0 } = result ?? {};
      const first = replay.differences
        .filter(({ group }) => group === floor.group)
        .slice(0, 3)
        .map(({ id, request, path, want, got }) =>
          [`${id} at ${path}`, request, `want ${want}`, `got  ${got}`].join("\n  "),
        );
      const wanted = Math.ceil(floor.share * total);
      expect(same, [`${same} of ${total}`, ...first].join("\n")).toBeGreaterThanOrEqual(wanted);
    });
  });
}
