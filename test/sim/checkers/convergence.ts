/** Whether everything has come to its end: what is still open, in words. */
import { IDENTITY_INDEX } from "../../../worker/core/topology/node-identity.ts";
import type { LogRecord } from "../model/log-record.ts";
import type { World } from "../world.ts";
import { leftOver } from "./reshards.ts";

export function stillOpen(
  world: World,
  records: ReadonlyMap<string, LogRecord>,
): string | undefined {
  const tasks = world.database.disk.rows(
    "SELECT id FROM tasks WHERE status IN ('enqueued', 'processing') LIMIT 1",
  );
  if (tasks.length > 0) return `task ${Number(tasks[0]?.["id"]) - 1} is not over`;
  for (const record of records.values()) {
    const open = openLog(record, world);
    if (open !== undefined) return open;
  }
  const { disk } = world.clusters.object("cluster");
  if (!disk.has("operations")) return "the Cluster has not begun";
  if (disk.rows("SELECT token FROM operations").length > 0) return "an operation is not over";
  const [untold] = disk.rows("SELECT node, physical FROM lost_replicas");
  if (untold !== undefined) return `a log has not heard what it lost: ${JSON.stringify(untold)}`;
  const working = disk
    .rows("SELECT value FROM topology_operations WHERE open = 1")
    .find(({ value }) => !waitsForNodes(world, String(value)));
  if (working !== undefined) return `an operation is not over: ${String(working["value"])}`;
  for (const { value } of disk.rows("SELECT value FROM nodes")) {
    const { id, state } = JSON.parse(String(value)) as { id: string; state: string };
    if (state === "joining" || state === "failed") return `node ${id} is ${state}`;
    if (state !== "removed" && !isIdentified(world, id)) return `nobody knows who ${id} is`;
  }
  for (const { value } of disk.rows("SELECT value FROM indexes")) {
    const { physical, lagging, mixed } = JSON.parse(String(value)) as {
      physical: string;
      lagging: readonly string[];
      mixed: readonly string[];
    };
    if (mixed.length > 0) return `${mixed.join()} of ${physical} hold foreign shards`;
    if (lagging.length > 0) return `readers of ${physical} pass over ${lagging.join()}`;
  }
  return leftOver(world, records);
}

/** A drain can only wait where an index that was made meanwhile asks for more nodes than there are. */
function waitsForNodes(world: World, operation: string): boolean {
  const { disk } = world.clusters.object("cluster");
  const all = <T>(table: string) =>
    disk.rows(`SELECT value FROM ${table}`).map(({ value }) => JSON.parse(String(value)) as T);
  const takers = all<{ state: string }>("nodes").filter(({ state }) => state === "active").length;
  const indexes = all<{ physical: string; replicationFactor: number }>("indexes");
  const { waiting } = JSON.parse(operation) as { waiting: { index: string; reason: string }[] };
  const isShort = ({ index, reason }: { index: string; reason: string }): boolean => {
    const asked = indexes.find(({ physical }) => physical === index)?.replicationFactor ?? 0;
    return reason === "no-node" && asked > takers;
  };
  return waiting.length > 0 && waiting.every(isShort);
}

/** Whether the Cluster has looked at what the node says of itself now. */
function isIdentified(world: World, id: string): boolean {
  const { disk } = world.clusters.object("cluster");
  const [known] = disk.rows("SELECT incarnation FROM node_identities WHERE node = ?", id);
  const host = world.hosts.find(({ name }) => name === id);
  const kept = host?.node.indexes.get(IDENTITY_INDEX)?.documents.get("identity");
  return kept !== undefined && kept["incarnation"] === known?.["incarnation"];
}

function openLog(record: LogRecord, world: World): string | undefined {
  const { physical, head, replicas } = record;
  const { disk } = world.logs.object(physical);
  if (!disk.has("transfers")) return `the log of ${physical} has not begun`;
  const open = disk.rows("SELECT offset FROM entries WHERE done = 0 LIMIT 1");
  if (open.length > 0) return `entry ${String(open[0]?.["offset"])} of ${physical} is not over`;
  const moving = disk.rows("SELECT id FROM transfers WHERE is_over = 0");
  if (moving.length > 0) return `a transfer of ${physical} is not over`;
  if (disk.rows("SELECT token FROM holds").length > 0) return `${physical} is held`;
  // Nodes that leave take what they have of deleted indexes with them.
  if (record.state(head).exists && replicas.length === 0) return `${physical} has no replicas`;
  for (const { node, cursor, standing } of replicas) {
    if (cursor !== head) return `${node} is at ${cursor} of ${physical}, which ends at ${head}`;
    if (standing !== 0) return `${node} is not in sync with ${physical}`;
  }
  return undefined;
}

/** At rest, every replica has the settings that its log makes. */
export function faultOfSettings(world: World, record: LogRecord): string | undefined {
  const isWanted = record.state(record.head).filterable.has("tag");
  for (const { node, name } of world.hosts) {
    if (!record.replicas.some((replica) => replica.node === name)) continue;
    const index = node.indexes.get(record.physical);
    if (index === undefined || index.isFilterable("tag") === isWanted) continue;
    return `${name}: \`tag\` of ${record.physical} is ${isWanted ? "not " : ""}filterable`;
  }
  return undefined;
}
