import { expect, test } from "vitest";

import { liveOnce } from "../life-of-a-cluster.ts";

/** Seeds that failed once, and what they met first. */
const SEEDS: Readonly<Record<number, string>> = {
  35: "an index that was begun on a wiped node was given up as lost",
  61: "a node was wiped before anybody knew it",
  252: "an old disk brought a deleted index back",
  316: "an index was begun while no node took shards",
  409: "a shard that goes without an entry had it on its way to the node",
  419: "a node was wiped while a shard was copied to it",
  465: "a shard was dropped that another change had brought back",
  616: "an answer outlived its lease, and a later one was taken by a newer topology",
  1067: "a node in doubt came back with an old disk and was read",
  1471: "a node left while a deleted index was still to be made on it",
  1994: "a move ended after its target had been taken out of the placement",
  3322: "an old disk had a task of the number that was looked for",
  5384: "a loss was forgotten that came while the one before was told",
  5417: "a replica waited for what a lost one says of an entry",
  5713: "an old disk was written to before a probe counted its tasks",
  7213: "a move could not come back from its switch when its target left",
  7786: "an index had been made before, and the log looked for another making",
  8132: "a deleted index waited for a replica that was lost",
  20466: "every node of a deleted index left",
  20486: "the node left that another one needed to leave",
  21342: "a replica waited for what one that had parted says of an entry",
  304933: "every node left, and an index was made",
  308335: "readers had followed a switch that was taken back",
  313524: "a late replica had an entry with those behind it, and got a part of it again",
  1000382: "a cancelation woke a log that had not read its placement",
  1004455: "a node was to leave that shards were just copied to",
  1008332: "a replica that got a shard by a copy was taken for one that took what others refused",
  2000052: "an edit waited for a replica in sync, and the only one that was left for the edit",
  1001450: "a shard came back to a node that some lease still led to",
  5006435: "an edit was to be read from nodes that had left a deleted index",
  5009105: "a restart made a replica again of a node that had left a deleted index",
  6009649: "an old disk held an index that had been deleted before it was copied anew there",
  8004030: "a replica that was behind was rid of a deleted index before it had got all of it",
  10006377: "an old disk held an index that had moved away before it was deleted",
  5004234: "a shard was copied to where it was still to be cleaned away, and was cleaned away then",
  5004778: "a transfer went on that its index's deletion had ended",
  3007707:
    "an edit passed the fence that was put before it while it was read what the edit is about",
  3009307: "what an edit is about was read from an old disk",
  102025: "a drained node stayed among those to pass over",
};

test.for(Object.entries(SEEDS))("seed %s lives: %s", async ([seed]) => {
  expect((await liveOnce({ seed: Number(seed) })).violation).toBeUndefined();
});
