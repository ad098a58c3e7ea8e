import { expect, test } from "vitest";

import { shardId } from "../../worker/core/ids.ts";
import { aMove, carriedOut, expectTidy, logOf, registered } from "./fleet-of-shards.ts";
import { call, finished, hits } from "./miroir.ts";

/** Numbers with more digits than JavaScript keeps. */
const bodyOf = (from: number, to: number) =>
  `[${Array.from({ length: to - from }, (_, i) => `{"id":${from + i},"n":${from + i},"big":9007199254740993}`).join(",")}]`;

test("a shard moves: whole on its new node, gone from the old one, digits unharmed", async () => {
  await finished(call("POST", "/indexes/moved/documents", bodyOf(0, 300)));
  const change = await aMove("moved", shardId(3));
  const [status] = await carriedOut("moved", [change]);
  expect(status).toMatchObject({ phase: "done", error: null });
  expect(status?.documents.copied).toBeGreaterThan(5);
  const { shardMap, physical } = await registered("moved");
  expect(shardMap[3]).toContain(change.target);
  expect(shardMap[3]).not.toContain(change.drop);
  await expect.poll(async () => (await registered("moved")).mixed).toEqual([]);
  await expectTidy("moved");
  const answer = await call("POST", "/indexes/moved/search", { limit: 1000 });
  expect(answer.text.match(/9007199254740993/g)).toHaveLength(300);
  // The same id asks for nothing.
  await logOf(physical).transfer([change]);
  expect(await logOf(physical).transfers()).toHaveLength(1);
  // What is written from now on is where the shard is.
  await finished(call("POST", "/indexes/moved/documents", bodyOf(300, 400)));
  await finished(call("PUT", "/indexes/moved/settings/filterable-attributes", ["n"]));
  await finished(call("POST", "/indexes/moved/documents/delete", { filter: "n < 100" }));
  expect(await hits("moved", { limit: 1000 })).toHaveLength(300);
  await expectTidy("moved");
}, 60_000);
