import { expect, test } from "vitest";

import { documentId, nodeId, shardId } from "../../../worker/core/ids.ts";
import { shardOf } from "../../../worker/core/placement/hash.ts";
import { documents, quietWorld, told, type Teller } from "../teller.ts";
import * as writes from "../writes.ts";

const KINDS = {
  "a search": (teller: Teller) => teller.look("a"),
  "a document": async (teller: Teller) => {
    const ids = ["1", "2", "3", "4"];
    const id = ids.find((one) => shardOf(documentId(one), 2) === 0) ?? "";
    return await teller.judge.read("a", teller.reader, { id }, () =>
      teller.reader.document("a", id),
    );
  },
};

test.for(Object.entries(KINDS))(
  "%s that outlives its lease finds what has moved meanwhile",
  async ([, look]) => {
    const world = quietWorld();
    const reads: string[] = [];
    const violation = await told(world, async (teller) => {
      await teller.send(writes.addition("a", "w1", documents("w1")));
      await teller.world.wait(2500);
      await teller.look("a");
      // The node that is asked first never answers; the other one is asked when half of the time is over.
      world.faults.wanted = {
        request: (node, _, path) => {
          if (!path.includes("search") && !/documents\/\d/.test(path)) return undefined;
          reads.push(node);
          return reads.length === 1 ? "hang" : undefined;
        },
      };
      const read = look(teller);
      await teller.world.wait(500);
      const other = reads[0] === "n0" ? "n1" : "n0";
      const [physical = ""] = [...teller.judge.records.keys()];
      const change = { id: "m", shard: shardId(0), target: null, drop: nodeId(other) };
      await teller.writer.transfer(physical, change);
      expect((await read).kind).toBe("found");
    });
    expect(violation).toBeUndefined();
    expect(new Set(reads).size).toBe(2);
  },
);

test("an answer without a filter does not count documents that have come to its node since", async () => {
  const world = quietWorld(1);
  let late = 0;
  const violation = await told(world, async (teller) => {
    await teller.send(writes.addition("a", "w1", documents("w1")));
    await teller.world.wait(2500);
    await teller.look("a");
    const [record] = teller.judge.records.values();
    const [first = [], second = []] = record?.shardMap ?? [];
    if (record === undefined || first[0] === undefined || second[0] === undefined) return;
    if (first[0] === second[0]) return;
    const target = second[0];
    // Its answer takes until the other shard has come to it.
    world.faults.wanted = {
      delayMs: (node, _, path) =>
        node === target && path.includes("search") && (late += 1) === 1 ? 9000 : 0,
    };
    const read = teller.look("a");
    const change = { id: "m", shard: shardId(0), target, drop: first[0] };
    await teller.writer.transfer(record.physical, change);
    expect((await read).kind).toBe("found");
  });
  expect(violation).toBeUndefined();
  expect(late).toBeGreaterThan(1);
});
