/** An index, a query and a fleet for tests of the read path; every test changes what it is about. */
import {
  epoch,
  groupId,
  indexUid,
  instant,
  nodeId,
  physicalUid,
  type NodeId,
} from "../../worker/core/ids.ts";
import { SEMANTIC_PLACEHOLDER } from "../../worker/core/query/search-kind.ts";
import type { SearchQuery } from "../../worker/core/query/search-query.ts";
import { DEFAULT_SETTINGS, type IndexSettings } from "../../worker/core/settings/settings.ts";
import type { IndexEntry, Node, ShardMap } from "../../worker/core/topology/topology.ts";
import type { NodeReply, NodeRequest } from "../../worker/nodes/node-client.ts";
import type { ReadContext } from "../../worker/search/read-context.ts";

/** Two shards on `n0` and one on `n1`, unless another map is given. */
const SHARD_MAP: ShardMap = [[nodeId("n0")], [nodeId("n0")], [nodeId("n1")]];

export function indexOf(
  settings: Partial<IndexSettings> = {},
  shardMap: ShardMap = SHARD_MAP,
): IndexEntry {
  return {
    uid: indexUid("movies"),
    physical: physicalUid("movies-1"),
    takesWrites: true,
    primaryKey: "id",
    replicationFactor: 1,
    shardMap,
    lagging: [],
    mixed: [],
    settings: { ...DEFAULT_SETTINGS, ...settings },
    createdAt: instant(0),
    updatedAt: instant(0),
  };
}

export function queryOf(over: Partial<SearchQuery>): SearchQuery {
  return { ...SEMANTIC_PLACEHOLDER, window: { kind: "slice", offset: 0, limit: 20 }, ...over };
}

export function nodeOf(name: string, over: Partial<Node> = {}): Node {
  return {
    id: nodeId(name),
    url: `http://${name}`,
    key: undefined,
    group: groupId("g0"),
    zone: undefined,
    weight: 1,
    state: "active",
    health: "healthy",
    ...over,
  };
}

export type Responder = (request: NodeRequest) => NodeReply | Promise<NodeReply>;

export interface Asked {
  readonly node: NodeId;
  readonly request: NodeRequest;
}

/** A fleet whose nodes answer as told; `asked` has every request in its order. */
export function fleetOf(
  responders: Readonly<Record<string, Responder>>,
  over: Partial<ReadContext> = {},
): ReadContext & { readonly asked: readonly Asked[] } {
  const asked: Asked[] = [];
  const now = (): number => performance.now();
  return {
    topology: {
      epoch: epoch(1),
      nodes: Object.keys(responders).map((name) => nodeOf(name)),
      indexes: new Map(),
      aliases: new Map(),
    },
    nodes: {
      send: async (node, request) => {
        asked.push({ node: node.id, request });
        const respond = responders[node.id];
        if (respond === undefined) throw new Error(`no responder for ${node.id}`);
        return await respond(request);
      },
    },
    now,
    deadlineAt: now() + 5_000,
    policy: "partial",
    asked,
    ...over,
  };
}

export const answered = (body: unknown): NodeReply => ({
  kind: "answered",
  status: 200,
  text: typeof body === "string" ? body : JSON.stringify(body),
});

export function refused(status: number, code: string, message = "no"): NodeReply {
  const error = { message, code, type: "invalid_request", link: `link#${code}` } as const;
  return { kind: "refused", status, error, retryAfterSeconds: undefined };
}

export const unreachable: NodeReply = { kind: "unreachable", reason: "down", timedOut: false };
