import { expect, test } from "vitest";

import { indexUid, physicalUid } from "../../../worker/core/ids.ts";
import type { Registered } from "../../../worker/core/topology/registry.ts";
import { exchanged } from "../../../worker/core/topology/swap.ts";

const registered = (uid: string, phase: Registered["phase"] = "serving"): Registered => ({
  uid: indexUid(uid),
  readUid: indexUid(uid),
  physical: physicalUid(`p-${uid}-${phase}`),
  phase,
});
const indexes = [registered("a"), registered("b"), registered("c"), registered("gone", "ending")];
const aliases = new Map([[indexUid("all"), [indexUid("a"), indexUid("b")]]]);
const swap = (first: string, second: string, rename = false) => ({
  indexes: [indexUid(first), indexUid(second)] as const,
  rename,
});

test("a swap exchanges two names", () => {
  expect(exchanged(indexes, [swap("a", "b")], "indexSwap", aliases)).toEqual(
    new Map([
      ["p-a-serving", "b"],
      ["p-b-serving", "a"],
    ]),
  );
});

test("a rename takes a free name", () => {
  const renamed = (to: string) => exchanged(indexes, [swap("a", to, true)], "indexUpdate", aliases);
  expect(renamed("new")).toEqual(new Map([["p-a-serving", "new"]]));
  expect(renamed("gone")).toEqual(new Map([["p-a-serving", "gone"]]));
  expect(renamed("a")).toEqual(new Map([["p-a-serving", "a"]]));
  expect(renamed("b")).toMatchObject({ message: "Index `b` already exists." });
  expect(renamed("all")).toMatchObject({ message: "Index `all` already exists." });
});

test.for([
  [[swap("a", "zz")], "Index `zz` not found."],
  [[swap("zz", "yy")], "Indexes `yy`, `zz` not found."],
  [[swap("a", "gone")], "Index `gone` not found."],
  [[swap("a", "b"), swap("c", "zz")], "Index `zz` not found."],
  [
    [swap("a", "b", true)],
    "Cannot rename `a` to `b` as the index already exists. Hint: You can remove `b` first and then do your remove.",
  ],
] as const)("%j: %s", ([exchanges, message]) => {
  expect(exchanged(indexes, exchanges, "indexSwap", aliases)).toMatchObject({ message });
});
