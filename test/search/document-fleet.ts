/** Nodes that hold documents in memory and answer `documents/fetch` as Meilisearch does. */
import {
  documentId,
  epoch,
  groupId,
  indexUid,
  instant,
  nodeId,
  physicalUid,
  shardId,
  type NodeId,
} from "../../worker/core/ids.ts";
import { errorBody } from "../../worker/core/errors/api-error.ts";
import { shardOf } from "../../worker/core/placement/hash.ts";
import { MARK_FIELD, shardMark } from "../../worker/core/placement/shard-mark.ts";
import { DEFAULT_SETTINGS, type IndexSettings } from "../../worker/core/settings/settings.ts";
import type { IndexEntry, Node, NodeEndpoint } from "../../worker/core/topology/topology.ts";
import type { NodeClient, NodeReply, NodeRequest } from "../../worker/nodes/node-client.ts";
import type { ReadContext } from "../../worker/search/read-context.ts";

export type Fields = Record<string, string | number | null>;

export interface SentRequest {
  readonly node: NodeId;
  readonly path: string;
  readonly body: Record<string, unknown>;
}

const SHARDS = 8;

function nodeOf(id: NodeId): Node {
  return {
    id,
    url: `http://${id}`,
    key: undefined,
    group: groupId("g0"),
    zone: undefined,
    weight: 1,
    state: "active",
    health: "healthy",
  };
}

/** An index whose shard `s` is on the nodes `s`, `s + 1`, … up to its replication factor. */
export function indexOn(
  nodes: readonly NodeId[],
  replicas: number,
  settings: Partial<IndexSettings> = {},
): IndexEntry {
  return {
    uid: indexUid("movies"),
    physical: physicalUid("movies-1"),
    takesWrites: true,
    primaryKey: "id",
    replicationFactor: replicas,
    shardMap: Array.from({ length: SHARDS }, (_, shard) =>
      Array.from(
        { length: replicas },
        (__, replica) => nodes[(shard + replica) % nodes.length],
      ).filter((node) => node !== undefined),
    ),
    lagging: [],
    mixed: [],
    settings: { ...DEFAULT_SETTINGS, ...settings },
    createdAt: instant(0),
    updatedAt: instant(0),
  };
}

export const nodeIds = (count: number): readonly NodeId[] =>
  Array.from({ length: count }, (_, place) => nodeId(`n${place}`));

export function readContext(
  client: NodeClient,
  nodes: readonly NodeId[],
  index: IndexEntry,
): ReadContext {
  return {
    topology: {
      epoch: epoch(1),
      nodes: nodes.map(nodeOf),
      indexes: new Map([[index.uid, index]]),
      aliases: new Map(),
    },
    nodes: client,
    now: () => 0,
    deadlineAt: 10_000,
    policy: "error",
  };
}

/** Answers from a table: what tests of other routes need of a node. */
export class ScriptedFleet implements NodeClient {
  readonly sent: SentRequest[] = [];
  readonly #answer: (request: SentRequest) => string;

  constructor(answer: (request: SentRequest) => string) {
    this.#answer = answer;
  }

  async send(node: NodeEndpoint, request: NodeRequest): Promise<NodeReply> {
    const sent = { node: node.id, path: request.path, body: bodyOf(request) };
    this.sent.push(sent);
    return { kind: "answered", status: 200, text: this.#answer(sent) };
  }
}

function bodyOf(request: NodeRequest): Record<string, unknown> {
  return typeof request.body === "string"
    ? (JSON.parse(request.body) as Record<string, unknown>)
    : {};
}

export class DocumentFleet implements NodeClient {
  readonly sent: SentRequest[] = [];
  /** Called before each answer: tests let nodes fail here. */
  isDown: (node: NodeId, sentCount: number) => boolean = () => false;
  readonly #documents = new Map<NodeId, Fields[]>();

  constructor(index: IndexEntry, documents: readonly Fields[]) {
    for (const document of documents) {
      const shard = shardOf(documentId(String(document["id"])), SHARDS);
      const marked = { ...document, [MARK_FIELD]: shardMark(shardId(shard)) };
      for (const node of index.shardMap[shard] ?? []) {
        const held = this.#documents.get(node) ?? [];
        this.#documents.set(node, [...held, marked]);
      }
    }
  }

  async send(node: NodeEndpoint, request: NodeRequest): Promise<NodeReply> {
    const body = bodyOf(request);
    this.sent.push({ node: node.id, path: request.path, body });
    if (this.isDown(node.id, this.sent.length)) {
      return { kind: "unreachable", reason: "down", timedOut: false };
    }
    const held = this.#documents.get(node.id) ?? [];
    if (request.method === "GET") return getOne(held, request.path);
    return { kind: "answered", status: 200, text: fetchText(held, body) };
  }
}

function getOne(held: readonly Fields[], path: string): NodeReply {
  const id = decodeURIComponent(path.split("?")[0]?.split("/").at(-1) ?? "");
  const found = held.find((document) => String(document["id"]) === id);
  if (found !== undefined) {
    return { kind: "answered", status: 200, text: JSON.stringify(found) };
  }
  const error = errorBody("document_not_found", `Document \`${id}\` not found.`);
  return { kind: "refused", status: 404, error, retryAfterSeconds: undefined };
}

function fetchText(held: readonly Fields[], body: Record<string, unknown>): string {
  const { offset = 0, limit = 20, fields, ids, sort = [], filter } = body;
  const marks = JSON.stringify(filter ?? null).match(/[«»]+/g);
  const matching = held.filter(
    (document) =>
      (marks === null || marks.includes(String(document[MARK_FIELD]))) &&
      (!Array.isArray(ids) || ids.includes(String(document["id"]))),
  );
  const criteria = (Array.isArray(sort) ? sort : []).map((text) => String(text).split(":"));
  // As Meilisearch does: a document whose value is null is counted and skipped over, never shown.
  const sorted = matching
    .filter((document) => criteria.every(([field = ""]) => document[field] !== null))
    .toSorted((a, b) => compareDocuments(a, b, criteria));
  const skipped = Number(offset) * (sorted.length === matching.length ? 1 : 0.5);
  const results = sorted.slice(skipped, skipped + Number(limit)).map((document) => {
    const shown = Object.entries(document).filter(
      ([field]) => !Array.isArray(fields) || fields.includes(field),
    );
    const weightedScoreValues = criteria.map(([field = "", direction]) => ({
      sort: { asc: direction === "asc", value: document[field] ?? null },
    }));
    return { ...Object.fromEntries(shown), _federation: { weightedScoreValues } };
  });
  return JSON.stringify({ results, offset, limit, total: matching.length });
}

function compareDocuments(a: Fields, b: Fields, criteria: readonly string[][]): number {
  for (const [field = "", direction] of criteria) {
    const order = compareFields(a[field] ?? null, b[field] ?? null, direction === "asc");
    if (order !== 0) return order;
  }
  return 0;
}

function compareFields(a: Fields[string], b: Fields[string], asc: boolean): number {
  const rank = (value: Fields[string]): number =>
    typeof value === "number" ? 0 : typeof value === "string" ? 1 : 2;
  if (rank(a ?? null) !== rank(b ?? null)) return rank(a ?? null) - rank(b ?? null);
  if (a === b || a === null || b === null || a === undefined || b === undefined) return 0;
  return a < b === asc ? -1 : 1;
}
