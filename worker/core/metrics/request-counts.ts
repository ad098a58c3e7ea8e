/** Requests counted by method, route and status, and how long they took: what isolates add up. */

/** Upper bounds in seconds of the histogram's buckets: those of Meilisearch. */
export const BUCKETS = [
  0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10,
] as const;

export const ENDLESS = "+Inf";

export type CountName = "requests" | "bucket" | "seconds" | "timed";

export interface Count {
  readonly name: CountName;
  readonly method: string;
  readonly path: string;
  /** A status, or the bound of a bucket; empty for the others. */
  readonly label: string;
  readonly value: number;
}

export interface CountedRequest {
  readonly method: string;
  /** The route's pattern. */
  readonly path: string;
  readonly status: number;
  readonly seconds: number;
}

/** Counts that have not been handed over yet. */
export class RequestCounts {
  #counts = new Map<string, Count>();

  add({ method, path, status, seconds }: CountedRequest): void {
    const route = { method, path: routeLabel(path) };
    this.#count({ ...route, name: "requests", label: `${status}`, value: 1 });
    for (const bound of BUCKETS) {
      if (seconds <= bound) this.#count({ ...route, name: "bucket", label: `${bound}`, value: 1 });
    }
    this.#count({ ...route, name: "bucket", label: ENDLESS, value: 1 });
    this.#count({ ...route, name: "seconds", label: "", value: seconds });
    this.#count({ ...route, name: "timed", label: "", value: 1 });
  }

  /** All counts, which are then counted no more. */
  take(): readonly Count[] {
    const taken = [...this.#counts.values()];
    this.#counts = new Map();
    return taken;
  }

  /** Takes back counts that could not be handed over. */
  giveBack(counts: readonly Count[]): void {
    for (const count of counts) this.#count(count);
  }

  #count(count: Count): void {
    const key = JSON.stringify([count.name, count.method, count.path, count.label]);
    const value = (this.#counts.get(key)?.value ?? 0) + count.value;
    this.#counts.set(key, { ...count, value });
  }
}

/** Names of path parameters as Meilisearch's metrics write them. */
const PARAMETERS: Readonly<Record<string, string>> = {
  indexUid: "index_uid",
  documentId: "document_id",
  taskUid: "task_id",
  batchUid: "batch_id",
  workspace: "workspace_uid",
  ruleUid: "uid",
};

function routeLabel(path: string): string {
  return path.replaceAll(/:(\w+)/g, (_, name: string) => `{${PARAMETERS[name] ?? name}}`);
}
