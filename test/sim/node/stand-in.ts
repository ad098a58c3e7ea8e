/**
 * A Meilisearch node in memory: what Miroir asks of nodes, with a real task queue. What it does with
 * a request depends only on its state; trouble of every kind is put in from outside.
 */
import { NodeIndex, Refused, type Document } from "./documents.ts";
import { documentsPage, federatedAnswer, plainAnswer } from "./answers.ts";
import { errorOf, taskText, type NodeTask } from "./tasks.ts";

export interface NodeRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly body: string;
}

export interface NodeAnswer {
  readonly status: number;
  readonly text: string;
}

const ok = (value: unknown, status = 200): NodeAnswer => ({
  status,
  text: typeof value === "string" ? value : JSON.stringify(value),
});

export function refusal(error: Refused): NodeAnswer {
  return { status: error.status, text: JSON.stringify(errorOf(error)) };
}

interface Route {
  readonly uid: string;
  readonly rest: string;
  readonly params: URLSearchParams;
  readonly request: NodeRequest;
}

const ROUTE = /^\/indexes\/([^/?]+)(\/[^?]*)?$/;

/** What a disk holds at some moment. */
export interface Backup {
  readonly indexes: readonly NodeIndex[];
  readonly tasks: readonly NodeTask[];
}

export class StandIn {
  readonly name: string;
  readonly indexes = new Map<string, NodeIndex>();
  readonly tasks: NodeTask[] = [];
  /** Nothing can be written. */
  isFull = false;
  readonly #now: () => number;
  /** A task was put into the queue. */
  readonly #onTask: () => void;

  constructor(name: string, now: () => number, onTask: () => void) {
    this.name = name;
    this.#now = now;
    this.#onTask = onTask;
  }

  handle(request: NodeRequest): NodeAnswer {
    try {
      return this.#route(request);
    } catch (error) {
      if (error instanceof Refused) return refusal(error);
      throw error;
    }
  }

  backup(): Backup {
    return {
      indexes: [...this.indexes.values()].map((index) => index.copy()),
      tasks: this.tasks.map((task) => ({ ...task })),
    };
  }

  /** From now on the disk holds this and nothing else. */
  restore({ indexes, tasks }: Backup): void {
    this.indexes.clear();
    for (const index of indexes) this.indexes.set(index.uid, index.copy());
    this.tasks.splice(0, this.tasks.length, ...tasks.map((task) => ({ ...task })));
  }

  /** The task whose turn it is. */
  next(): NodeTask | undefined {
    return this.tasks.find(({ status }) => status === "enqueued" || status === "processing");
  }

  /** Carries a task out. */
  carryOut(task: NodeTask): void {
    try {
      if (this.isFull && task.type !== "indexDeletion") {
        throw new Refused("no_space_left_on_device", "no space left on device");
      }
      task.details = task.apply();
      task.status = "succeeded";
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      task.status = "failed";
      task.error = errorOf(error);
    }
  }

