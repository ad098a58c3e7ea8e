/** Lets plain Node.js load the Durable Object classes: `cloudflare:workers` is the stand-in. */
import { registerHooks } from "node:module";

const STAND_IN = new URL("./cloudflare-workers.ts", import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "cloudflare:workers"
      ? { url: STAND_IN, shortCircuit: true }
      : next(specifier, context),
});
