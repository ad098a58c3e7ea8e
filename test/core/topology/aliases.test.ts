import { expect, test } from "vitest";

import { indexUid, physicalUid } from "../../../worker/core/ids.ts";
import { ALIASES_MAX } from "../../../worker/core/limits.ts";
import { changedAliases, type Aliases } from "../../../worker/core/topology/aliases.ts";
import type { IndexPhase } from "../../../worker/core/topology/registry.ts";

const registered = (uid: string, phase: IndexPhase = "serving", readUid = uid) => ({
  uid: indexUid(uid),
  readUid: indexUid(readUid),
  physical: physicalUid(`p-${uid}-${phase}`),
  phase,
});
const indexes = [
  registered("v1"),
  registered("v2"),
  registered("new", "creating"),
  registered("going", "ending"),
  registered("gone", "superseded"),
  registered("renamed", "serving", "before"),
];
const uids = (...names: readonly string[]) => names.map(indexUid);
const aliases: Aliases = new Map([
  [indexUid("live"), uids("v1")],
  [indexUid("all"), uids("v1", "v2")],
]);
const change = (alias: string, ...names: readonly string[]) => ({
  alias: indexUid(alias),
  indexes: names.length === 0 ? null : uids(...names),
});

test("several aliases change at once, or none", () => {
  const flipped = changedAliases(
    aliases,
    [change("live", "v2"), change("all"), change("old", "v1")],
    indexes,
  );
  expect(flipped).toEqual({
    kind: "changed",
    aliases: new Map([
      ["live", ["v2"]],
      ["old", ["v1"]],
    ]),
  });
  const refused = changedAliases(aliases, [change("live", "v2"), change("none")], indexes);
  expect(refused).toEqual({ kind: "unknownAlias", alias: "none" });
});

test.for([
  ["an index has the name", change("v1", "v2"), "Index `v1` exists"],
  ["an index is being created with it", change("new", "v2"), "Index `new` exists"],
  ["an index is still read by it", change("before", "v2"), "Index `before` exists"],
  ["an index is written by it", change("renamed", "v2"), "Index `renamed` exists"],
  ["an index of the name is being deleted", change("going", "v2"), "Index `going` exists"],
  ["an alias of an alias", change("live", "all"), "`all` is an alias itself"],
  ["an alias of itself", change("fresh", "fresh"), "`fresh` is an alias itself"],
] as const)("refused: %s", ([, asked, reason]) => {
  expect(changedAliases(aliases, [asked], indexes)).toEqual({
    kind: "conflict",
    reason: expect.stringContaining(reason),
  });
});

test.for(["none", "new", "going", "renamed"])(
  "readers do not see %s, so nothing leads there",
  (uid) => {
    const asked = [change("live", uid)];
    expect(changedAliases(aliases, asked, indexes)).toEqual({ kind: "unknownIndex", uid });
  },
);

test("the name of an index that is gone is free", () => {
  expect(changedAliases(aliases, [change("gone", "v1")], indexes)).toMatchObject({
    kind: "changed",
  });
});

test("there is a limit", () => {
  const many = Array.from({ length: ALIASES_MAX }, (_, at) => change(`a${at}`, "v1"));
  expect(changedAliases(new Map(), many, indexes)).toMatchObject({ kind: "changed" });
  expect(changedAliases(aliases, many, indexes)).toMatchObject({ kind: "conflict" });
});
