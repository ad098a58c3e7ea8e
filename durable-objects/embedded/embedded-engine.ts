/**
 * A small Meilisearch-compatible node: a request in, an answer out. It serves what Miroir asks of
 * nodes, with Meilisearch's own answers, and nothing else. Pure but for the storage and the clock
 * that it is given, so it runs in a Durable Object, in tests and in benchmarks alike.
 */
import { isObject } from "../../worker/core/decode/json.ts";
import { parseJson } from "../../worker/core/decode/payload.ts";
import { ApiError, errorBody } from "../../worker/core/errors/api-error.ts";
import {
  addRoute,
  clearRoute,
  deleteBatchRoute,
  deleteByFilterRoute,
  deleteOneRoute,
  type DocumentRoutes,
  getRoute,
  listRoute,
} from "./api/documents.ts";
import { answer, type NodeAnswer, type NodeExchange } from "./api/exchange.ts";
import {
  changeSettings,
  compactIndex,
  createIndex,
  deleteIndex,
  getIndex,
  getSettings,
  indexStats,
  listIndexes,
  nodeStats,
  updateIndex,
} from "./api/indexes.ts";
import { multiSearch, QueryError } from "./api/multi-search.ts";
import { searchFacets, searchIndex } from "./api/search.ts";
import { getTask, listTasks } from "./api/tasks.ts";
import type { NodeIndex } from "./engine/node-index.ts";
import { FEATURE_FLAGS } from "../../worker/core/features/feature-flags.ts";
import { NodeState } from "./engine/node-state.ts";
import { Tasks } from "./engine/tasks.ts";
import type { NodeStorage } from "./storage/storage.ts";

export const EMBEDDED_VERSION = "1.50.0";

export interface NodeRequestText {
  readonly method: string;
  /** Path and query, encoded. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

interface Call {
  readonly routes: DocumentRoutes;
  readonly exchange: NodeExchange;
  /** The `{…}` segments of the route, in order. */
  readonly uid: string;
  readonly id: string;
  readonly index: () => NodeIndex;
}

type Handler = (call: Call) => NodeAnswer;