  #route(request: NodeRequest): NodeAnswer {
    const { method, url } = request;
    const [path = "", query] = url.split("?");
    const params = new URLSearchParams(query);
    const [, uid, rest = ""] = ROUTE.exec(path) ?? [];
    if (uid !== undefined) {
      return this.#indexRoute({ uid: decodeURIComponent(uid), rest, params, request });
    }
    const [, task] = /^\/tasks\/(\d+)$/.exec(path) ?? [];
    if (task !== undefined) return this.#task(Number(task));
    switch (`${method} ${path}`) {
      case "GET /health":
        return ok({ status: "available" });
      case "GET /version":
        return ok({ pkgVersion: "1.50.0" });
      case "PATCH /experimental-features":
        return ok({});
      case "GET /tasks":
        return this.#list(params);
      case "POST /multi-search":
        return this.#multiSearch(request);
      case "GET /indexes":
        return ok({ results: [...this.indexes.keys()].map((name) => ({ uid: name })) });
      case "POST /indexes":
        return this.#create(request);
      default:
        return ok("", 404);
    }
  }

  #indexRoute(route: Route): NodeAnswer {
    const { uid, rest, request } = route;
    const text = (): Record<string, unknown> => JSON.parse(request.body) as Record<string, unknown>;
    switch (`${request.method} ${rest}`) {
      case "PATCH ":
        return this.#setPrimaryKey(uid, text());
      case "DELETE ":
        return this.#enqueue(uid, "indexDeletion", null, () => this.#dropIndex(uid));
      case "PATCH /settings":
        return this.#changeSettings(uid, text());
      case "GET ":
        return ok({ uid, primaryKey: this.#index(uid).primaryKey });
      case "GET /stats":
        return ok({ numberOfDocuments: this.#index(uid).documents.size, isIndexing: false });
      case "POST /search":
        return ok(plainAnswer(this.#index(uid), text()));
      case "POST /documents/fetch":
        return ok(documentsPage(this.#index(uid), text()));
      case "POST /compact":
        return this.#enqueue(uid, "indexCompaction", null, () => ({}));
      default:
        return rest.startsWith("/documents") ? this.#documentRoute(route) : ok("", 404);
    }
  }

  #documentRoute({ uid, rest, params, request }: Route): NodeAnswer {
    const metadata = params.get("customMetadata");
    const ownFilter = rest === "/documents/delete" ? request.body : null;
    const change = (type: string, apply: () => Record<string, unknown>): NodeAnswer =>
      this.#enqueue(uid, type, metadata, apply, ownFilter);
    const { method, body } = request;
    if (rest === "/documents" && (method === "POST" || method === "PUT")) {
      return change("documentAdditionOrUpdate", () =>
        this.#add(uid, params, body, method === "PUT"),
      );
    }
    switch (`${method} ${rest}`) {
      case "POST /documents/delete-batch":
        return change("documentDeletion", () => {
          const ids = (JSON.parse(body) as unknown[]).map(String);
          return { deletedDocuments: this.#index(uid).remove(ids) };
        });
      case "POST /documents/delete":
        return change("documentDeletion", () => {
          const index = this.#index(uid);
          const { filter } = JSON.parse(body) as { filter: unknown };
          const found = index.matching(filter, "invalid_document_filter");
          return { deletedDocuments: index.remove(found.map((one) => index.idOf(one))) };
        });
      case "DELETE /documents":
        return change("documentDeletion", () => {
          const { documents } = this.#index(uid);
          const deletedDocuments = documents.size;
          documents.clear();
          return { deletedDocuments };
        });
      case "POST /documents/edit":
        return change("documentEdition", () => this.#edit(uid, body));
      default:
        return this.#one(uid, rest.slice("/documents/".length));
    }
  }

  #one(uid: string, id: string): NodeAnswer {
    const document = this.#index(uid).documents.get(decodeURIComponent(id));
    if (document === undefined) throw new Refused("document_not_found", "no document", 404);
    return ok(document);
  }

  #add(
    uid: string,
    params: URLSearchParams,
    body: string,
    isUpdate: boolean,
  ): Record<string, unknown> {
    const lines = body.split("\n").filter((line) => line !== "");
    const documents = (
      body.startsWith("[") ? JSON.parse(body) : lines.map((line): unknown => JSON.parse(line))
    ) as Document[];
    const primaryKey = params.get("primaryKey");
    const index = this.indexes.get(uid) ?? new NodeIndex(uid, primaryKey);
    index.primaryKey ??= primaryKey;
    index.add(documents, isUpdate, params.get("skipCreation") === "true");
    this.indexes.set(uid, index);
    return { indexedDocuments: documents.length };
  }

  /** `doc.n = doc.n + K` is the one function that this node can run, and its picky form. */
  #edit(uid: string, body: string): Record<string, unknown> {
    const index = this.#index(uid);
    const edit = JSON.parse(body) as { function: string; filter: unknown };
    const [, step] = /doc\.n = doc\.n \+ (\d+)/.exec(edit.function) ?? [];
    const [, picky] = /doc\.n % (\d+) == 0/.exec(edit.function) ?? [];
    const found = index.matching(edit.filter, "invalid_document_filter");
    if (picky !== undefined && found.some((one) => Number(one["n"]) % Number(picky) === 0)) {
      throw new Refused("edit_documents_by_function_error", "no");
    }
    for (const document of found) {
      index.documents.set(index.idOf(document), {
        ...document,
        n: Number(document["n"]) + Number(step),
      });
    }
    return { editedDocuments: found.length };
  }

  #create({ body }: NodeRequest): NodeAnswer {
    const { uid, primaryKey } = JSON.parse(body) as { uid: string; primaryKey: string | null };
    return this.#enqueue(uid, "indexCreation", null, () => {
      if (this.indexes.has(uid)) throw new Refused("index_already_exists", "it is there");
      this.indexes.set(uid, new NodeIndex(uid, primaryKey));
      return {};
    });
  }

  #dropIndex(uid: string): Record<string, unknown> {
    const index = this.#index(uid);
    this.indexes.delete(uid);
    return { deletedDocuments: index.documents.size };
  }

  #setPrimaryKey(uid: string, { primaryKey }: Record<string, unknown>): NodeAnswer {
    return this.#enqueue(uid, "indexUpdate", null, () => {
      this.#index(uid).primaryKey = String(primaryKey);
      return {};
    });
  }

  #changeSettings(uid: string, settings: Record<string, unknown>): NodeAnswer {
    return this.#enqueue(uid, "settingsUpdate", null, () => {
      const index = this.indexes.get(uid) ?? new NodeIndex(uid, null);
      for (const [name, value] of Object.entries(settings)) index.settings.set(name, value);
      this.indexes.set(uid, index);
      return {};
    });
  }

  #index(uid: string): NodeIndex {
    const index = this.indexes.get(uid);
    if (index === undefined) {
      throw new Refused("index_not_found", `Index \`${uid}\` not found.`, 404);
    }
    return index;
  }

  #enqueue(
    indexUid: string,
    type: string,
    customMetadata: string | null,
    apply: () => Record<string, unknown>,
    filter: string | null = null,
  ): NodeAnswer {
    const uid = this.tasks.length;
    const status = "enqueued";
    const enqueuedAt = new Date(this.#now() * 1000).toISOString();
    this.tasks.push({
      uid,
      indexUid,
      type,
      customMetadata,
      enqueuedAt,
      filter,
      status,
      details: {},
      error: null,
      apply,
    });
    this.#onTask();
    return ok({ taskUid: uid, indexUid, status, type, enqueuedAt }, 202);
  }

  #task(uid: number): NodeAnswer {
    const task = this.tasks[uid];
    if (task === undefined) throw new Refused("task_not_found", `Task \`${uid}\` not found.`, 404);
    return ok(taskText(task));
  }

  #list(params: URLSearchParams): NodeAnswer {
    const uids = params.get("indexUids")?.split(",");
    const found = this.tasks
      .filter(({ indexUid }) => uids?.includes(indexUid) ?? true)
      .toReversed();
    return ok(
      `{"results":[${found
        .slice(0, Number(params.get("limit")))
        .map(taskText)
        .join(",")}]}`,
    );
  }

  #multiSearch({ body }: NodeRequest): NodeAnswer {
    const { federation, queries } = JSON.parse(body) as {
      federation: { limit?: number };
      queries: readonly Record<string, unknown>[];
    };
    const [query = {}] = queries;
    return ok(
      federatedAnswer(this.#index(String(query["indexUid"])), query, federation.limit ?? 20),
    );
  }
}
