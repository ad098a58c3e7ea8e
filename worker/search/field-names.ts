/**
 * The names of all fields that an index's documents have or had: the union over its nodes, each of
 * which knows those of its own documents. A node that does not answer leaves its fields to others.
 */
import { z } from "zod";

import { NODE_CALL_DEADLINE_MS } from "../core/limits.ts";
import { MARK_FIELD } from "../core/placement/shard-mark.ts";
import { readIndexStats } from "../core/merge/stats.ts";
import { sortedByBytes } from "../core/settings/attribute-patterns.ts";
import type { IndexEntry, Node } from "../core/topology/topology.ts";
import { attempt } from "./attempt.ts";
import type { ReadContext } from "./read-context.ts";

/** A node takes no more fields than this per index. */
const NODE_FIELDS_MAX = 65_535;

const page = z.object({ results: z.array(z.object({ name: z.string() })) });

/** Sorted by name. */
export async function fieldNames(read: ReadContext, index: IndexEntry): Promise<readonly string[]> {
  const holders = new Set(index.shardMap.flat());
  const nodes = read.topology.nodes.filter(
    ({ id }) => holders.has(id) && !index.lagging.includes(id),
  );
  const names = await Promise.all(nodes.map((node) => namesOf(read, index, node)));
  return sortedByBytes(names.flat()).filter((name) => name !== MARK_FIELD);
}

async function namesOf(
  read: ReadContext,
  index: IndexEntry,
  node: Node,
): Promise<readonly string[]> {
  const path = `/indexes/${encodeURIComponent(index.physical)}`;
  const body = JSON.stringify({ limit: NODE_FIELDS_MAX });
  const timeLeft = (): number => Math.min(NODE_CALL_DEADLINE_MS, read.deadlineAt - read.now());
  const listed = await attempt(
    read,
    node,
    { method: "POST", path: `${path}/fields`, body },
    timeLeft(),
  );
  if (listed.kind === "answered") {
    return page.parse(JSON.parse(listed.text)).results.map(({ name }) => name);
  }
  if (listed.kind === "unreachable") return [];
  // An embedded node has no such route; it knows the fields that documents have now.
  const stats = await attempt(read, node, { method: "GET", path: `${path}/stats` }, timeLeft());
  return stats.kind === "answered" ? [...readIndexStats(stats.text).fieldDistribution.keys()] : [];
}
