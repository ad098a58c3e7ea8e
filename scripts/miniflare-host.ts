/**
 * The built Worker on this machine without an account: workerd under miniflare's simulator, the one
 * place that touches miniflare. Durable Objects, D1, alarms and assets are kept in the storage folder,
 * in the layout of `wrangler dev`; Cron ticks; no development proxy is in the way of a request.
 *
 * What it is not: `unstable_getMiniflareWorkerOptions` may change with wrangler, so both are pinned;
 * one workerd process owns the databases, so it uses about one core.
 */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import {
  convertV4MiniflareOptions,
  Log,
  LogLevel,
  Miniflare,
  type V4ModuleDefinition,
  type V4WorkerOptions,
} from "miniflare";
import { unstable_getMiniflareWorkerOptions, unstable_splitSqlQuery } from "wrangler";
import { z } from "zod";

import { StartError } from "./state-folder.ts";
import {
  CONFIG_FILE,
  CRON,
  CRON_EVERY_MS,
  DATABASE,
  PROJECT,
  quietEnvironment,
  WORKER_NAME,
  WRANGLER_ENTRY,
} from "./wrangler.ts";

const ASSETS_WORKER = `${WORKER_NAME}-assets`;
const NO_WORKER = "export default { fetch: () => new Response(null, { status: 404 }) };";
/** What `run_worker_first` of wrangler.toml leaves to the assets, done in front of the Worker. */
const ASSET_ROUTER = `
  import worker from "./index.js";
  export * from "./index.js";
  export default {
    ...worker,
    fetch(request, env, context) {
      return new URL(request.url).pathname.startsWith("/_miroir/ui/")
        ? env.ASSETS.fetch(request)
        : worker.fetch(request, env, context);
    },
  };
`;

const MIGRATIONS = join(PROJECT, "migrations");

export interface HostRequest {
  readonly port: number;
  readonly storage: string;
  /** The folder `buildWorker` wrote to. */
  readonly build: string;
  readonly variables: Readonly<Record<string, string>>;
}