function changeFeatures({ routes, exchange }: Call): NodeAnswer {
  const body = parseJson(exchange.body);
  if (!isObject(body)) throw new ApiError("bad_request", "Invalid value type: expected an object");
  for (const name of body.keys()) {
    if (FEATURE_FLAGS.some((known) => known === name)) continue;
    throw new ApiError(
      "bad_request",
      `Unknown field \`${name}\`: expected one of ${FEATURE_FLAGS.map((known) => `\`${known}\``).join(", ")}`,
    );
  }
  const { state } = routes;
  state.changeFeatures(
    Object.fromEntries([...body].map(([name, value]) => [name, value === true])),
  );
  return answer(JSON.stringify(state.features));
}

const DOCUMENTS = "indexes/{uid}/documents";

const ROUTES: Readonly<Record<string, Handler>> = {
  "GET ": () => answer('{"status":"Meilisearch is running"}'),
  "GET health": () => answer('{"status":"available"}'),
  "GET version": () =>
    answer(
      JSON.stringify({ commitSha: "unknown", commitDate: "unknown", pkgVersion: EMBEDDED_VERSION }),
    ),
  "GET experimental-features": ({ routes }) => answer(JSON.stringify(routes.state.features)),
  "PATCH experimental-features": changeFeatures,
  "GET stats": ({ routes }) => nodeStats(routes),
  "GET indexes": ({ routes, exchange }) => listIndexes(routes, exchange),
  "POST indexes": ({ routes, exchange }) => createIndex(routes, exchange),
  "GET indexes/{uid}": ({ index }) => getIndex(index()),
  "PATCH indexes/{uid}": ({ routes, exchange, uid }) => updateIndex(routes, exchange, uid),
  "DELETE indexes/{uid}": ({ routes, uid }) => deleteIndex(routes, uid),
  "POST indexes/{uid}/compact": ({ routes, uid }) => compactIndex(routes, uid),
  "GET indexes/{uid}/stats": ({ index }) => indexStats(index()),
  "GET indexes/{uid}/settings": ({ index }) => getSettings(index()),
  "PATCH indexes/{uid}/settings": ({ routes, exchange, uid }) =>
    changeSettings(routes, exchange, uid),
  "DELETE indexes/{uid}/settings": ({ routes, exchange, uid }) =>
    changeSettings(routes, exchange, uid),
  "POST indexes/{uid}/search": ({ routes, exchange, index }) =>
    searchIndex(index(), exchange, routes.enabled),
  "POST indexes/{uid}/facet-search": ({ routes, exchange, index }) =>
    searchFacets(index(), exchange, routes.enabled),
  [`GET ${DOCUMENTS}`]: ({ routes, exchange, index }) =>
    listRoute(index(), exchange, routes.enabled),
  [`POST ${DOCUMENTS}`]: ({ routes, exchange, uid }) => addRoute(routes, exchange, uid),
  [`PUT ${DOCUMENTS}`]: ({ routes, exchange, uid }) => addRoute(routes, exchange, uid),
  [`DELETE ${DOCUMENTS}`]: ({ routes, exchange, uid }) => clearRoute(routes, exchange, uid),
  [`POST ${DOCUMENTS}/fetch`]: ({ routes, exchange, index }) =>
    listRoute(index(), exchange, routes.enabled),
  [`POST ${DOCUMENTS}/delete`]: ({ routes, exchange, uid }) =>
    deleteByFilterRoute(routes, exchange, uid),
  [`POST ${DOCUMENTS}/delete-batch`]: ({ routes, exchange, uid }) =>
    deleteBatchRoute(routes, exchange, uid),
  [`GET ${DOCUMENTS}/{id}`]: ({ exchange, index, id }) => getRoute(index(), exchange, id),
  [`DELETE ${DOCUMENTS}/{id}`]: ({ routes, exchange, uid, id }) =>
    deleteOneRoute(routes, exchange, uid, id),
  "GET tasks": ({ routes, exchange }) => listTasks(routes.state.storage, exchange),
  "GET tasks/{id}": ({ routes, id }) => getTask(routes.state.storage, id),
  "POST multi-search": ({ routes, exchange }) => multiSearch(routes.state, exchange),
};

/** Keys under which a path may be in the table, the literal one first. */
function patterns(path: readonly string[]): string[] {
  const [first, , third, ...rest] = path;
  if (first === "tasks" && path.length === 2) return ["tasks/{id}"];
  if (first !== "indexes" || path.length < 2) return [path.join("/")];
  const below = third === undefined ? [] : [third, ...rest];
  const literal = ["indexes/{uid}", ...below].join("/");
  return third === "documents" && rest.length === 1 ? [literal, `${DOCUMENTS}/{id}`] : [literal];
}

export class EmbeddedEngine {
  private readonly state: NodeState;
  private readonly tasks: Tasks;
  private readonly now: () => string;

  constructor(storage: NodeStorage, clock: () => Date) {
    this.now = () => clock().toISOString();
    this.state = new NodeState(storage);
    this.tasks = new Tasks(storage, this.now, () => this.state.reload());
  }

  handle(request: NodeRequestText): NodeAnswer {
    try {
      return this.route(request);
    } catch (error) {
      if (error instanceof QueryError) return error.answer();
      if (error instanceof ApiError) return answer(JSON.stringify(error.body()), error.status);
      const message = error instanceof Error ? error.message : String(error);
      return answer(JSON.stringify(errorBody("internal", message)), 500);
    }
  }

  private route({ method, url, headers = {}, body = "" }: NodeRequestText): NodeAnswer {
    const { pathname, searchParams } = new URL(url, "http://embedded");
    const path = pathname
      .split("/")
      .filter((part) => part !== "")
      .map(decodeURIComponent);
    const names = Object.entries(headers).map(
      ([name, value]) => [name.toLowerCase(), value] as const,
    );
    const exchange: NodeExchange = {
      method,
      path,
      params: searchParams,
      headers: new Map(names),
      body,
    };
    const handler = patterns(path)
      .map((pattern) => ROUTES[`${method} ${pattern}`])
      .find((found) => found !== undefined);
    if (handler === undefined) return answer("", 404);
    const uid = path[0] === "indexes" ? (path[1] ?? "") : "";
    const { state, tasks, now } = this;
    const enabled = { containsFilter: state.features["containsFilter"] === true };
    const routes: DocumentRoutes = { state, tasks, now, enabled };
    return handler({ routes, exchange, uid, id: path.at(-1) ?? "", index: () => state.get(uid) });
  }
}
