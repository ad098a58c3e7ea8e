/**
 * Every point at which a Durable Object can end, one after the other: before each write, behind each
 * commit, before each call. Whatever was cut off there must come to the same rest.
 */
import { expect, test } from "vitest";

import { nodeId, shardId } from "../../worker/core/ids.ts";
import { documents, quietWorld, told, type Teller } from "./teller.ts";
import * as writes from "./writes.ts";

const STORIES: Readonly<Record<string, (teller: Teller) => Promise<void>>> = {
  "writes in a row": async (teller) => {
    await teller.send(writes.addition("a", "w1", documents("w1")));
    await Promise.all([
      teller.send(writes.addition("a", "w2", documents("w2").slice(2))),
      teller.send(writes.addition("a", "w3", documents("w3").slice(3))),
      teller.look("a"),
    ]);
    await teller.send(writes.edition("a", "w4", 10, null));
    await teller.send(writes.deletion("a", "w5", ["2"]));
    await teller.world.wait(100);
    await teller.look("a");
  },
  "changes of settings": async (teller) => {
    await teller.send(writes.creation("a", "w1", null));
    await teller.send(writes.settings("a", "w2", ["tag"]));
    await teller.send(writes.addition("a", "w3", documents("w3")));
    await teller.send(writes.deletionByFilter("a", "w4", "tag = 1"));
    await teller.world.wait(1500);
    await teller.look("a");
  },
  "a payload that one shard cannot take": async (teller) => {
    const [first, ...others] = documents("w1");
    await teller.send(writes.addition("a", "w1", [{ ...first, _geo: "x" }, ...others]));
    await teller.send(writes.addition("a", "w2", documents("w2").slice(3)));
    await teller.world.wait(100);
    await teller.look("a");
  },
  "an edit that one document fails": async (teller) => {
    // Enough for both shards, and one node has nothing against the edit.
    const ids = Array.from({ length: 9 }, (_, at) => at + 1);
    const many = ids.map((id) => ({ id, n: id, tag: 0, by: "w1" }));
    await teller.send(writes.addition("a", "w1", many));
    await teller.send(writes.edition("a", "w2", 10, null, 9));
    await teller.send(writes.addition("a", "w3", documents("w3").slice(3)));
    await teller.world.wait(100);
    await teller.look("a");
  },
  "a swap": async (teller) => {
    await teller.send(writes.addition("a", "w1", documents("w1")));
    await teller.send(writes.addition("b", "w2", documents("w2")));
    await teller.world.wait(1500);
    await teller.judge.swap(["a", "b"], () => teller.reader.swap(["a", "b"]));
    await teller.send(writes.edition("a", "w3", 100, null));
    await teller.world.wait(1500);
    await teller.look("a");
  },
  "a cancelation": async (teller) => {
    await teller.send(writes.addition("a", "w1", documents("w1")));
    await Promise.all([
      teller.send(writes.addition("a", "w2", documents("w2").slice(2))),
      teller.judge.attempt("cancel", () => teller.reader.cancel()),
    ]);
    await teller.world.wait(100);
    await teller.look("a");
  },
  "a shard that moves": async (teller) => {
    await teller.send(writes.addition("a", "w1", documents("w1")));
    await teller.world.wait(1500);
    const [record] = teller.judge.records.values();
    const [source] = record?.shardMap?.[0] ?? [];
    if (record === undefined || source === undefined) return;
    const target = nodeId(source === "n0" ? "n1" : "n0");
    const change = { id: "m", shard: shardId(0), target, drop: source };
    await teller.judge.attempt("move", () => teller.writer.transfer(record.physical, change));
    await teller.send(writes.edition("a", "w2", 10, null));
    await teller.look("a");
    await teller.world.wait(1500);
    await teller.send(writes.deletion("a", "w3", ["2"]));
    await teller.look("a");
  },
  "an index deleted and made again": async (teller) => {
    await teller.send(writes.addition("a", "w1", documents("w1")));
    await teller.judge.drop("w2", "a", () => teller.writer.write(writes.removal("a", "w2")));
    await teller.send(writes.addition("a", "w3", documents("w3")));
    await teller.world.wait(1500);
    await teller.look("a");
  },
  "a reshard": async (teller) => {
    await teller.send(writes.addition("a", "w1", documents("w1")));
    await teller.world.wait(1500);
    await teller.reshard("a", 3);
    await Promise.all([
      teller.send(writes.edition("a", "w2", 10, null)),
      teller.send(writes.deletion("a", "w3", ["2"])),
      teller.look("a"),
    ]);
    await teller.world.wait(600);
    await teller.look("a");
  },
  "a reshard that is given up": async (teller) => {
    await teller.send(writes.addition("a", "w1", documents("w1")));
    await teller.world.wait(1500);
    const operation = await teller.reshard("a", 3);
    await teller.send(writes.edition("a", "w2", 10, null));
    await teller.world.wait(10);
    if (operation !== undefined) await teller.operate({ kind: "steer", operation, to: "cancel" });
    await teller.world.wait(1500);
    await teller.look("a");
  },
};

/** Where nodes have to differ in what they hold, or where more of them only make more points. */
const WITHOUT_REPLICAS = new Set([
  "a shard that moves",
  "an edit that one document fails",
  "a reshard",
  "a reshard that is given up",
]);

/** The story in which an object of that kind ends at its `at`th point. */
async function endedAt(story: string, kind: string, at: number) {
  const world = quietWorld(WITHOUT_REPLICAS.has(story) ? 1 : 2);
  let points = 0;
  world.endsAt = (object) => object.kind === kind && (points += 1) === at;
  const telling = STORIES[story];
  if (telling === undefined) throw new Error(`there is no story ${story}`);
  return { violation: await told(world, telling), points };
}

const CASES = Object.keys(STORIES).flatMap((story) =>
  ["kill-log", "kill-cluster"].map((kind) => [story, kind] as const),
);

test.for(CASES)("%s: %s at any point", async ([story, kind]) => {
  const { violation, points } = await endedAt(story, kind, Infinity);
  expect(violation).toBeUndefined();
  expect(points).toBeGreaterThan(10);
  const violations: string[] = [];
  for (let at = 1; at <= points; at += 1) {
    const outcome = await endedAt(story, kind, at);
    if (outcome.violation !== undefined) violations.push(`point ${at}: ${outcome.violation}`);
  }
  expect(violations).toEqual([]);
});
