import { expect, test } from "vitest";

import { stepsOf } from "../../../worker/core/delivery/steps.ts";
import { physicalUid, shardId } from "../../../worker/core/ids.ts";
import { shardMark } from "../../../worker/core/placement/shard-mark.ts";
import { DEFAULT_SETTINGS } from "../../../worker/core/settings/settings.ts";

const context = {
  physical: physicalUid("movies-1"),
  primaryKey: "id",
  before: DEFAULT_SETTINGS,
  after: DEFAULT_SETTINGS,
};
const WITHIN = `_miroir_shard IN ["${shardMark(shardId(1))}", "${shardMark(shardId(4))}"]`;

test.for([
  [null, WITHIN],
  ['"n > 1"', ["n > 1", WITHIN]],
  ['["n > 1", ["a = 1", "b = 2"]]', ["n > 1", ["a = 1", "b = 2"], WITHIN]],
  ["[]", WITHIN],
] as const)("an edit of some shards: %s", ([filter, expected]) => {
  const edit = {
    kind: "editDocuments",
    function: "doc.n += 1",
    filter,
    context: null,
    beforeImages: "unread",
  } as const;
  const part = new Set([shardId(1), shardId(4)]);
  const [step] = stepsOf(edit, context, part);
  const body = step?.body?.kind === "json" ? step.body.text : "";
  expect((JSON.parse(body) as { filter: unknown }).filter).toEqual(expected);
  const [whole] = stepsOf(edit, context);
  const text = whole?.body?.kind === "json" ? whole.body.text : "";
  expect((JSON.parse(text) as { filter: unknown }).filter).toEqual(
    filter === null ? null : JSON.parse(filter),
  );
});
