/** `npm start`: Miroir under `wrangler dev`, which rebuilds when a source file changes. */
import { runCommand } from "./command.ts";
import { migrateStorage } from "./miniflare-host.ts";
import {
  CONFIG_FILE,
  CRON,
  CRON_EVERY_MS,
  PROJECT,
  WRANGLER_ENTRY,
  wranglerEnvironment,
} from "./wrangler.ts";

const NAME = "wrangler";
/** What wrangler says whatever its settings are, and what is not so here: metrics are off, Cron ticks. */
const NOISE =
  /^\s*$|collects anonymous telemetry|Scheduled Workers are not automatically|manually trigger a scheduled|\/local\/scheduled|test-cron-triggers-locally/;

await runCommand("npm start", async ({ options, state, variables, processes }) => {
  await migrateStorage(state.storage);
  processes.start({
    name: NAME,
    command: process.execPath,
    args: [
      WRANGLER_ENTRY,
      "dev",
      `--config=${CONFIG_FILE}`,
      "--ip=127.0.0.1",
      `--port=${options.port}`,
      // wrangler adds `v3` itself.
      `--persist-to=${state.path}`,
      "--log-level=warn",
      "--show-interactive-dev-session=false",
      ...Object.entries(variables).flatMap(([name, value]) => ["--var", `${name}:${value}`]),
    ],
    cwd: PROJECT,
    environment: wranglerEnvironment(state.path),
    onLine: (line) => {
      if (!NOISE.test(line)) process.stderr.write(`${line}\n`);
    },
  });
  const clock = setInterval(() => void tick(options.port), CRON_EVERY_MS);
  return {
    process: NAME,
    stop: async () => clearInterval(clock),
  };
});

/** `wrangler dev` has a route for Cron but no clock. */
async function tick(port: number): Promise<void> {
  const cron = encodeURIComponent(CRON);
  await fetch(`http://127.0.0.1:${port}/cdn-cgi/handler/scheduled?cron=${cron}`)
    .then((response) => response.arrayBuffer())
    .catch((error: unknown) => process.stderr.write(`cron: ${String(error)}\n`));
}
