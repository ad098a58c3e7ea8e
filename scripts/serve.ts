/** `npm run serve`: the built Worker without `wrangler dev` and without an account. */
import { runCommand } from "./command.ts";
import { buildWorker, startHost } from "./miniflare-host.ts";

await runCommand("npm run serve", async ({ options, state, variables, signal }) => {
  await buildWorker(state.build, signal);
  const host = await startHost({
    port: options.port,
    storage: state.storage,
    build: state.build,
    variables,
  });
  return { process: undefined, stop: host.stop };
});
