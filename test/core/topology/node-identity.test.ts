import { expect, test } from "vitest";

import { nodeId } from "../../../worker/core/ids.ts";
import {
  judge,
  type KnownNode,
  type SeenNode,
} from "../../../worker/core/topology/node-identity.ts";

const self = { cluster: "c", node: nodeId("n0") };
const document = { cluster: "c", node: "n0", incarnation: "life 2" };
const AT = "2026-01-01T00:00:00Z";
const known: KnownNode = { incarnation: "life 2", lastTask: 40, lastTaskAt: AT };

interface Case {
  readonly title: string;
  readonly known?: KnownNode;
  readonly seen: Partial<SeenNode>;
  readonly verdict: string;
}

const OURS = "movies-0123abcd";
const THEIRS = "books-89abcdef";

test.for<Case>([
  { title: "an empty node is new", seen: {}, verdict: "new" },
  { title: "a client's own indexes are no Miroir's", seen: { indexes: ["films"] }, verdict: "new" },
  { title: "as after an upgrade", seen: { indexes: [OURS] }, verdict: "new" },
  { title: "our document, not known yet", seen: { document }, verdict: "new" },
  { title: "a known node that is empty", known, seen: {}, verdict: "wiped" },
  {
    title: "with its indexes, without its name",
    known,
    seen: { indexes: [OURS] },
    verdict: "wiped",
  },
  { title: "another Miroir's indexes", seen: { indexes: [THEIRS] }, verdict: "foreign" },
  { title: "and where a known node was", known, seen: { indexes: [THEIRS] }, verdict: "foreign" },
  {
    title: "another cluster's node",
    known,
    seen: { document: { ...document, cluster: "d" } },
    verdict: "foreign",
  },
  {
    title: "another node of this cluster",
    known,
    seen: { document: { ...document, node: "n1" } },
    verdict: "foreign",
  },
  {
    title: "an earlier life",
    known,
    seen: { document: { ...document, incarnation: "life 1" } },
    verdict: "restored",
  },
  { title: "fewer tasks", known, seen: { document, lastTask: 39 }, verdict: "restored" },
  { title: "as many tasks", known, seen: { document, lastTask: 40 }, verdict: "same" },
  { title: "more tasks", known, seen: { document, lastTask: 41 }, verdict: "same" },
  {
    title: "more tasks, and another one in the place of the last",
    known,
    seen: { document, lastTask: 41, knownTaskAt: "2026-01-02T00:00:00Z" },
    verdict: "restored",
  },
  {
    title: "a last task that nobody saw",
    known: { ...known, lastTaskAt: null },
    seen: { document, lastTask: 40, knownTaskAt: AT },
    verdict: "same",
  },
])("$title: $verdict", ({ known: before, seen, verdict }) => {
  const whole: SeenNode = { document: null, lastTask: 40, knownTaskAt: AT, indexes: [], ...seen };
  expect(judge(self, before, whole, (index) => index === OURS).kind).toBe(verdict);
});
