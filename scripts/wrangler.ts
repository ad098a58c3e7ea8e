/** Wrangler as these scripts use it: by its own entry, quiet, and never calling home. */
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of `wrangler.toml`. */
export const PROJECT = dirname(dirname(fileURLToPath(import.meta.url)));
export const CONFIG_FILE = join(PROJECT, "wrangler.toml");
export const WORKER_NAME = "miroir";
export const DATABASE = "TASKS";
export const CRON = "* * * * *";
/** Cron is for minutes; local runtimes do not fire it, so we do. */
export const CRON_EVERY_MS = 60_000;

/** The program that `node_modules/.bin/wrangler` would find the right Node.js for. */
export const WRANGLER_ENTRY = join(
  dirname(createRequire(import.meta.url).resolve("wrangler/package.json")),
  "bin/wrangler.js",
);

/** Nothing here needs an account or the internet; `folder` takes what wrangler would put in `~`. */
export function wranglerEnvironment(folder: string): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...quietEnvironment,
    WRANGLER_REGISTRY_PATH: join(folder, "registry"),
  };
}

export const quietEnvironment = {
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  DO_NOT_TRACK: "1",
  NO_COLOR: "1",
  WRANGLER_HIDE_BANNER: "true",
  WRANGLER_NO_SKILLS_UPDATE_PROMPTS: "true",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_WRITE_LOGS: "false",
  X_LOCAL_EXPLORER: "false",
  X_LOCAL_OBSERVABILITY: "false",
} as const;