export interface Host {
  readonly url: string;
  /** Fire the Cron trigger now. */
  readonly tick: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Bundle the Worker as a deployment would, into `folder`. */
export async function buildWorker(folder: string, signal?: AbortSignal): Promise<void> {
  try {
    await promisify(execFile)(
      process.execPath,
      [WRANGLER_ENTRY, "deploy", "--dry-run", "--outdir", folder, "--config", CONFIG_FILE],
      {
        cwd: PROJECT,
        env: { ...process.env, ...quietEnvironment },
        ...(signal === undefined ? {} : { signal }),
      },
    );
  } catch (error) {
    const output = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
    throw new StartError(`the Worker does not build: ${output.trim() || String(error)}`);
  }
}

/** Run the built Worker; resolves when it answers on its port. */
export async function startHost(request: HostRequest): Promise<Host> {
  Object.assign(process.env, quietEnvironment);
  // First, because the Worker answers as soon as it runs.
  await migrateStorage(request.storage);
  const miniflare = withoutSignalHandlers(
    () =>
      new Miniflare({
        ...convertV4MiniflareOptions({ workers: workers(request) }),
        ...sharedOptions(request.storage),
      }),
  );
  await miniflare.ready;
  const url = await miniflare.unsafeGetDirectURL(WORKER_NAME);
  const worker = await miniflare.getWorker(WORKER_NAME);
  const tick = async (): Promise<void> => {
    await worker.scheduled({ cron: CRON, scheduledTime: new Date() });
  };
  const clock = setInterval(() => {
    tick().catch((error: unknown) => {
      process.stderr.write(`cron: ${String(error)}\n`);
    });
  }, CRON_EVERY_MS);
  return {
    url: url.origin,
    tick,
    stop: async () => {
      clearInterval(clock);
      await miniflare.dispose();
    },
  };
}

/** A small Worker of one file, on a socket of its own: what the bench compares with. */
export async function startScript(
  file: string,
  port: number,
  bindings: Readonly<Record<string, string>>,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const { compatibilityDate } = configured();
  const modules = [{ type: "ESModule" as const, path: file, contents: readFileSync(file, "utf8") }];
  const miniflare = withoutSignalHandlers(
    () =>
      new Miniflare({
        ...convertV4MiniflareOptions({
          workers: [
            {
              name: "script",
              modules,
              compatibilityDate,
              bindings: { ...bindings },
              unsafeDirectSockets: [{ host: "127.0.0.1", port }],
            },
          ],
        }),
        ...sharedOptions(undefined),
      }),
  );
  const url = await miniflare.unsafeGetDirectURL("script");
  return { url: url.origin, stop: () => miniflare.dispose() };
}

/**
 * Bring the D1 database of a storage folder up to date, without the Worker: for `wrangler dev`, whose
 * own command for it takes seconds.
 */
export async function migrateStorage(storage: string): Promise<void> {
  const { d1Databases } = configured();
  const modules = [{ type: "ESModule" as const, path: "none.js", contents: "export default {};" }];
  const miniflare = withoutSignalHandlers(
    () =>
      new Miniflare({
        ...convertV4MiniflareOptions({
          workers: [{ name: WORKER_NAME, modules, d1Databases }],
        }),
        ...sharedOptions(storage),
      }),
  );
  try {
    await migrate(miniflare);
  } finally {
    await miniflare.dispose();
  }
}

/** Miniflare ends the whole process at the first signal; ours has more to end than workerd. */
function withoutSignalHandlers<T>(make: () => T): T {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  const before = new Set(signals.flatMap((signal) => process.listeners(signal)));
  const made = make();
  for (const signal of signals) {
    for (const listener of process.listeners(signal)) {
      if (!before.has(listener)) process.off(signal, listener);
    }
  }
  return made;
}

const sharedOptions = (storage: string | undefined) => ({
  cf: false,
  log: new Log(LogLevel.WARN),
  logRequests: false,
  ...(storage === undefined ? {} : { resourcePersistencePath: storage }),
  telemetry: { enabled: false },
  enableDevRegistry: false,
});

/**
 * The Worker on a socket of its own, and its static assets as a second Worker behind the same
 * binding: miniflare's entry and asset router in front of every request would cost 0.5 ms each.
 */
function workers({ build, port, variables }: HostRequest): V4WorkerOptions[] {
  const { assets, bindings, serviceBindings, ...others } = configured();
  const modules = [
    { type: "ESModule" as const, path: join(build, "host.js"), contents: ASSET_ROUTER },
    ...builtModules(build),
  ];
  return [
    {
      ...others,
      name: WORKER_NAME,
      modules,
      modulesRoot: build,
      bindings: { ...bindings, ...variables },
      serviceBindings: { ...serviceBindings, ASSETS: ASSETS_WORKER },
      unsafeDirectSockets: [{ host: "127.0.0.1", port }],
    },
    {
      name: ASSETS_WORKER,
      modules: [{ type: "ESModule", path: "none.js", contents: NO_WORKER }],
      assets,
    },
  ];
}

/** What the bundler wrote: the Worker, and WebAssembly beside it. */
function builtModules(build: string): V4ModuleDefinition[] {
  const modules: V4ModuleDefinition[] = [];
  for (const name of readdirSync(build)) {
    const path = join(build, name);
    if (name.endsWith(".js")) {
      modules.push({ type: "ESModule", path, contents: readFileSync(path, "utf8") });
    } else if (name.endsWith(".wasm")) {
      modules.push({ type: "CompiledWasm", path, contents: readFileSync(path) });
    }
  }
  return modules;
}

/** The parts of wrangler.toml's options that are changed here; the others pass as they are. */
const wranglerOptions = z.looseObject({
  compatibilityDate: z.string(),
  assets: z.looseObject({ directory: z.string() }),
  bindings: z.record(z.string(), z.json()),
  d1Databases: z.record(z.string(), z.looseObject({ id: z.string() })),
  serviceBindings: z.record(z.string(), z.union([z.string(), z.looseObject({ name: z.string() })])),
});

const configured = () =>
  wranglerOptions.parse(unstable_getMiniflareWorkerOptions(CONFIG_FILE).workerOptions);

/** Apply the D1 migrations that are missing, with wrangler's own bookkeeping. */
async function migrate(miniflare: Miniflare): Promise<void> {
  const database = await miniflare.getD1Database(DATABASE, WORKER_NAME);
  await database
    .prepare(
      "CREATE TABLE IF NOT EXISTS d1_migrations(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)",
    )
    .run();
  const { results } = await database
    .prepare("SELECT name FROM d1_migrations")
    .all<{ name: string }>();
  const applied = new Set(results.map(({ name }) => name));
  const files = (await readdir(MIGRATIONS)).filter((name) => name.endsWith(".sql")).sort();
  for (const file of files.filter((name) => !applied.has(name))) {
    const sql = await readFile(join(MIGRATIONS, file), "utf8");
    await database.batch([
      ...unstable_splitSqlQuery(sql).map((statement) => database.prepare(statement)),
      database.prepare("INSERT INTO d1_migrations(name) VALUES(?)").bind(file),
    ]);
  }
}
