import { expect, test } from "vitest";

import { nodeId } from "../../../worker/core/ids.ts";
import { dissenters, inTurn } from "../../../worker/core/transfer/dissent.ts";

test.for([
  { title: "all agree", keys: ["x", "x", "x"], wrong: [] },
  { title: "two of three are right", keys: ["y", "x", "x"], wrong: ["n0"] },
  { title: "of two the first is believed", keys: ["x", "y"], wrong: ["n1"] },
  { title: "all differ: the first", keys: ["x", "y", "z"], wrong: ["n1", "n2"] },
  { title: "two against two: the first's side", keys: ["x", "y", "y", "x"], wrong: ["n1", "n2"] },
  { title: "one replica has nobody to differ from", keys: ["x"], wrong: [] },
  { title: "no replica", keys: [], wrong: [] },
])("$title", ({ keys, wrong }) => {
  expect(dissenters(keys.map((key, at) => ({ node: nodeId(`n${at}`), key })))).toEqual(wrong);
});

test("every shard of every index has its turn", () => {
  const indexes = [{ shards: 2 }, { shards: 3 }];
  const turns = Array.from({ length: 12 }, (_, minute) => inTurn(minute, indexes));
  const seen = new Set(turns.map((turn) => `${turn?.index.shards}/${turn?.shard}`));
  expect([...seen].toSorted()).toEqual(["2/0", "2/1", "3/0", "3/1", "3/2"]);
  expect(inTurn(5, [])).toBeUndefined();
});
